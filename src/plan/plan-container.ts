/**
 * (request, config, host facts) -> ContainerPlan. Calls each domain's planner and puts the child's steps into order; knows
 * no system call. Pure: refusing a configuration here costs nothing and leaves nothing behind.
 * [spec runtime.md#lifecycle], the order of steps: check-step-order.ts.
 */

import type { CgroupManager, CreateRequest } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { CgroupPlan } from '../cgroup/cgroup-plan.ts';
import { planCgroup, type RootlessCgroups } from '../cgroup/plan-cgroup.ts';
import { planDelegate, planDelegateOwner, refuseDelegate } from '../cgroup/plan-cgroup-annotations.ts';
import { planCgroupOwner } from '../cgroup/plan-cgroup-owner.ts';
import type { SystemdFacts } from '../cgroup/plan-systemd-unit.ts';
import type { HostFacts } from '../kernel/host-facts.ts';
import { planIdMaps } from '../namespaces/plan-id-maps.ts';
import { planKeptNamespaces } from '../namespaces/plan-kept-namespaces.ts';
import { type NamespacePlan, planNamespaces } from '../namespaces/plan-namespaces.ts';
import { planNetDevices } from '../namespaces/plan-net-devices.ts';
import { planSysctls } from '../namespaces/plan-sysctls.ts';
import { planMemoryPolicy } from '../process/plan-memory-policy.ts';
import type { PreservedFds } from '../process/plan-preserved-fds.ts';
import { planProcess } from '../process/plan-process.ts';
import { planAllCpus } from '../process/plan-scheduling.ts';
import type { ProcessPlan } from '../process/process-plan.ts';
import { planResctrl } from '../resctrl/plan-resctrl.ts';
import { planRootfs } from '../rootfs/plan-rootfs.ts';
import type { RootfsPlan } from '../rootfs/rootfs-step.ts';
import { planCapabilities } from '../security/plan-capabilities.ts';
import { type LabelPlan, planLabels, requireLabels } from '../security/plan-lsm-labels.ts';
import { planSeccompListener, type SeccompListener } from '../security/plan-seccomp-listener.ts';
import type { Config } from '../spec/config-types.ts';
import { checkStepOrder } from './check-step-order.ts';
import type { ChildPlan, ContainerPlan } from './container-plan.ts';
import type { InitStep } from './init-step.ts';
import { keepsGroups } from './keep-groups.ts';
import { planKeyring } from './plan-keyring.ts';
import { canShareMemory } from './plan-shared-memory.ts';

export interface PlanContainerInput {
  readonly request: CreateRequest;
  /** Checked, and everything in it is carried out. */
  readonly config: Config;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  readonly facts: HostFacts;
  readonly cgroupManager: CgroupManager;
  /** cgroupManager 'systemd' only. */
  readonly systemd?: SystemdFacts | undefined;
  /** undefined: not rootless. */
  readonly rootlessCgroups?: RootlessCgroups | undefined;
  /** Of the runtime, for the receiver of a seccomp listener. */
  readonly environment?: readonly string[];
  /** Planned before anything is opened: apply-preserved-fds.ts is the first act. */
  readonly preserved: PreservedFds;
}

export function planContainer(input: PlanContainerInput): ContainerPlan {
  const { request, config, bundle, facts } = input;
  if (config.process === undefined) {
    throw new RuntimeError({ kind: 'spec', pointer: '/process', message: 'process property must not be empty' });
  }
  const namespaces = planNamespaces(config, facts.euid === 0);
  refuseWithoutUserNamespace(namespaces, facts);
  const { linux, annotations } = config;
  const { cgroupManager: manager, systemd, rootlessCgroups: rootless } = input;
  const planned = planCgroup({ id: request.id, linux, annotations, manager, systemd, rootless });
  const cgroup = withOwner(input, planned, namespaces);
  const rootfs = planRootfs({
    config,
    bundle,
    namespaces: namespaces.modes,
    initialUserNamespace: facts.initialUserNamespace,
    privileged: facts.euid === 0,
    noPivot: request.noPivot,
    selinux: facts.lsm?.selinux === true,
    cgroupPath: cgroup === undefined ? undefined : `${facts.cgroup.mountPoint ?? ''}${cgroup.path}`,
  });
  const process = planProcess(config.process, '/process');
  const { sets, warnings } = planCapabilities(config.process.capabilities, '/process/capabilities');
  const labels = requireLabels(planLabels(config.process, '/process'), facts.lsm);
  const netDevices = planNetDevices(config.linux);
  const resctrl = planResctrl(request.id, config.linux?.intelRdt);
  const needsResources = netDevices !== undefined || resctrl !== undefined || cgroup?.delegate !== undefined;
  const hasCgroup = cgroup !== undefined;
  // create writes them behind its gate.
  const awaitsLimits = request.command === 'run' && hasAny(cgroup?.writesAfterClone);
  const steps = planSteps({ input, namespaces, rootfs, process, labels, hasCgroup, needsResources, awaitsLimits });
  checkStepOrder(steps);
  const seccompListener = planListener(input);
  return {
    id: request.id,
    bundle,
    rootfsPath: config.root.path.charCodeAt(0) === 47 ? config.root.path : `${bundle}/${config.root.path}`,
    namespaces,
    idMaps: planIdMaps(config, namespaces.modes.user === 'new', facts),
    netDevices,
    resctrl,
    cgroup,
    rootfs,
    seccomp: config.linux?.seccomp,
    hooks: config.hooks ?? {},
    sharesMemory: canShareMemory({
      command: request.command,
      namespaces,
      steps,
      hasStartHooks: hasAny(config.hooks?.startContainer),
      listens: seccompListener !== undefined,
      memoryLimitBytes: config.linux?.resources?.memory?.limit,
    }),
    child: {
      ...planChild(config, request.id, bundle, process, input.preserved),
      steps,
      capabilities: sets,
      seccompListener,
      labels,
    },
    warnings: rootfs.warnings.length === 0 ? warnings : [...rootfs.warnings, ...warnings],
  };
}

/** Who else gets the cgroup, and the one below it that is the container's own. */
function withOwner(
  { config, facts }: PlanContainerInput,
  planned: CgroupPlan | undefined,
  { modes }: NamespacePlan,
): CgroupPlan | undefined {
  const components = planDelegate(config.annotations);
  if (planned === undefined) {
    if (components.length > 0) throw refuseDelegate();
    return undefined;
  }
  const { euid } = facts;
  const owner = planCgroupOwner({ config, cgroupNamespace: modes.cgroup, userNamespace: modes.user, euid });
  const owned = owner === undefined ? planned : { ...planned, owner };
  if (components.length === 0) return owned;
  return { ...owned, delegate: { components, owner: planDelegateOwner(config, modes.user, euid) } };
}

function planListener({ config, environment = [] }: PlanContainerInput): SeccompListener | undefined {
  return planSeccompListener({ seccomp: config.linux?.seccomp, annotations: config.annotations, environment });
}

function planChild(
  config: Config,
  id: string,
  bundle: string,
  process: ProcessPlan,
  preserved: PreservedFds,
): Omit<ChildPlan, 'steps' | 'capabilities' | 'labels' | 'seccompListener'> {
  return {
    process,
    personality: planPersonality(config),
    preserved,
    env: preserved.env.length === 0 ? process.env : [...process.env, ...preserved.env],
    foreignUserNamespace: config.linux?.namespaces?.some(({ type }) => type === 'user') ?? false,
    hookState: { ociVersion: config.ociVersion, id, bundle, annotations: config.annotations },
    createContainerHooks: config.hooks?.createContainer,
    startContainerHooks: config.hooks?.startContainer,
  };
}

/** personality(2): PER_LINUX or PER_LINUX32. */
export function planPersonality(config: Config): number | undefined {
  const domain = config.linux?.personality?.domain;
  return domain === undefined ? undefined : domain === 'LINUX32' ? 8 : 0;
}

interface StepsInput {
  readonly input: PlanContainerInput;
  readonly namespaces: NamespacePlan;
  readonly rootfs: RootfsPlan;
  readonly process: ProcessPlan;
  readonly labels: LabelPlan | undefined;
  readonly hasCgroup: boolean;
  /** Network devices, a class of service, a cgroup of its own. */
  readonly needsResources: boolean;
  readonly awaitsLimits: boolean;
}

/** The sentence of runc: without one the first thing that an ordinary user may not do would be named, whatever it is. */
function refuseWithoutUserNamespace(namespaces: NamespacePlan, facts: HostFacts): void {
  if (facts.euid === 0 || namespaces.modes.user !== 'host') return;
  throw new RuntimeError({
    kind: 'spec',
    pointer: '/linux/namespaces',
    message: 'rootless container requires user namespaces',
    hint: 'add {"type": "user"} with uidMappings and gidMappings; runt spec --rootless writes them',
  });
}

function planSteps(each: StepsInput): readonly InitStep[] {
  const { input, namespaces, rootfs, process, labels, hasCgroup, needsResources, awaitsLimits } = each;
  const { config, request } = input;
  const steps: InitStep[] = planNamespaceSteps(input, namespaces, hasCgroup);
  if (labels !== undefined) steps.unshift({ kind: 'openLabels', procfs: 'host', keyring: !request.noNewKeyring });
  const keyring = planKeyring(request.id, request.noNewKeyring, namespaces.modes.user !== 'host');
  if (keyring !== undefined) steps.push(keyring);
  steps.push({ kind: 'newSession' });
  if (namespaces.modes.network === 'new') steps.push({ kind: 'loopbackUp' });
  steps.push(...rootfs.beforePivot);
  if (process.cwd !== '/') steps.push({ kind: 'makeWorkingDirectory' });
  if (process.terminal) steps.push({ kind: 'makeConsole', bind: true });
  if (needsResources) steps.push({ kind: 'awaitResources' });
  if (hasAny(config.hooks?.prestart) || hasAny(config.hooks?.createRuntime)) steps.push({ kind: 'runtimeHooks' });
  if (hasAny(config.hooks?.createContainer)) steps.push({ kind: 'containerHooks' });
  steps.push(rootfs.pivot);
  if (isText(config.hostname)) steps.push({ kind: 'setHostname', name: config.hostname });
  if (isText(config.domainname)) steps.push({ kind: 'setDomainname', name: config.domainname });
  const settings = planSysctls(config.linux?.sysctl);
  if (settings.length > 0) steps.push({ kind: 'applySysctls', settings });
  steps.push(...rootfs.afterPivot);
  if (labels !== undefined) steps.push({ kind: 'setLabels' });
  const policy = planMemoryPolicy(config.linux?.memoryPolicy);
  if (policy !== undefined) steps.push({ kind: 'setMemoryPolicy', policy });
  if (awaitsLimits) steps.push({ kind: 'awaitLimits' });
  // [order] last, because the set-up need not run with less of the processor, nor before others of the host.
  if (process.scheduling !== undefined) {
    steps.push({ kind: 'setScheduling', by: namespaces.modes.user === 'host' ? 'child' : 'parent' });
  }
  return steps;
}

/** From birth to being root in all namespaces. */
function planNamespaceSteps(input: PlanContainerInput, namespaces: NamespacePlan, hasCgroup: boolean): InitStep[] {
  const { config, facts } = input;
  const steps: InitStep[] = [];
  const cpus = planAllCpus(config.linux?.resources?.cpu?.cpus);
  if (cpus !== undefined) steps.push({ kind: 'setAffinity', cpus });
  const user = namespaces.modes.user;
  const limited = (config.process?.rlimits?.length ?? 0) > 0 || config.process?.oomScoreAdj !== undefined;
  const joins = namespaces.joins.length > 0 && !namespaces.intermediate;
  if (user === 'host') {
    if (joins) steps.push({ kind: 'joinNamespaces' });
    if (limited) steps.push({ kind: 'setLimits' });
    // Without a cgroup a killed runtime leaves only the pid to find the child by: it must be on disk before it goes on. And
    // systemd is given the pid, so the child is there first: it waits until it has been moved into its cgroup.
    if (!hasCgroup || input.cgroupManager === 'systemd') steps.push({ kind: 'awaitParent' });
    // Whether setgroups is denied in the user namespace that the runtime itself lives in.
    if (!facts.initialUserNamespace)
      steps.push({ kind: 'becomeRoot', setgroups: keepsGroups(config.annotations) ? 'keep' : 'read' });
  } else {
    // The parent of an ordinary user has no power that the child lacks; an intermediate process has done it already.
    if (limited && facts.euid !== 0 && !namespaces.intermediate) steps.push({ kind: 'setLimits' });
    if (joins) steps.push({ kind: 'joinNamespaces' });
    steps.push({ kind: 'awaitParent' });
    steps.push({
      kind: 'becomeRoot',
      setgroups: keepsGroups(config.annotations) ? 'keep' : planSetgroups(input, user),
    });
  }
  if (namespaces.timeOffsetsOfChild !== undefined) {
    steps.push({ kind: 'enterTimeNamespace', offsets: namespaces.timeOffsetsOfChild });
  }
  steps.push({ kind: 'dieWithParent' });
  if (namespaces.unshareCgroup) steps.push({ kind: 'unshareCgroup' });
  // Root may look into a process that is not dumpable; an ordinary user's exec cannot before the start.
  if (facts.euid !== 0 && input.request.command === 'create') {
    steps.push({ kind: 'keepNamespaces', kept: planKeptNamespaces(config.linux?.namespaces) });
  }
  return steps;
}

/** The groups of an ordinary user may be what opens the way to the bundle: they stay until the program is executed. */
function planSetgroups(
  { config, facts }: PlanContainerInput,
  user: 'new' | 'join',
): 'allow' | 'deny' | 'read' | 'keep' {
  if (user === 'join') return 'read';
  // A user namespace below one where setgroups is denied has that too.
  if (facts.euid === 0) return facts.initialUserNamespace ? 'allow' : 'read';
  return planIdMaps(config, true, facts)?.setgroups === 'deny' ? 'deny' : 'keep';
}

function hasAny(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
