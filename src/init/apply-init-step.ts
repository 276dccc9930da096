/**
 * The interpreter of steps: one case for each kind that is not a domain's own, no decisions. What a step means is in the
 * domain's apply- function; what comes when is in plan/. Runs in the child only.
 */
import { unreachable } from '../base/assert.ts';
import { applyConsole, applyConsoleStdio, openDevpts } from '../console/apply-console.ts';
import { sendDescriptor } from '../console/run-console-socket.ts';
import { type Question, runAsk, runSend } from '../handshake/run-channel.ts';
import { formatHookState } from '../hooks/format-hook-state.ts';
import { runHooks } from '../hooks/run-hooks.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { CLONE_NEWCGROUP, O_PATH } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applySysctls } from '../namespaces/apply-kernel-settings.ts';
import { applyNamespaceJoins } from '../namespaces/apply-namespace-joins.ts';
import type { InitStep } from '../plan/init-step.ts';
import { applyMissingDirectory } from '../process/apply-missing-directory.ts';
import { applyScheduling } from '../process/apply-scheduling.ts';
import { bindConsole } from '../rootfs/apply-console-mount.ts';
import { applyRootfsStep, rootfsStepKinds } from '../rootfs/apply-rootfs-step.ts';
import type { RootfsStep } from '../rootfs/rootfs-step.ts';
import { applyContainerJoin } from './apply-container-join.ts';
import { applyKeyring } from './apply-keyring.ts';
import { applyOwnLimits } from './apply-own-limits.ts';
import { applyOwnTimeNamespace } from './apply-own-time-namespace.ts';
import { applyProcessStep } from './apply-process-step.ts';
import { applyRootIdentity } from './apply-root-identity.ts';
import type { ChildContext } from './child-context.ts';
import { openOwnProcfs } from './open-procfs.ts';

/** Steps of the parent: what it is asked. */
const questions = {
  awaitParent: 'mapIds',
  awaitResources: 'giveResources',
  runtimeHooks: 'runHooks',
  awaitLimits: 'giveLimits',
} as const;

export function applyInitStep(kernel: Kernel, step: InitStep, context: ChildContext): void {
  if (isRootfsStep(step)) applyRootfsStep(kernel, step, context.rootfs);
  else applyOtherStep(kernel, step, context);
}

function isRootfsStep(step: InitStep): step is RootfsStep {
  return rootfsStepKinds.has(step.kind);
}

function applyOtherStep(kernel: Kernel, step: Exclude<InitStep, RootfsStep>, context: ChildContext): void {
  switch (step.kind) {
    case 'setLimits':
      applyOwnLimits(kernel, context.plan.process);
      return;
    case 'setAffinity':
    case 'openLabels':
    case 'setLabels':
    case 'setMemoryPolicy':
    case 'keepNamespaces':
    case 'dieWithParent':
      applyProcessStep(kernel, step, context);
      return;
    case 'joinNamespaces':
      applyNamespaceJoins(kernel, context.joins);
      return;
    case 'joinContainer':
      applyContainerJoin(kernel, context, step.flags);
      return;
    case 'awaitParent':
    case 'awaitResources':
    case 'runtimeHooks':
    case 'awaitLimits':
      ask(kernel, context, questions[step.kind]);
      return;
    case 'becomeRoot':
      context.setgroupsDenied = applyRootIdentity(kernel, step.setgroups);
      return;
    case 'enterTimeNamespace':
      applyOwnTimeNamespace(kernel, step.offsets);
      return;
    case 'unshareCgroup':
      kernel.unshare(CLONE_NEWCGROUP);
      return;
    case 'joinKeyring':
      applyKeyring(kernel, step.name, step.permission);
      return;
    case 'newSession':
      kernel.setsid();
      return;
    case 'loopbackUp':
      kernel.interfaceUp('lo');
      return;
    case 'makeWorkingDirectory':
      makeWorkingDirectory(kernel, context);
      return;
    case 'makeConsole':
      makeConsole(kernel, context, step.bind);
      return;
    case 'containerHooks':
      runContainerHooks(kernel, context);
      return;
    case 'setHostname':
      kernel.sethostname(step.name);
      return;
    case 'setDomainname':
      kernel.setdomainname(step.name);
      return;
    case 'applySysctls':
      applySysctls(kernel, openOwnProcfs(kernel, context.rootfs.mounts.get('/proc')), step.settings);
      return;
    case 'setScheduling':
      setScheduling(kernel, context, step.by);
      return;
    default:
      unreachable(step);
  }
}

/** The container's root directory: the mount of ours, or (exec) the root of the joined mount namespace. */
export function rootOf(kernel: Kernel, context: ChildContext): Fd<'root'> {
  const known = context.rootfs.root;
  if (known !== undefined) return known;
  // In the container "/" is the container's: the descriptor leads into its tree.
  const opened = kernel.openat2(cwdFd, '/', O_PATH | O_DIRECTORY, 0, 0) as Fd as Fd<'root'>;
  context.rootfs.root = opened;
  return opened;
}

function setScheduling(kernel: Kernel, context: ChildContext, by: 'child' | 'parent'): void {
  const { scheduling } = context.plan.process;
  if (by === 'parent') ask(kernel, context, 'setScheduling');
  else if (scheduling !== undefined) applyScheduling(kernel, 0, scheduling);
}

function ask(kernel: Kernel, context: ChildContext, question: Question): void {
  // The parent is gone: nobody is left to tell, and nothing may go on without it.
  if (!runAsk(kernel, context.channel, question)) kernel.exit(1);
}

function makeWorkingDirectory(kernel: Kernel, context: ChildContext): void {
  const { cwd, pointer } = context.plan.process;
  applyMissingDirectory(kernel, rootOf(kernel, context), cwd, `${pointer}/cwd`);
}

function makeConsole(kernel: Kernel, context: ChildContext, bind: boolean): void {
  const { rootfs, plan, consoleSocket } = context;
  const devpts = rootfs.mounts.get('/dev/pts') ?? openDevpts(kernel, rootOf(kernel, context));
  const { master, slave } = applyConsole(kernel, { devpts, size: plan.process.consoleSize, uid: plan.process.uid });
  if (bind) bindConsole(kernel, slave, rootfs);
  if (consoleSocket === undefined) runSend(kernel, context.channel, { kind: 'console' }, [master]);
  else sendDescriptor(kernel, consoleSocket, { flag: '--console-socket', descriptor: master, name: '/dev/ptmx' });
  kernel.close(master);
  applyConsoleStdio(kernel, slave);
}

function runContainerHooks(kernel: Kernel, context: ChildContext): void {
  const state = formatHookState({ ...context.plan.hookState, status: 'created', pid: kernel.getpid() });
  runHooks(kernel, 'createContainer', context.plan.createContainerHooks, state, {
    directory: rootOf(kernel, context),
    ...(context.hookOutput !== undefined && { output: context.hookOutput }),
  });
}
