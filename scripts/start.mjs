/**
 * npm start: sets up, builds, and runs a container. Without arguments it makes a small bundle (the distribution's static
 * busybox) in a temporary directory: a shell on a terminal, else a short program that shows what a container sees of itself.
 * `npm start -- run -b DIR ID` (or any other command of runt) is passed on. Leaves nothing behind.
 */
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const runt = join(root, 'dist/runt');
const prefix = 'runt-start-';

/** What is run when nobody can type: every line of its output is seen from inside. */
const tour = `#!/bin/sh
echo "--- host name";         hostname
echo "--- user";              id
echo "--- processes";         ps -o pid,ppid,args
echo "--- cgroup";            cat /proc/self/cgroup
echo "--- mounts";            cut -d' ' -f5,6,9- /proc/self/mountinfo
echo "--- network";           ip -brief address 2>/dev/null || cat /proc/net/dev
echo "--- limits";            ulimit -a
echo "--- capabilities";      grep Cap /proc/self/status
echo "--- root is read-only"; touch /x 2>&1 || true
`;

class StartError extends Error {}

try {
  await setup();
  await build();
  process.exitCode = process.argv.length > 2 ? passOn(process.argv.slice(2)) : runExample();
} catch (error) {
  // The steps' own errors are one line for the user; anything else is a fault of these scripts.
  if (!/^(Start|Setup|Build)Error$/.test(error?.constructor?.name ?? '')) throw error;
  console.error(`npm start: ${error.message}`);
  process.exitCode = 1;
}

function passOn(args) {
  return statusOf(spawnSync(runt, args, { stdio: 'inherit' }));
}

function statusOf(result) {
  if (result.error) throw new StartError(`${runt}: ${result.error.message}`);
  return result.status ?? 1;
}

function runExample() {
  if (process.getuid() !== 0)
    throw new StartError('dist/runt is built; running a container needs root for now: sudo npm start');
  const directory = mkdtempSync(join(tmpdir(), prefix));
  // With a handler, and while spawnSync waits, these signals end the container and not this script: the clean-up still runs.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => {});
  try {
    return runBundle(directory);
  } finally {
    removeDirectory(directory);
  }
}

function runBundle(directory) {
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const bundle = join(directory, 'bundle');
  makeBundle(bundle, isTerminal);
  const id = `start-${process.pid}`;
  const cgroup = cgroupArguments();
  const args = ['--root', join(directory, 'state'), ...cgroup.args, 'run', '--bundle', bundle, id];
  console.log(`npm start: made a bundle in ${bundle} from ${findBusybox()}`);
  console.log(`npm start: ${cgroup.note}`);
  console.log(`npm start: dist/runt ${args.join(' ')}`);
  if (isTerminal) console.log('npm start: this is a shell in the container; leave it with exit');
  const status = statusOf(spawnSync(runt, args, { stdio: 'inherit' }));
  console.log(`npm start: the container ended with status ${status}; its bundle and state are removed`);
  return status;
}

/** What the example does about cgroups on this host, and the sentence that says so. */
function cgroupArguments() {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  // What was mounted last on a place covers the others.
  const isWritableTree = (place) => {
    const top = mounts.findLast((fields) => fields[4] === place);
    return top?.[top.indexOf('-') + 1] === 'cgroup2' && top[5].split(',').includes('rw');
  };
  const mountPoint = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find(isWritableTree);
  if (mountPoint === undefined) {
    const note = 'this host has no writable cgroup v2 tree: running without a cgroup';
    return { args: ['--cgroup-manager=disabled'], note };
  }
  if (mountPoint === '/sys/fs/cgroup') return { args: [], note: 'this host has cgroup v2' };
  return { args: [], note: `this host has hybrid cgroups: using its v2 tree, ${mountPoint}` };
}

function makeBundle(bundle, isTerminal) {
  const rootfs = join(bundle, 'rootfs');
  for (const name of ['bin', 'proc', 'sys', 'dev', 'etc', 'tmp', 'root']) {
    mkdirSync(join(rootfs, name), { recursive: true });
  }
  const busybox = join(rootfs, 'bin/busybox');
  copyFileSync(findBusybox(), busybox);
  chmodSync(busybox, 0o755);
  for (const applet of applets(busybox)) symlinkSync('busybox', join(rootfs, 'bin', applet));
  writeFileSync(join(rootfs, 'tour'), tour, { mode: 0o755 });
  writeFileSync(join(rootfs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(rootfs, 'etc/group'), 'root:x:0:\ntty:x:5:\n');
  const spec = spawnSync(runt, ['spec', '--bundle', bundle], { encoding: 'utf8' });
  if (statusOf(spec) !== 0) throw new StartError(`runt spec: ${spec.stderr.trim()}`);
  const path = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8'));
  config.hostname = 'runt';
  config.process.terminal = isTerminal;
  config.process.args = isTerminal ? ['sh'] : ['/tour'];
  config.process.env = ['PATH=/bin', 'HOME=/root', `TERM=${process.env.TERM ?? 'dumb'}`, 'PS1=runt:\\w# '];
  writeFileSync(path, JSON.stringify(config, null, 2));
}

function applets(busybox) {
  const list = spawnSync(busybox, ['--list'], { encoding: 'utf8' });
  if (list.status !== 0) throw new StartError(`${busybox} --list failed: ${list.error?.message ?? list.stderr}`);
  return list.stdout.split('\n').filter((name) => name !== '' && name !== 'busybox' && name === basename(name));
}

/** A busybox that needs no libraries: it is alone in its root. */
function findBusybox() {
  const directories = ['/bin', '/usr/bin', ...(process.env.PATH ?? '').split(':')];
  for (const directory of directories) {
    const path = join(directory, 'busybox');
    try {
      accessSync(path, constants.X_OK);
    } catch {
      continue;
    }
    if (!/\/lib(64)?\/ld-/.test(readFileSync(path, 'latin1'))) return path;
  }
  throw new StartError('no static busybox: apt-get install busybox-static');
}

/** Asserts what it is about to remove. Nothing is mounted there: the container's mounts were in its own namespace. */
function removeDirectory(directory) {
  if (!directory.startsWith(join(tmpdir(), prefix))) throw new StartError(`refusing to remove ${directory}`);
  rmSync(directory, { recursive: true, force: true });
}
