/**
 * What the kernel says about a container's cgroup. openCgroup is the only way to it after create: it compares the inode with
 * the one recorded then, so that kill, freeze and remove never touch a cgroup that merely has the same path (rule B16).
 * [man cgroups.7]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { AT_SYMLINK_NOFOLLOW, S_IFDIR, S_IFMT } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type CgroupEvents, parseEvents } from './cgroup-events.ts';
import type { CgroupIdentity } from './cgroup-identity.ts';
import { openDirectory, openParent, readFile, readFirstByte } from './open-in-cgroup.ts';

/** The container's cgroup, opened and checked against the recorded inode; undefined when it is gone or is not ours any more. */
export function openCgroup(kernel: Kernel, root: Fd<'cgroup'>, identity: CgroupIdentity): Fd<'cgroup'> | undefined {
  const opened = openDirectory(kernel, root, identity.path.slice(1));
  if (typeof opened === 'string') {
    if (opened === 'ENOENT' || opened === 'ENODEV') return undefined;
    throw unreadable(root, identity.path.slice(1), 'openat2', opened);
  }
  if (Number(kernel.fstat(opened).ino) === identity.inode) return opened;
  kernel.close(opened);
  return undefined;
}

/** All false when the cgroup was removed meanwhile. */
export function readCgroupEvents(kernel: Kernel, cgroup: Fd<'cgroup'>): CgroupEvents {
  return parseEvents(readText(kernel, cgroup, 'cgroup.events'));
}

/** Whether it was asked to freeze (cgroup.freeze is 1): one small read, for `state`. */
export function readCgroupFreeze(kernel: Kernel, cgroup: Fd<'cgroup'>): boolean {
  const digit = readFirstByte(kernel, cgroup, 'cgroup.freeze');
  if (digit === undefined || typeof digit === 'number') return digit === DIGIT_ONE;
  throw unreadable(cgroup, 'cgroup.freeze', 'openat2', digit);
}

const DIGIT_ONE = 0x31;

/**
 * Process ids of the cgroup and of all below it. A process that moves while this reads may be there twice or not at all. Without
 * recursion and with one descriptor at a time: how deep the tree is decides the container.
 */
export function readCgroupProcesses(kernel: Kernel, cgroup: Fd<'cgroup'>): readonly number[] {
  const pids: number[] = [];
  // For each level on the way down: the children that are still to be looked at.
  const left: string[][] = [];
  let dir = cgroup;
  const look = (): void => {
    addProcesses(kernel, dir, pids);
    left.push([...readChildren(kernel, dir)].reverse());
  };
  const move = (next: Fd<'cgroup'>): void => {
    if (dir !== cgroup) kernel.close(dir);
    dir = next;
  };
  try {
    look();
    for (let names = left.at(-1); names !== undefined; names = left.at(-1)) {
      const name = names.pop();
      if (name === undefined) {
        left.pop();
        if (left.length > 0) move(left.length === 1 ? cgroup : openParent(kernel, dir));
        continue;
      }
      const child = openDirectory(kernel, dir, name);
      if (typeof child === 'string') continue;
      move(child);
      look();
    }
  } finally {
    if (dir !== cgroup) kernel.close(dir);
  }
  return pids;
}

function addProcesses(kernel: Kernel, cgroup: Fd<'cgroup'>, pids: number[]): void {
  for (const line of readProcesses(kernel, cgroup).split('\n')) {
    // 0 is a process of a pid namespace that we do not see into.
    if (line !== '' && line !== '0') pids.push(Number(line));
  }
}

/** The cgroup of a thread has no list of processes (EOPNOTSUPP): its threads are then listed by their domain. */
function readProcesses(kernel: Kernel, cgroup: Fd<'cgroup'>): string {
  try {
    return readText(kernel, cgroup, 'cgroup.procs');
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.errno === 'EOPNOTSUPP') return '';
    throw error;
  }
}

/** Names of the sub-cgroups. None at all is the usual case, and told by the link count without reading the directory. */
export function readChildren(kernel: Kernel, cgroup: Fd<'cgroup'>): readonly string[] {
  if (kernel.fstat(cgroup).nlink === OWN_LINKS) return noNames;
  const listing = openDirectory(kernel, cgroup, '.');
  if (typeof listing === 'string') return noNames;
  try {
    const names = orErrno(['ENOENT', 'ENODEV'], () => kernel.readDirectory(listing));
    // Removed since it was opened.
    return 'errno' in names ? noNames : names.filter((name) => isDirectory(kernel, cgroup, name));
  } finally {
    kernel.close(listing);
  }
}

/** "." and the entry in the parent. */
const OWN_LINKS = 2;
const noNames: readonly string[] = [];

/** By its type, never by its name: a container may call a sub-cgroup "cpu.mine" to hide it among the kernel's files. */
function isDirectory(kernel: Kernel, cgroup: Fd<'cgroup'>, name: string): boolean {
  if (name === '.' || name === '..') return false;
  const stat = kernel.statxOrErrno(cgroup, name, AT_SYMLINK_NOFOLLOW);
  return typeof stat !== 'string' && (stat.mode & S_IFMT) === S_IFDIR;
}

/** "" when the cgroup was removed meanwhile. */
function readText(kernel: Kernel, cgroup: Fd<'cgroup'>, name: string): string {
  try {
    const result = readFile(kernel, cgroup, name);
    if (typeof result !== 'string') return result.text;
    if (result === 'ENOENT' || result === 'ENODEV') return '';
    throw unreadable(cgroup, name, 'openat2', result);
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.errno === 'ENODEV') return '';
    throw error;
  }
}

function unreadable(dir: Fd<'cgroup'>, name: string, syscall: string, errno: string): RuntimeError {
  return new RuntimeError({
    kind: 'kernel',
    operation: "look into the container's cgroup",
    path: `${dir.path}/${name}`,
    syscall,
    errno,
  });
}
