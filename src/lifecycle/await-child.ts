/**
 * The parent's side of the handshake: answers what the child asks until it says ready, and turns every way in which a child
 * can end before that into one error. Blocks in recvmsg: while the child works the parent touches no memory.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { childDeath } from '../handshake/child-death.ts';
import type { Packet } from '../handshake/parse-packet.ts';
import { runReceive, runSend } from '../handshake/run-channel.ts';
import type { Fd } from '../kernel/fd.ts';
import { P_PIDFD, WEXITED, WNOWAIT } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ChildPlan } from '../plan/container-plan.ts';
import { planTailAgain } from '../plan/plan-tail.ts';
import { parseTailFailure } from '../security/parse-tail-failure.ts';
import type { ClonedChild } from './clone-child.ts';
import { signalName } from './signal-names.ts';

export interface AwaitedChild {
  readonly child: ClonedChild;
  /** The parent's end. */
  readonly channel: Fd<'object'>;
  readonly plan: ChildPlan;
  readonly filtered: boolean;
  readonly process: 'init' | 'exec';
  /** Writes id maps, sets what only the parent may. */
  readonly mapIds: () => void;
  /** Network devices, the class of service. */
  readonly giveResources: () => void;
  /** prestart and createRuntime. */
  readonly runHooks: () => void;
  /** run: limits under which the set-up could not be done. */
  readonly giveLimits: () => void;
  /** Scheduling of a child whose user namespace lacks the power. */
  readonly setScheduling: () => void;
  /** The cgroup has counted an OOM kill. */
  readonly wasOutOfMemory: () => boolean;
  /** One line each: what the child could not grant. */
  readonly warn: (message: string) => void;
}

/** Returns the master of the child's terminal if it sent one. */
export function awaitReady(kernel: Kernel, awaited: AwaitedChild): Fd<'object'> | undefined {
  let terminal: Fd<'object'> | undefined;
  let phase = 'while its file system was being set up';
  for (;;) {
    const received = runReceive(kernel, awaited.channel);
    if (received === undefined) throw deathOf(kernel, awaited, phase);
    const { packet, fds } = received;
    switch (packet.kind) {
      case 'ready':
        for (const warning of packet.warnings ?? []) awaited.warn(warning);
        return terminal;
      case 'failed':
        throw new RuntimeError(packet.error);
      case 'mapIds':
        awaited.mapIds();
        runSend(kernel, awaited.channel, { kind: 'idsMapped' });
        break;
      case 'giveResources':
        awaited.giveResources();
        runSend(kernel, awaited.channel, { kind: 'resourcesGiven' });
        break;
      case 'runHooks':
        awaited.runHooks();
        runSend(kernel, awaited.channel, { kind: 'hooksDone' });
        phase = 'after the createRuntime hooks';
        break;
      case 'giveLimits':
        awaited.giveLimits();
        runSend(kernel, awaited.channel, { kind: 'limitsGiven' });
        break;
      case 'setScheduling':
        awaited.setScheduling();
        runSend(kernel, awaited.channel, { kind: 'schedulingSet' });
        break;
      case 'console':
        terminal = fds[0];
        break;
      default:
        throw new RuntimeError({ kind: 'bug', message: `handshake: the child says ${packet.kind}` });
    }
  }
}

/** Takes the listener of the child's filter. */
export type TakeListener = (fds: readonly Fd<'object'>[]) => void;

/**
 * After ready, or after the gate was opened: the end of file means that execve succeeded, anything else says why it did not.
 * `tail` is asked only when the exec tail failed.
 */
export function awaitExec(
  kernel: Kernel,
  channel: Fd<'object'>,
  tail: () => Pick<AwaitedChild, 'plan' | 'filtered'>,
  takeListener: TakeListener,
): void {
  for (;;) {
    const received = runReceive(kernel, channel);
    if (received === undefined) return;
    if (received.packet.kind !== 'listener') throw startFailure(received.packet, tail);
    takeListener(received.fds);
  }
}

/** The error in a packet that came instead of the end of file. */
function startFailure(packet: Packet, tail: () => Pick<AwaitedChild, 'plan' | 'filtered'>): RuntimeError {
  if (packet.kind === 'failed') return new RuntimeError(packet.error);
  if (packet.kind !== 'tailFailed') {
    return new RuntimeError({ kind: 'bug', message: `handshake: the child says ${packet.kind}` });
  }
  const { plan, filtered } = tail();
  return execFailure(parseTailFailure(packet, planTailAgain(plan, filtered)), plan);
}

/** Engines look for `exec: "name": reason`. */
function execFailure(error: RuntimeError, plan: ChildPlan): RuntimeError {
  if (error.fields.syscall !== 'execve') return error;
  return error.with({ message: `exec: ${JSON.stringify(plan.process.args[0])}` });
}

function deathOf(kernel: Kernel, awaited: AwaitedChild, phase: string): RuntimeError {
  const wait = kernel.waitidOrErrno(P_PIDFD, awaited.child.pidfd.number, WEXITED | WNOWAIT);
  return childDeath({
    wait: typeof wait === 'string' ? undefined : wait,
    phase,
    outOfMemory: awaited.wasOutOfMemory(),
    process: awaited.process,
    signalName,
  });
}
