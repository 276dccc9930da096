// `npm run test:vm`: the tests that need cgroup v2 with all its controllers and all capabilities, which a build machine
// seldom has: run in a virtual machine of its own, on the scripts of conformance/vm. Needs dist/runt, and root the first
// time (for the image). Ends with `N passed, N failed, N skipped`; on failure the logs stay in dist/vm.
//
//   node scripts/test-vm.mjs [--all] [--runtime runt|runc|crun|PATH] [--minutes N] [--write] [NAME]...
//   --write puts the rows of engines that ran into conformance/RESULTS.md.
//   NAME: a script without its .sh; none: a selection, one script for each thing that only a machine of its own can show; --all: all
//   but those that need a program that Debian has not ("# needs: kubelet", "# needs: critest"), which is built with Go: asked for by name.

import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureCrictl, ensureCriPrograms } from './cri-programs.mjs';
import { writeEngineRows } from './engine-rows.mjs';
import { ensureKubelet } from './kubelet.mjs';
import { ensureTestImage, Refusal } from './test-image.mjs';
import { ensureVmImage } from './vm-image.mjs';
import { ensureQemu, runMachine } from './vm-machine.mjs';
import { vmResults } from './vm-results.mjs';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const SCRIPTS = join(PROJECT, 'conformance', 'vm');
const NOT_TESTS = ['common.sh', 'engine-common.sh', 'run-all.sh', 'selinux-policy.sh'];
const PEERS = ['runc', 'crun'];
/** One script for each thing that only a machine of its own can show, in a few minutes. */
const SELECTION = [
  ...['apparmor', 'cpu', 'events', 'memory', 'pids', 'privileges', 'rootless'],
  ...['systemd-rootless', 'systemd-scope', 'unified', 'update'],
];

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runtime: { type: 'string', default: process.env.RUNTIME || 'runt' },
      all: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const minutes = Number(values.minutes ?? (values.all ? '90' : '20'));
  if (!(minutes > 0)) throw new Refusal(`--minutes ${values.minutes} is not a number of minutes`);
  return { ...values, minutes, scripts: selectScripts(positionals, values.all) };
}

function selectScripts(names, isAll) {
  const all = readdirSync(SCRIPTS)
    .filter((name) => name.endsWith('.sh') && !NOT_TESTS.includes(name))
    .map((name) => name.slice(0, -'.sh'.length));
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Refusal(`no script "${unknown}"; there are: ${all.join(' ')}`);
  if (isAll) return all.filter((name) => neededBy(name).length === 0);
  return names.length === 0 ? SELECTION : names;
}

function readScript(name) {
  return readFileSync(join(SCRIPTS, `${name}.sh`), 'utf8');
}

/** What each "# needs: NAME" puts into the folder for the machine. */
const NEEDS = {
  kubelet: (folder) => copyFileSync(ensureKubelet(), join(folder, 'kubelet')),
  crictl: (folder) => copyFileSync(ensureCrictl(), join(folder, 'crictl')),
  critest: (folder) => copyCritest(join(folder, 'cri')),
};

/** The names behind a script's "# needs:". */
function neededBy(script) {
  return [...readScript(script).matchAll(/^# needs: (.*)$/gm)].map(([, name]) => name);
}

/** The suite, and what it takes from the test image: CNI's plugins, and a busybox that is linked dynamically. */
function copyCritest(folder) {
  const [programs, image] = [ensureCriPrograms(), ensureTestImage()];
  mkdirSync(join(folder, 'cni'), { recursive: true });
  for (const name of ['critest', 'critest.version']) copyFileSync(join(programs, name), join(folder, name));
  for (const name of ['bridge', 'host-local', 'loopback', 'portmap'])
    copyFileSync(join(image, 'usr', 'lib', 'cni', name), join(folder, 'cni', name));
  copyFileSync(join(image, 'opt', 'busybox', 'usr', 'bin', 'busybox'), join(folder, 'busybox'));
}

/** Puts scripts, the binary, and what to run into one folder for the machine. */
function gatherInputs(folder, runtime, scripts) {
  cpSync(SCRIPTS, folder, { recursive: true });
  for (const more of ['docs', 'conformance/engines'])
    cpSync(join(PROJECT, more), join(folder, basename(more)), { recursive: true });
  for (const need of new Set(scripts.flatMap(neededBy))) NEEDS[need](folder);
  const isPeer = PEERS.includes(runtime);
  const binary = runtime === 'runt' || isPeer ? join(PROJECT, 'dist', 'runt') : resolve(runtime);
  if (existsSync(binary)) {
    copyFileSync(binary, join(folder, 'runt'));
    chmodSync(join(folder, 'runt'), 0o755);
  } else if (!isPeer) throw new Refusal(`${binary} is not there: run npm run build`);
  const path = isPeer ? `/usr/bin/${runtime}` : '/usr/local/bin/runt';
  writeFileSync(join(folder, 'request'), `${path}\n${scripts.join('\n')}\n`);
}

/** Scripts that ask for arguments of the kernel's, in a line "# kernel: ARGUMENT...", get a machine of their own. */
function groupByKernel(scripts) {
  const groups = new Map();
  for (const script of scripts) {
    const kernel = /^# kernel: (.*)$/m.exec(readScript(script))?.[1] ?? '';
    groups.set(kernel, [...(groups.get(kernel) ?? []), script]);
  }
  return groups;
}

function readExpected() {
  return JSON.parse(readFileSync(join(SCRIPTS, 'expected.json'), 'utf8'));
}

async function main() {
  const { runtime, minutes, write, scripts } = readOptions();
  ensureQemu();
  const image = ensureVmImage();
  const folder = mkdtempSync(join(tmpdir(), 'runt-vm-'));
  const { counts, read, runs } = vmResults(readExpected(), PEERS.includes(runtime) ? runtime : 'runt');
  const onLine = (line) => {
    const shown = read(line);
    if (shown !== undefined) process.stdout.write(`${shown}\n`);
  };
  try {
    const started = Date.now();
    for (const [kernel, group] of groupByKernel(scripts)) {
      const [inputs, logs] = ['inputs', 'logs'].map((name) => join(folder, name));
      for (const each of [inputs, logs]) {
        rmSync(each, { recursive: true, force: true });
        mkdirSync(each);
      }
      gatherInputs(inputs, runtime, group);
      counts.ended = false;
      const failed = counts.failed;
      const seconds = Math.max(1, minutes * 60 - (Date.now() - started) / 1000);
      const end = await runMachine({ image, inputs, logs, kernel, seconds, onLine });
      if (!counts.ended) {
        counts.failed += 1;
        const why = { timeout: `no end after ${minutes} minutes`, stopped: 'stopped by a signal' }[end];
        process.stdout.write(`not ok ${why ?? 'the machine stopped early'}\n`);
      }
      if (counts.failed > failed) keepLogs(logs);
      if (end !== 'off') break;
    }
    process.stdout.write(`# ${Math.round((Date.now() - started) / 1000)} seconds in the machine\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const { engine, runtime, passed, listed, failed } of runs())
    process.stdout.write(`# ${engine} with ${runtime}: ${passed} passed, ${listed} listed, ${failed.length} failed\n`);
  if (write) writeEngineRows(runs());
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

function keepLogs(logs) {
  const kept = join(PROJECT, 'dist', 'vm');
  mkdirSync(kept, { recursive: true });
  for (const name of ['console.log', 'results.log']) {
    if (existsSync(join(logs, name))) copyFileSync(join(logs, name), join(kept, name));
  }
  process.stdout.write(`# logs: ${kept}\n`);
}

main().catch((error) => {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`test-vm: ${error.message}\n`);
  process.exitCode = 1;
});
