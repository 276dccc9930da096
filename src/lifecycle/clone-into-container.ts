/**
 * clone3 straight into the container's cgroup: the process is never outside of the container's limits. When the container's own
 * cgroup may not hold processes any more, the one of init inside it is taken, never one outside. [man clone3.2]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { readCgroupFacts } from '../cgroup/read-cgroup-facts.ts';
import { openExecCgroup } from '../cgroup/read-exec-cgroup.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { O_RDONLY, SIGCHLD } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ClonedChild } from './clone-child.ts';
import type { PreparedExec } from './prepare-exec.ts';

export function cloneIntoContainer(
  kernel: Kernel,
  { record, initPid, plan }: Pick<PreparedExec, 'record' | 'initPid' | 'plan'>,
  subPaths: readonly string[],
  life: () => never,
): ClonedChild {
  const identity = record.cgroup;
  if (identity === undefined) {
    if (subPaths.length === 0) return clone(kernel, undefined, plan.sharesMemory, life);
    throw new RuntimeError({ kind: 'usage', message: '--cgroup: the container has no cgroup of its own' });
  }
  const { root } = readCgroupFacts(kernel);
  if (root === undefined) throw new RuntimeError({ kind: 'kernel', message: 'no cgroup v2 tree is mounted' });
  const first = openExecCgroup(kernel, root, identity, { subPaths, initCgroup: undefined });
  const child = cloneInto(kernel, first, plan.sharesMemory, life);
  if (child !== undefined) return child;
  const initCgroup = readInitCgroup(kernel, initPid);
  const second = openExecCgroup(kernel, root, identity, { subPaths, initCgroup });
  const again = cloneInto(kernel, second, plan.sharesMemory, life);
  if (again !== undefined) return again;
  throw new RuntimeError({ kind: 'kernel', path: second.path, syscall: 'clone3', errno: 'EBUSY' });
}

/** undefined: EBUSY, a cgroup with controllers enabled for its children may hold no process. */
function cloneInto(
  kernel: Kernel,
  cgroup: Fd<'cgroup'>,
  sharesMemory: boolean,
  life: () => never,
): ClonedChild | undefined {
  const child = orErrno(['EBUSY', 'ENODEV', 'EAGAIN'], () => clone(kernel, cgroup, sharesMemory, life));
  if (!('errno' in child)) return child;
  if (child.errno === 'EBUSY') return undefined;
  if (child.errno === 'ENODEV') {
    throw new RuntimeError({ kind: 'state', message: 'container is stopping: its cgroup is gone' });
  }
  throw new RuntimeError({
    kind: 'kernel',
    path: `${cgroup.path}/pids.max`,
    syscall: 'clone3',
    errno: child.errno,
    message: 'one more process is not allowed',
    hint: "the container's limit /linux/resources/pids/limit, or one of a cgroup above it, is used up",
  });
}

/** Returns in the parent only. */
function clone(
  kernel: Kernel,
  cgroup: Fd<'cgroup'> | undefined,
  sharesMemory: boolean,
  life: () => never,
): ClonedChild {
  if (sharesMemory) return kernel.clone3Shared(0, SIGCHLD, cgroup, life);
  const child = kernel.clone3(0, SIGCHLD, cgroup);
  if (child.pidfd === undefined) life();
  return { pid: child.pid, pidfd: child.pidfd };
}

/** The "0::" line of /proc/PID/cgroup. */
function readInitCgroup(kernel: Kernel, pid: number): string {
  const file = kernel.openat2(cwdFd, `/proc/${pid}/cgroup`, O_RDONLY, 0, 0);
  const text = kernel.readAll(file, 65536);
  kernel.close(file);
  for (const line of text.split('\n')) if (line.startsWith('0::')) return line.slice(3);
  throw new RuntimeError({ kind: 'kernel', path: `/proc/${pid}/cgroup`, message: 'has no cgroup v2 line' });
}
