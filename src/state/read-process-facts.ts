/**
 * What /proc says about a process, so that a recorded one is recognised beyond its number. Nothing here signals anything:
 * who does opens a pidfd first and asks again after (kill-container.ts). [man proc_pid_stat.5, pid_namespaces.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd } from '../kernel/fd.ts';
import { O_RDONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { isAliveState, type ProcessStat, parseProcessStat } from './parse-process-stat.ts';
import type { ProcessIdentity } from './state-record.ts';

/** undefined: there is no such process. */
export function readProcessStat(kernel: Kernel, pid: number): ProcessStat | undefined {
  const file = kernel.openat2OrErrno(cwdFd, `/proc/${pid}/stat`, O_RDONLY, 0, 0);
  // ESRCH: it was reaped while the path was walked.
  if (file === 'ENOENT' || file === 'ESRCH') return undefined;
  if (typeof file === 'string') {
    throw new RuntimeError({ kind: 'kernel', path: `/proc/${pid}/stat`, syscall: 'openat2', errno: file });
  }
  try {
    return parseProcessStat(kernel.readAll(file, 4096));
  } catch (error) {
    // The process ended between open and read.
    if (error instanceof RuntimeError && error.fields.errno === 'ESRCH') return undefined;
    throw error;
  } finally {
    kernel.close(file);
  }
}

/** Identity of a process that is alive now (our own, or a child we hold). */
export function readProcessIdentity(kernel: Kernel, pid: number): ProcessIdentity {
  const stat = readProcessStat(kernel, pid);
  if (stat === undefined) {
    throw new RuntimeError({ kind: 'kernel', path: `/proc/${pid}/stat`, syscall: 'openat2', errno: 'ESRCH' });
  }
  return { pid, startTime: stat.startTime };
}

/** The recorded process is there and not a zombie. The boot id is compared by the caller. */
export function isSameProcessAlive(kernel: Kernel, identity: ProcessIdentity): boolean {
  const stat = readProcessStat(kernel, identity.pid);
  return stat !== undefined && stat.startTime === identity.startTime && isAliveState(stat.state);
}

/** Inode number of the pid namespace of a process; undefined: it ended, or we may not look. */
export function readPidNamespace(kernel: Kernel, pid: number): number | undefined {
  try {
    return parseNamespaceLink(kernel.readlinkat(cwdFd, `/proc/${pid}/ns/pid`));
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.kind === 'kernel') return undefined;
    throw error;
  }
}

/**
 * false: the number is another process's by now. Unreadable counts as true: it ended just now (whoever uses its pidfd will be
 * told), or it is another user's, whom the kernel protects from us. 0 was recorded where it could not be read at create.
 */
export function isInPidNamespace(kernel: Kernel, pid: number, recorded: number): boolean {
  if (recorded === 0) return true;
  const namespace = readPidNamespace(kernel, pid);
  return namespace === undefined || namespace === recorded;
}

/** "pid:[4026531836]" -> 4026531836. */
function parseNamespaceLink(link: string): number | undefined {
  const inode = Number(link.slice(link.indexOf('[') + 1, -1));
  return Number.isSafeInteger(inode) && inode > 0 ? inode : undefined;
}
