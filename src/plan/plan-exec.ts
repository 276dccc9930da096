/**
 * (process, saved config) -> ExecPlan: the same child, with the container's namespaces joined instead of made. Pure.
 * [spec runtime.md#operations]; behaviour of runc's exec: peers.md 1.4.
 */
import { namespaceFlags } from '../namespaces/plan-namespaces.ts';
import type { PreservedFds } from '../process/plan-preserved-fds.ts';
import { planProcess } from '../process/plan-process.ts';
import { planCapabilities } from '../security/plan-capabilities.ts';
import type { Config, Process } from '../spec/config-types.ts';
import { checkStepOrder } from './check-step-order.ts';
import type { ExecPlan } from './container-plan.ts';
import type { InitStep } from './init-step.ts';
import { planPersonality } from './plan-container.ts';
import { planKeyring } from './plan-keyring.ts';
import { canShareMemoryForExec } from './plan-shared-memory.ts';

export interface PlanExecInput {
  readonly id: string;
  /** As it was at create. */
  readonly config: Config;
  /** From --process, or from the flags over config.process. */
  readonly process: Process;
  /** JSON pointer of the process: '' for the file of --process. */
  readonly pointer: string;
  readonly preserved: PreservedFds;
  readonly noNewKeyring: boolean;
  /** Of the container's state, for hooks' facts. */
  readonly bundle: string;
}

export function planExec(input: PlanExecInput): ExecPlan {
  const { config, preserved } = input;
  const process = planProcess(input.process, input.pointer);
  const { sets, warnings } = planCapabilities(input.process.capabilities, `${input.pointer}/capabilities`);
  let flags = 0;
  for (const { type } of config.linux?.namespaces ?? []) flags |= namespaceFlags[type];
  const joinFlags = flags & ~namespaceFlags.pid;
  const foreignUserNamespace = (flags & namespaceFlags.user) !== 0;
  const steps = planSteps(input, joinFlags, foreignUserNamespace);
  checkStepOrder(steps);
  return {
    joinFlags,
    joinsPid: (flags & namespaceFlags.pid) !== 0,
    seccomp: config.linux?.seccomp,
    sharesMemory: canShareMemoryForExec({
      joinsTime: (flags & namespaceFlags.time) !== 0,
      foreignUserNamespace,
      bounding: [sets, planCapabilities(config.process?.capabilities, '/process/capabilities').sets],
    }),
    child: {
      steps,
      process,
      capabilities: sets,
      personality: planPersonality(config),
      preserved,
      env: process.env,
      foreignUserNamespace,
      hookState: { ociVersion: config.ociVersion, id: input.id, bundle: input.bundle, annotations: config.annotations },
      createContainerHooks: undefined,
      startContainerHooks: undefined,
    },
    warnings,
  };
}

function planSteps(input: PlanExecInput, joinFlags: number, foreignUserNamespace: boolean): readonly InitStep[] {
  const steps: InitStep[] = [];
  const { process } = input;
  if ((process.rlimits?.length ?? 0) > 0 || process.oomScoreAdj !== undefined) steps.push({ kind: 'setLimits' });
  if (joinFlags !== 0) steps.push({ kind: 'joinContainer', flags: joinFlags });
  if (foreignUserNamespace) steps.push({ kind: 'becomeRoot', setgroups: 'read' });
  steps.push({ kind: 'dieWithParent' });
  const keyring = planKeyring(input.id, input.noNewKeyring, foreignUserNamespace);
  if (keyring !== undefined) steps.push(keyring);
  steps.push({ kind: 'newSession' });
  if (process.terminal === true) steps.push({ kind: 'makeConsole', bind: false });
  return steps;
}
