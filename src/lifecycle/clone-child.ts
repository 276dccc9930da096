/**
 * Makes the process that becomes the container's init. In the common case that is one clone3. A pid namespace to join and
 * offsets of a time namespace are prepared by the runtime for its children and taken back; where joins must come between the
 * runtime's powers and a user namespace, an intermediate process joins and clones with CLONE_PARENT.
 * [man clone3.2, setns.2, time_namespaces.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { errorFields } from '../handshake/error-fields.ts';
import { runOpenChannel, runReceive, runSend } from '../handshake/run-channel.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { CLONE_NEWTIME, CLONE_PARENT, O_RDONLY, O_WRONLY, P_PIDFD, SIGCHLD, WEXITED } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applyNamespaceJoins, applyOpenNamespace, type OpenedJoin } from '../namespaces/apply-namespace-joins.ts';
import type { NamespacePlan } from '../namespaces/plan-namespaces.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';

export interface ClonedChild {
  /** In the runtime's pid namespace. */
  readonly pid: number;
  readonly pidfd: Fd<'object'>;
}

export interface ChildLife {
  /** What the child does; it never returns. */
  readonly life: () => never;
  /** What the process between runtime and child does for it before it joins anything; undefined: nothing. */
  readonly beforeJoins: (() => void) | undefined;
}

/**
 * Returns in the parent only: with shared memory when the child has executed
 * its program or has ended, its messages waiting in the channel.
 */
export function cloneChild(
  kernel: Kernel,
  { namespaces: plan, sharesMemory }: Pick<ContainerPlan, 'namespaces' | 'sharesMemory'>,
  joins: readonly OpenedJoin[],
  cgroup: Fd<'cgroup'> | undefined,
  lives: ChildLife,
): ClonedChild {
  if (sharesMemory) return kernel.clone3Shared(plan.cloneFlags, SIGCHLD, cgroup, lives.life);
  const restore = prepareForChildren(kernel, plan);
  try {
    if (plan.intermediate) return cloneThroughIntermediate(kernel, plan, joins, cgroup, lives);
    const child = kernel.clone3(plan.cloneFlags, SIGCHLD, cgroup);
    if (child.pidfd === undefined) lives.life();
    return { pid: child.pid, pidfd: child.pidfd };
  } finally {
    restore();
  }
}

/** What only children of the runtime get; the result takes it back, because hooks are its children too. */
function prepareForChildren(kernel: Kernel, plan: NamespacePlan): () => void {
  const undo: (() => void)[] = [];
  if (plan.timeOffsets !== undefined) undo.push(unshareTime(kernel, plan.timeOffsets));
  if (plan.pidJoin !== undefined) {
    const own = kernel.openat2(cwdFd, '/proc/self/ns/pid', O_RDONLY, 0, 0);
    const join = applyOpenNamespace(kernel, plan.pidJoin);
    applyNamespaceJoins(kernel, [join]);
    kernel.close(join.fd);
    const { flag } = plan.pidJoin;
    undo.push(() => {
      kernel.setns(own, flag);
      kernel.close(own);
    });
  }
  return () => {
    for (const each of undo) each();
  };
}

function unshareTime(kernel: Kernel, offsets: string): () => void {
  const own = kernel.openat2(cwdFd, '/proc/self/ns/time', O_RDONLY, 0, 0);
  kernel.unshare(CLONE_NEWTIME);
  const file = kernel.openat2(cwdFd, '/proc/self/timens_offsets', O_WRONLY, 0, 0);
  try {
    kernel.write(file, offsets);
  } catch (error) {
    kernel.setns(own, CLONE_NEWTIME);
    throw error instanceof RuntimeError
      ? error.with({ operation: 'set the offsets of the time namespace', pointer: '/linux/timeOffsets' })
      : error;
  } finally {
    kernel.close(file);
  }
  return () => {
    kernel.setns(own, CLONE_NEWTIME);
    kernel.close(own);
  };
}

/** On a channel of its own, because the container's init may speak on the other before the intermediate has. */
function cloneThroughIntermediate(
  kernel: Kernel,
  plan: NamespacePlan,
  joins: readonly OpenedJoin[],
  cgroup: Fd<'cgroup'> | undefined,
  lives: ChildLife,
): ClonedChild {
  const channel = runOpenChannel(kernel);
  const intermediate = kernel.clone3(0, SIGCHLD, undefined);
  if (intermediate.pidfd === undefined) {
    kernel.close(channel.parent);
    liveIntermediate(kernel, plan, joins, cgroup, channel.child, lives);
  }
  kernel.close(channel.child);
  const received = runReceive(kernel, channel.parent);
  kernel.waitid(P_PIDFD, intermediate.pidfd.number, WEXITED);
  kernel.close(intermediate.pidfd);
  kernel.close(channel.parent);
  if (received?.packet.kind === 'failed') throw new RuntimeError(received.packet.error);
  const [pidfd] = received?.fds ?? [];
  if (received?.packet.kind !== 'cloned' || pidfd === undefined) {
    throw new RuntimeError({ kind: 'kernel', message: 'the process that joins the namespaces died' });
  }
  return { pid: received.packet.pid, pidfd };
}

function liveIntermediate(
  kernel: Kernel,
  plan: NamespacePlan,
  joins: readonly OpenedJoin[],
  cgroup: Fd<'cgroup'> | undefined,
  channel: Fd<'object'>,
  lives: ChildLife,
): never {
  try {
    lives.beforeJoins?.();
    applyNamespaceJoins(kernel, joins);
    // CLONE_PARENT takes no exit signal of its own: the child gets that of its creator, SIGCHLD.
    const child = kernel.clone3(plan.cloneFlags + CLONE_PARENT, 0, cgroup);
    if (child.pidfd === undefined) lives.life();
    runSend(kernel, channel, { kind: 'cloned', pid: child.pid }, [child.pidfd]);
    kernel.exit(0);
  } catch (error) {
    runSend(kernel, channel, { kind: 'failed', error: errorFields(error) });
    kernel.exit(1);
  }
}
