// One run of the virtual machine: boots a disk image in QEMU, hands it a folder of inputs on a second disk, and gives
// back line by line what it says on its second serial port. The image itself is never changed (snapshot), and nothing
// is left: QEMU dies with this process, its files are in a folder that is removed unless the run is to be looked at.
// Software emulation, so that it runs on any machine.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aptCommand, aptInstall } from './apt.mjs';
import { Refusal } from './test-image.mjs';

const QEMU = 'qemu-system-x86_64';
const PACKAGE = 'qemu-system-x86';
const MEMORY = '2G';
const CPUS = '2';
const POLL_MS = 250;
/**
 * QEMU's emulation of two processors now and then lets one execute an instruction that the other is just patching (int3 in
 * the kernel's start), which is a panic: seen once in some sixty boots, before anything of ours ran.
 */
const BOOTS = 3;
const COMMAND_LINE = 'root=/dev/vda rw console=ttyS0 quiet panic=-1 mitigations=off systemd.unit=runt-tests.service';

/** Installs QEMU if it is missing; without root says how. */
export function ensureQemu() {
  if (spawnSync(QEMU, ['--version']).status === 0) return;
  if (process.getuid() !== 0) throw new Refusal(`${QEMU} is missing; as root: ${aptCommand([PACKAGE])}`);
  if (!aptInstall([PACKAGE], (text) => process.stderr.write(`virtual machine: ${text}\n`)))
    throw new Refusal(`apt-get could not install ${PACKAGE}`);
}

/**
 * Boots and waits for the end. image: as of ensureVmImage; inputs: a folder, unpacked by the machine; logs: a folder for
 * console.log and results.log; kernel: more arguments for it. onLine gets each line of the results as it comes. Resolves to 'off', 'timeout' or 'stopped'.
 */
export async function runMachine(options) {
  for (let left = BOOTS; ; left -= 1) {
    const end = await runOnce(options);
    const saidNothing = statSync(join(options.logs, 'results.log')).size === 0;
    if (end !== 'off' || !saidNothing || left === 1) return end;
    const words = readFileSync(join(options.logs, 'console.log'), 'latin1');
    const panic = /Kernel panic.*/.exec(words)?.[0].trim() ?? 'no panic of its kernel either';
    process.stderr.write(`virtual machine: it ended before it began with the tests (${panic}): once more\n`);
  }
}

async function runOnce({ image, inputs, logs, kernel = '', seconds, onLine }) {
  const disk = join(logs, 'inputs.tar');
  const results = join(logs, 'results.log');
  execFileSync('tar', ['--owner=0', '--group=0', '-C', inputs, '-cf', disk, '.']);
  writeFileSync(results, '');
  // --pdeathsig: not even a SIGKILL of this process leaves a machine behind.
  const command = ['--pdeathsig', 'KILL', '--', QEMU, ...machineOptions(image, disk, { logs, results, kernel })];
  const child = spawn('setpriv', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (data) => {
    complaints += data;
  });
  const feed = lineFeed(results, onLine);
  const poll = setInterval(feed, POLL_MS);
  let end = 'off';
  const timer = setTimeout(() => {
    end = 'timeout';
    child.kill('SIGKILL');
  }, seconds * 1000);
  const stop = () => {
    end = 'stopped';
    child.kill('SIGKILL');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  const status = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  clearTimeout(timer);
  clearInterval(poll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(signal, stop);
  feed();
  if (end === 'off' && status !== 0) throw new Error(`${QEMU} ended with ${status}: ${complaints.trim()}`);
  return end;
}

function machineOptions(image, inputs, { logs, results, kernel }) {
  const drive = (file, more) => ['-drive', `file=${file},format=raw,if=virtio,cache=unsafe,${more}`];
  return [
    // Not the host's virtualisation: few build machines have it, and a run has to be the same everywhere.
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', CPUS, '-m', MEMORY],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-kernel', image.kernel, '-initrd', image.initrd],
    ...['-append', `${COMMAND_LINE} ${kernel}`],
    ...drive(image.disk, 'snapshot=on'),
    ...drive(inputs, 'readonly=on'),
    ...['-serial', `file:${join(logs, 'console.log')}`, '-serial', `file:${results}`],
  ];
}

/** A function that reads what has come since, and hands on the whole lines. */
function lineFeed(path, onLine) {
  let offset = 0;
  let rest = '';
  return () => {
    if (!existsSync(path)) return;
    const fd = openSync(path, 'r');
    const buffer = Buffer.alloc(65536);
    for (let count = readSync(fd, buffer, 0, buffer.length, offset); count > 0; ) {
      offset += count;
      const lines = (rest + buffer.toString('utf8', 0, count)).split('\n');
      rest = lines.pop();
      for (const line of lines) onLine(line);
      count = readSync(fd, buffer, 0, buffer.length, offset);
    }
    closeSync(fd);
  };
}
