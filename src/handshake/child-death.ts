/**
 * The error for a child that ended without saying why: what waitid(2) tells, put into words. Pure.
 * The two texts about memory are the ones that engines know from runc (peers.md 3.1).
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { CLD_EXITED, SIGKILL } from '../kernel/flags.ts';
import type { WaitResult } from '../kernel/kernel.ts';

export interface ChildDeath {
  /** undefined: it could not be waited for. */
  readonly wait: WaitResult | undefined;
  /** What the child was doing, from the last message it sent: "before its file system was set up". */
  readonly phase: string;
  /** The cgroup counted an OOM kill. */
  readonly outOfMemory: boolean;
  readonly process: 'init' | 'exec';
  /** 9 -> "SIGKILL". */
  readonly signalName: (signal: number) => string;
}

export function childDeath(death: ChildDeath): RuntimeError {
  const { wait, phase, outOfMemory } = death;
  if (outOfMemory && (wait === undefined || wait.status === SIGKILL)) {
    const message =
      death.process === 'init'
        ? 'container init was OOM-killed (memory limit too low?)'
        : 'the process was killed (possibly OOM-killed)';
    return new RuntimeError({
      kind: 'kernel',
      pointer: '/linux/resources/memory/limit',
      message,
      hint: `it ended ${phase}`,
    });
  }
  return new RuntimeError({ kind: 'kernel', message: `container ${death.process} ${howItEnded(death)} ${phase}` });
}

function howItEnded({ wait, signalName }: ChildDeath): string {
  if (wait === undefined || wait.pid === 0) return 'closed its handshake';
  if (wait.code === CLD_EXITED) return `exited with status ${wait.status}`;
  return `was killed by ${signalName(wait.status)}`;
}
