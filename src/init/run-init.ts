/**
 * The child's whole life, from clone3 to execve: carries out the planned steps, says ready, waits at the gate if there is
 * one, runs the startContainer hooks and hands over to the exec tail. Never returns: whatever goes wrong is sent whole to
 * whoever listens, and the child ends by _exit, so nothing of the parent's program above the fork runs twice (risk D7).
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { errorFields } from '../handshake/error-fields.ts';
import { runSend } from '../handshake/run-channel.ts';
import { runWaitAtStartGate } from '../handshake/run-start-gate.ts';
import { formatHookState } from '../hooks/format-hook-state.ts';
import { runHooks } from '../hooks/run-hooks.ts';
import type { Fd } from '../kernel/fd.ts';
import { CLOSE_RANGE_MAX, PR_SET_PDEATHSIG } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { stepOperations } from '../plan/init-step.ts';
import { applyExec } from './apply-exec.ts';
import { applyInitStep } from './apply-init-step.ts';
import type { ChildContext } from './child-context.ts';

/** Of a child that failed; the reason travels on the channel. */
const exitFailed = 1;

const none: readonly Fd[] = [];

export function runInit(kernel: Kernel, context: ChildContext): never {
  let report: Fd<'object'> = context.channel;
  try {
    for (const step of context.plan.steps) runStep(kernel, step, context);
    const { tail, warnings } = applyExec(kernel, context);
    // [order] before ready, because the parent may exit as soon as it has heard it.
    kernel.prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
    const ready = warnings.length === 0 ? ({ kind: 'ready' } as const) : ({ kind: 'ready', warnings } as const);
    if (!runSend(kernel, context.channel, ready)) kernel.exit(exitFailed);
    if (context.gate !== undefined) {
      const namespaces = context.keptNamespaces ?? none;
      closeAllBut(kernel, [context.gate, ...hookFiles(context), ...namespaces], context.plan.preserved.count);
      // Nothing is left to do in JavaScript after the gate: it waits without the memory that JavaScript needs.
      if (!hasStartHooks(context)) kernel.execTailAtGate(context.gate, exitFailed, tail, namespaces);
      report = runWaitAtStartGate(kernel, context.gate, namespaces);
      for (const namespace of namespaces) kernel.close(namespace);
    }
    runStartHooks(kernel, context);
    kernel.execTail(report, exitFailed, tail);
  } catch (error) {
    runSend(kernel, report, { kind: 'failed', error: errorFields(error) });
    kernel.exit(exitFailed);
  }
}

/** One step, its failure in words. */
export function runStep(kernel: Kernel, step: ChildContext['plan']['steps'][number], context: ChildContext): void {
  if (kernel.note !== undefined) kernel.note(describeStep(step));
  try {
    applyInitStep(kernel, step, context);
  } catch (error) {
    throw error instanceof RuntimeError ? error.within(stepOperations[step.kind]) : error;
  }
}

function describeStep(step: ChildContext['plan']['steps'][number]): string {
  const pointer = 'pointer' in step ? ` (${step.pointer})` : '';
  return `step ${step.kind}: ${stepOperations[step.kind]}${pointer}`;
}

/**
 * A created container that waits holds its standard streams, the preserved descriptors, the gate and, of an ordinary user, its own
 * namespaces; nothing else of the host but the files in which its startContainer hooks write.
 */
function closeAllBut(kernel: Kernel, kept: readonly Fd[], preserved: number): void {
  let first = 3 + preserved;
  for (const number of kept.map((fd) => fd.number).sort((left, right) => left - right)) {
    if (number > first) kernel.closeRange(first, number - 1, 0);
    first = number + 1;
  }
  kernel.closeRange(first, CLOSE_RANGE_MAX, 0);
}

function hookFiles(context: ChildContext): readonly Fd[] {
  const { stdout, stderr } = context.hookOutput ?? {};
  if (!hasStartHooks(context)) return [];
  return [stdout, stderr].filter((fd) => fd !== undefined);
}

function hasStartHooks({ plan }: ChildContext): boolean {
  return plan.startContainerHooks !== undefined && plan.startContainerHooks.length > 0;
}

function runStartHooks(kernel: Kernel, context: ChildContext): void {
  const { startContainerHooks, hookState, env } = context.plan;
  if (!hasStartHooks(context)) return;
  const state = formatHookState({ ...hookState, status: 'created', pid: kernel.getpid() });
  const output = context.hookOutput;
  runHooks(kernel, 'startContainer', startContainerHooks, state, {
    defaultEnv: env,
    ...(output !== undefined && { output }),
  });
}
