/**
 * (process, saved config) -> ExecPlan: the same child, with the container's namespaces joined instead of made. Pure.
 * [spec runtime.md#operations]; behaviour of runc's exec: peers.md 1.4.
 */

import type { LsmFacts } from '../kernel/host-facts.ts';
import { namespaceFlags } from '../namespaces/plan-namespaces.ts';
import { planMemoryPolicy } from '../process/plan-memory-policy.ts';
import type { PreservedFds } from '../process/plan-preserved-fds.ts';
import { planProcess } from '../process/plan-process.ts';
import type { ProcessPlan } from '../process/process-plan.ts';
import { planCapabilities } from '../security/plan-capabilities.ts';
import { type LabelPlan, planLabels, requireLabels } from '../security/plan-lsm-labels.ts';
import { planSeccompListener } from '../security/plan-seccomp-listener.ts';
import type { Config, Process } from '../spec/config-types.ts';
import { checkStepOrder } from './check-step-order.ts';
import type { ExecPlan } from './container-plan.ts';
import type { InitStep } from './init-step.ts';
import { keepsGroups } from './keep-groups.ts';
import { planPersonality } from './plan-container.ts';
import { planKeyring } from './plan-keyring.ts';
import { canShareMemoryForExec, canStandStillForExec } from './plan-shared-memory.ts';

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
  /** Called only when the process or the container names a label. */
  readonly readLsmFacts: () => LsmFacts;
  /** The runtime is root; else it has power only in the container's user namespace. */
  readonly privileged: boolean;
  /** The container lives in the initial user namespace, or in one of its own: else setgroups may be denied all around. */
  readonly nestedUserNamespace: boolean;
  /** Of the runtime, for the receiver of a seccomp listener. */
  readonly environment?: readonly string[];
  /** Of the container's state, for hooks' facts. */
  readonly bundle: string;
  /** The container has a class of service: its processes are put there before they execute. */
  readonly hasResctrl: boolean;
}

export function planExec(input: PlanExecInput): ExecPlan {
  const { config, preserved } = input;
  const process = planProcess(input.process, input.pointer, config.process);
  const { sets, warnings } = planCapabilities(input.process.capabilities, `${input.pointer}/capabilities`);
  let flags = 0;
  for (const { type } of config.linux?.namespaces ?? []) flags |= namespaceFlags[type];
  const joinFlags = flags & ~namespaceFlags.pid;
  const joinsPid = (flags & namespaceFlags.pid) !== 0;
  const foreignUserNamespace = (flags & namespaceFlags.user) !== 0;
  // An ordinary user can join the pid namespace only from inside of the user namespace, and the runtime itself stays outside.
  const joinerFlags = joinsPid && !(foreignUserNamespace && input.privileged) ? flags & ~leftToChild : 0;
  const labels = planExecLabels(input);
  const first = planFirstSteps(process.rlimits.length > 0 || process.oomScoreAdj !== undefined);
  const own = planSteps(input, { process, labels, foreignUserNamespace, joinFlags: joinFlags & ~joinerFlags });
  const openLabels = planOpenLabels(labels, joinerFlags === 0 ? 'host' : 'own', input.noNewKeyring);
  const steps = [...openLabels, ...(joinerFlags === 0 ? first : []), ...own];
  checkStepOrder(steps);
  const seccompListener = planSeccompListener({
    seccomp: config.linux?.seccomp,
    annotations: config.annotations,
    environment: input.environment ?? [],
  });
  const listens = seccompListener !== undefined;
  return {
    joinsPid,
    joinerSteps: joinerFlags === 0 ? undefined : [...first, { kind: 'joinContainer', flags: joinerFlags }],
    seccomp: config.linux?.seccomp,
    sharesMemory: canShareMemoryForExec({
      listens,
      joinsTime: (flags & namespaceFlags.time) !== 0,
      joinsPid,
      foreignUserNamespace,
      needsParent: input.hasResctrl,
    }),
    standsStill: canStandStillForExec({ listens, needsParent: input.hasResctrl }),
    isTraceable: !foreignUserNamespace && joinerFlags !== 0 && mayBeTraced(config),
    child: {
      steps,
      process,
      capabilities: sets,
      labels,
      personality: planPersonality(config),
      preserved,
      env: process.env,
      foreignUserNamespace,
      seccompListener,
      hookState: { ociVersion: config.ociVersion, id: input.id, bundle: input.bundle, annotations: config.annotations },
      createContainerHooks: undefined,
      startContainerHooks: undefined,
    },
    warnings,
  };
}

/** As far as the configuration tells: who was given more by an earlier exec is not known. */
function mayBeTraced({ process, linux }: Config): boolean {
  const sharesPids = linux?.namespaces?.some(({ type, path }) => type === 'pid' && path !== undefined) === true;
  return sharesPids || process?.capabilities?.bounding?.includes('CAP_SYS_PTRACE') === true;
}

/**
 * Not for the joiner: the kernel lets nobody who shares memory into a time namespace, and from inside of the container's cgroup
 * namespace the way from the runtime's cgroup to the container's is refused (mount option nsdelegate).
 */
const leftToChild = namespaceFlags.time | namespaceFlags.cgroup;

function planFirstSteps(limited: boolean): readonly InitStep[] {
  return limited ? [{ kind: 'setLimits' }] : [];
}

function planExecLabels({ process, pointer, config, readLsmFacts }: PlanExecInput): LabelPlan | undefined {
  const labels = planLabels(process, pointer, config.process);
  return labels === undefined ? undefined : requireLabels(labels, readLsmFacts());
}

/** Where the child begins its life in the container's mount namespace it trusts only a procfs that it makes itself. */
function planOpenLabels(
  labels: LabelPlan | undefined,
  procfs: 'host' | 'own',
  noNewKeyring: boolean,
): readonly InitStep[] {
  return labels === undefined ? [] : [{ kind: 'openLabels', procfs, keyring: !noNewKeyring }];
}

interface StepsInput {
  readonly process: ProcessPlan;
  readonly labels: LabelPlan | undefined;
  readonly joinFlags: number;
  readonly foreignUserNamespace: boolean;
}

function planSteps(input: PlanExecInput, own: StepsInput): readonly InitStep[] {
  const { process, labels, joinFlags, foreignUserNamespace } = own;
  const steps: InitStep[] = [];
  if (process.affinity?.final !== undefined) steps.push({ kind: 'setAffinity', cpus: process.affinity.final });
  const scheduling: InitStep[] = process.scheduling === undefined ? [] : [{ kind: 'setScheduling', by: 'child' }];
  // [order] before the join of a user namespace because the power is the host's; else last, for the child alone: who makes it
  // could not fork with SCHED_DEADLINE, nor pass it on with SCHED_FLAG_RESET_ON_FORK.
  if (foreignUserNamespace) steps.push(...scheduling);
  if (joinFlags !== 0) steps.push({ kind: 'joinContainer', flags: joinFlags });
  if (foreignUserNamespace || input.nestedUserNamespace)
    steps.push({ kind: 'becomeRoot', setgroups: keepsGroups(input.config.annotations) ? 'keep' : 'read' });
  steps.push({ kind: 'dieWithParent' });
  const keyring = planKeyring(input.id, input.noNewKeyring, foreignUserNamespace);
  if (keyring !== undefined) steps.push(keyring);
  steps.push({ kind: 'newSession' });
  if (input.hasResctrl) steps.push({ kind: 'awaitResources' });
  if (process.terminal) steps.push({ kind: 'makeConsole', bind: false });
  if (labels !== undefined) steps.push({ kind: 'setLabels' });
  const policy = planMemoryPolicy(input.config.linux?.memoryPolicy);
  if (policy !== undefined) steps.push({ kind: 'setMemoryPolicy', policy });
  if (!foreignUserNamespace) steps.push(...scheduling);
  return steps;
}
