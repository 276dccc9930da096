/**
 * clone3 straight into the container's cgroup: the process is never outside of the container's limits. When the container's own
 * cgroup may not hold processes any more, the one of init inside it is taken, never one outside. An ordinary user who has no
 * power over the way there, because the shell is outside of their manager's tree, has a manager that has: then the process waits
 * outside until it has been moved, with nothing of its program run. [man clone3.2]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { attachToUnit } from '../cgroup/apply-systemd-attach.ts';
import { readCgroupFacts } from '../cgroup/read-cgroup-facts.ts';
import { openExecCgroup } from '../cgroup/read-exec-cgroup.ts';
import { readInitCgroup } from '../cgroup/read-process-cgroup.ts';
import type { Fd } from '../kernel/fd.ts';
import { CLONE_PARENT, CLONE_VFORK, P_PID, P_PIDFD, SIGCHLD, SIGKILL, WEXITED } from '../kernel/flags.ts';
import type { Child, Kernel } from '../kernel/kernel.ts';
import type { ExecPlan } from '../plan/container-plan.ts';
import { awaitEnd } from './await-end.ts';
import type { ClonedChild } from './clone-child.ts';
import { closeOthers, openAlone } from './close-others.ts';
import type { PreparedExec } from './prepare-exec.ts';

type ExecMemory = Pick<ExecPlan, 'sharesMemory' | 'standsStill' | 'isTraceable'>;
/** For a parent that has something to do before the program is executed. */
const awake: ExecMemory = { sharesMemory: false, standsStill: false, isTraceable: false };

export interface ChildLives {
  /** What the child does; it never returns. */
  readonly life: () => never;
  /** The same, after a wait for the parent (step awaitParent). */
  readonly lifeOutside: () => never;
  /** What another process does first, in the runtime's pid namespace; undefined: nothing. */
  readonly join: (() => void) | undefined;
  /** What that process leaves open for the child: descriptors below `first`, and these. */
  readonly keeps: { readonly first: number; readonly fds: readonly Fd[] };
}

export interface ClonedProcess {
  readonly child: ClonedChild;
  /** Moves a child that waits; undefined: it was born where it belongs, and does not wait. */
  readonly enter: (() => void) | undefined;
}

export function cloneIntoContainer(
  kernel: Kernel,
  { record, initPid, plan, cgroupIsOptional }: Pick<PreparedExec, 'record' | 'initPid' | 'plan' | 'cgroupIsOptional'>,
  subPaths: readonly string[],
  lives: ChildLives,
): ClonedProcess {
  const born = (child: ClonedChild): ClonedProcess => ({ child, enter: undefined });
  const outside = (): ClonedProcess => born(clone(kernel, undefined, plan, lives));
  const identity = record.cgroup;
  if (identity === undefined) {
    if (subPaths.length === 0) return outside();
    throw new RuntimeError({ kind: 'usage', message: '--cgroup: the container has no cgroup of its own' });
  }
  const { root } = readCgroupFacts(kernel);
  if (root === undefined) throw new RuntimeError({ kind: 'kernel', message: 'no cgroup v2 tree is mounted' });
  const first = openExecCgroup(kernel, root, identity, { subPaths, initCgroup: undefined });
  const child = cloneInto(kernel, first, plan, lives);
  if (child === 'EACCES') {
    const isOptional = cgroupIsOptional && subPaths.length === 0;
    const { systemdUnit: unit } = record;
    if (unit?.manager === 'user') {
      // On memory of its own: a runtime that stands still could ask nobody.
      const waiting = clone(kernel, undefined, awake, { ...lives, life: lives.lifeOutside });
      const target = { unit, identity, subPaths, initPid };
      return { child: waiting, enter: () => attachToUnit(kernel, root, target, { pid: waiting.pid, isOptional }) };
    }
    if (isOptional) return outside();
    throw notPermitted(first.path);
  }
  if (child !== undefined) return born(child);
  const initCgroup = readInitCgroup(kernel, initPid);
  const second = openExecCgroup(kernel, root, identity, { subPaths, initCgroup });
  const again = cloneInto(kernel, second, plan, lives);
  if (again === 'EACCES') throw notPermitted(second.path);
  if (again !== undefined) return born(again);
  throw new RuntimeError({ kind: 'kernel', path: second.path, syscall: 'clone3', errno: 'EBUSY' });
}

/** Where init is ending the kernel takes no more processes into its pid namespace, and says ENOMEM [man pid_namespaces.7]. */
export function explainNoMemory(kernel: Kernel, init: Fd<'object'>, error: unknown): unknown {
  if (!(error instanceof RuntimeError) || error.fields.syscall !== 'clone3' || error.fields.errno !== 'ENOMEM')
    return error;
  // One that takes long has not ended: then the kernel's word stands.
  if (!awaitEnd(kernel, init)) return error;
  return new RuntimeError({ kind: 'state', message: 'container is stopping: its init has ended' });
}

/** The reasons: cgroup.procs of the nearest cgroup above both must be writable, not only that of the container's. */
export function notPermitted(path: string): RuntimeError {
  return new RuntimeError({
    kind: 'kernel',
    path,
    syscall: 'clone3',
    errno: 'EACCES',
    message: 'no process may be put into this cgroup from the cgroup of runt',
    hint: 'both must lie in one delegated cgroup, whose cgroup.procs is yours: run runt inside of it',
  });
}

/** undefined: EBUSY, a cgroup with controllers enabled for its children may hold no process. EACCES: not from where we are. */
function cloneInto(
  kernel: Kernel,
  cgroup: Fd<'cgroup'>,
  plan: ExecMemory,
  lives: ChildLives,
): ClonedChild | 'EACCES' | undefined {
  // The same errno of a step on the way into the container is that step's.
  const refusals = ['EBUSY', 'ENODEV', 'ENOENT', 'EAGAIN', 'EACCES'];
  const child = orErrno(refusals, () => clone(kernel, cgroup, plan, lives), 'clone3');
  if (!('errno' in child)) return child;
  if (child.errno === 'EBUSY') return undefined;
  if (child.errno === 'EACCES') return child.errno;
  // ENOENT: while it is being removed.
  if (child.errno === 'ENODEV' || child.errno === 'ENOENT') {
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
function clone(kernel: Kernel, cgroup: Fd<'cgroup'> | undefined, plan: ExecMemory, lives: ChildLives): ClonedChild {
  if (lives.join !== undefined) {
    const vfork = plan.standsStill ? CLONE_VFORK : 0;
    return plan.isTraceable
      ? cloneUnderEyes(kernel, cgroup, vfork, lives, lives.join)
      : cloneThroughJoiner(kernel, cgroup, vfork, lives.join, lives.life);
  }
  if (plan.sharesMemory) return kernel.clone3Shared(0, SIGCHLD, cgroup, lives.life);
  const child = kernel.clone3(0, SIGCHLD, cgroup);
  if (child.pidfd === undefined) lives.life();
  return { pid: child.pid, pidfd: child.pidfd };
}

/**
 * A process that nobody in the container sees, in the runtime's own memory while the runtime stands still: it enters the
 * container's file system and makes the child, which becomes the runtime's own (CLONE_PARENT), on a copy of the memory. So a
 * container with CAP_SYS_PTRACE never finds /proc/N/root or memory of the host in its pid namespace. [CVE-2016-9962]
 * With CLONE_VFORK this process, and so the runtime, goes on when the child has executed its program or has ended.
 */
function cloneThroughJoiner(
  kernel: Kernel,
  cgroup: Fd<'cgroup'> | undefined,
  vfork: number,
  join: () => void,
  life: () => never,
): ClonedChild {
  let child: Child | undefined;
  let failure: unknown;
  const joiner = kernel.clone3Shared(0, SIGCHLD, undefined, () => {
    try {
      join();
      // CLONE_PARENT takes no exit signal of its own: the child gets that of its creator, SIGCHLD.
      child = kernel.clone3(CLONE_PARENT + vfork, 0, cgroup);
    } catch (error) {
      failure = error;
    }
    if (child?.pid === 0) life();
    return kernel.exit(0);
  });
  kernel.waitid(P_PIDFD, joiner.pidfd.number, WEXITED);
  kernel.close(joiner.pidfd);
  if (failure !== undefined) throw failure;
  if (child === undefined)
    throw new RuntimeError({ kind: 'kernel', message: 'the process that joins the container died' });
  return { pid: child.pid, pidfd: holdChild(kernel, child.pid) };
}

/** The same where somebody may look at the child's descriptors: it is born with those that it needs. */
function cloneUnderEyes(
  kernel: Kernel,
  cgroup: Fd<'cgroup'> | undefined,
  vfork: number,
  { life, keeps }: ChildLives,
  join: () => void,
): ClonedChild {
  const alone = cgroup === undefined ? undefined : openAlone(kernel, cgroup);
  const joinAndClose = (): void => {
    join();
    closeOthers(kernel, keeps.first, alone === undefined ? keeps.fds : [...keeps.fds, alone]);
  };
  try {
    return cloneThroughJoiner(kernel, alone, vfork, joinAndClose, life);
  } finally {
    if (alone !== undefined && alone !== cgroup) kernel.close(alone);
  }
}

/** It is ours and not waited for: the number cannot become another process. The joiner's Fd of it is not ours. */
function holdChild(kernel: Kernel, pid: number): Fd<'object'> {
  try {
    return kernel.pidfdOpen(pid, 0);
  } catch (error) {
    // What cannot be held must not run either: it may have executed its program already.
    kernel.kill(pid, SIGKILL);
    kernel.waitidOrErrno(P_PID, pid, WEXITED);
    throw error;
  }
}
