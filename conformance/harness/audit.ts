/**
 * The leak audit: what the machine looked like before a test and what is new after it. Works inside the test run's own pid and
 * mount namespaces, so everything it sees belongs to the tests.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface Snapshot {
  readonly processes: ReadonlySet<string>;
  readonly mounts: ReadonlySet<string>;
  readonly cgroups: ReadonlySet<string>;
  readonly temporaryFiles: ReadonlySet<string>;
}

/** Folders that are the tests' own (private-namespaces.sh); the machine's shared /tmp would show what others do. */
const watchedDirectories = ['/run', '/dev/shm', ...(process.env.RUNT_TEST_PRIVATE_TMP === '1' ? ['/tmp'] : [])];

export function takeSnapshot(): Snapshot {
  return {
    processes: new Set(listProcesses().map((each) => each.pid)),
    mounts: new Set(listMounts()),
    cgroups: new Set(listCgroups('/sys/fs/cgroup')),
    temporaryFiles: new Set(watchedDirectories.flatMap(listEntries)),
  };
}

/** One line for everything that was not there before; processes get a moment to be reaped by pid 1 of the namespace. */
export function audit(before: Snapshot, stateRoot: string): string[] {
  const leftovers: string[] = [];
  for (const each of leftProcesses(before)) leftovers.push(`process ${each.pid}: ${each.name}`);
  for (const mount of listMounts()) if (!before.mounts.has(mount)) leftovers.push(`mount: ${mount}`);
  for (const cgroup of listCgroups('/sys/fs/cgroup'))
    if (!before.cgroups.has(cgroup)) leftovers.push(`cgroup: ${cgroup}`);
  for (const file of watchedDirectories.flatMap(listEntries)) {
    if (!before.temporaryFiles.has(file) && !file.startsWith('/tmp/node-')) leftovers.push(`file: ${file}`);
  }
  if (existsSync(stateRoot))
    for (const name of readdirSync(stateRoot)) if (!name.startsWith('.')) leftovers.push(`state: ${name}`);
  return leftovers;
}

function leftProcesses(before: Snapshot): { pid: string; name: string }[] {
  const deadline = Date.now() + 2000;
  for (;;) {
    const left = listProcesses().filter((each) => !before.processes.has(each.pid));
    if (left.length === 0 || Date.now() > deadline) return left;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}

function listProcesses(): { pid: string; name: string }[] {
  const found: { pid: string; name: string }[] = [];
  for (const pid of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
      const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
      // A zombie whose parent is the namespace's pid 1 (a shell or npx) is already dead and waits only to be collected.
      if (state === 'Z' && parent === '1') continue;
      const executable = state === 'Z' ? 'zombie' : readlinkSync(`/proc/${pid}/exe`);
      if (executable.endsWith('/esbuild') || executable.includes('node')) continue;
      found.push({ pid, name: `${stat.slice(stat.indexOf('('), stat.lastIndexOf(')') + 1)} ${executable}` });
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

function listMounts(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ').slice(3).join(' '));
}

function listCgroups(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [join(directory, entry.name), ...listCgroups(join(directory, entry.name))]);
}

function listEntries(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
}
