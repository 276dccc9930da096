/** A process that sits in new namespaces of all kinds, for containers to join; with a user namespace that owns them, or without. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';

/** Kind -> file under /proc/PID/ns. */
export const namespaceFiles = {
  pid: 'pid',
  network: 'net',
  ipc: 'ipc',
  uts: 'uts',
  mount: 'mnt',
  cgroup: 'cgroup',
  user: 'user',
  time: 'time',
} as const;
export type NamespaceKind = keyof typeof namespaceFiles;
export const namespaceKinds = Object.keys(namespaceFiles) as readonly NamespaceKind[];

export interface NamespaceHolder {
  readonly pid: number;
  readonly path: (kind: NamespaceKind) => string;
  readonly link: (kind: NamespaceKind) => string;
  readonly end: () => Promise<unknown>;
}

export const hostLink = (kind: NamespaceKind): string => readlinkSync(`/proc/self/ns/${namespaceFiles[kind]}`);

/** The first id outside of the user namespace's root. */
export const mappedRoot = 100_000;

/** `script` is run inside by a shell before it waits. */
export async function holdNamespaces(withUser: boolean, script = ''): Promise<NamespaceHolder> {
  const flags = ['--pid', '--net', '--ipc', '--uts', '--mount', '--cgroup', '--time', '--fork', '--kill-child'];
  const command = ['/bin/busybox', 'sh', '-c', `${script}\nexec /bin/busybox sleep 1000`];
  const time = ['--boottime', '1000000'];
  const args = [...(withUser ? ['--user'] : []), ...flags, ...time, ...command];
  const outer = spawn('unshare', args, { stdio: 'ignore' });
  if (withUser) await until(() => mapIds(outer.pid ?? 0));
  const pid = await until(() => sleeperOf(outer.pid ?? 0));
  const path = (kind: NamespaceKind): string => `/proc/${pid}/ns/${namespaceFiles[kind]}`;
  return { pid, path, link: (kind) => readlinkSync(path(kind)), end: () => end(outer) };
}

/** undefined: it is not in its user namespace yet. */
function mapIds(pid: number): true | undefined {
  if (readlinkSync(`/proc/${pid}/ns/user`) === hostLink('user')) return undefined;
  for (const file of ['uid_map', 'gid_map']) writeFileSync(`/proc/${pid}/${file}`, `0 ${mappedRoot} 65536\n`);
  return true;
}

function sleeperOf(pid: number): number | undefined {
  const child = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  if (child === '') return undefined;
  return readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('sleep\0') ? Number(child) : undefined;
}

async function until<T>(look: () => T | undefined): Promise<T> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the holder of namespaces did not start');
}

function end(child: ChildProcess): Promise<unknown> {
  const exited = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGKILL');
  return exited;
}
