/**
 * exec: one more process in a running container. The init is held by pidfd and compared with the record before anything of it
 * is joined; the process is born in the container's cgroup and pid namespace and joins the rest by itself.
 * An error is exit code 255, as engines know it from runc (peers.md 1.4). [man setns.2, clone3.2]
 */

import type { ExecRequest, GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { checkTerminalFlags } from '../console/check-terminal-flags.ts';
import { runConsoleSocket, sendDescriptor } from '../console/run-console-socket.ts';
import { runOpenChannel } from '../handshake/run-channel.ts';
import type { HookState } from '../hooks/format-hook-state.ts';
import type { ChildContext } from '../init/child-context.ts';
import { runInit, runStep } from '../init/run-init.ts';
import type { Fd } from '../kernel/fd.ts';
import { CLONE_NEWPID, P_PIDFD, PR_SET_DUMPABLE, SIGKILL, WEXITED } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ExecPlan } from '../plan/container-plan.ts';
import type { InitStep } from '../plan/init-step.ts';
import { withAffinity } from '../process/apply-affinity.ts';
import { applyResctrlTask } from '../resctrl/apply-resctrl.ts';
import { createRootfsState } from '../rootfs/rootfs-state.ts';
import { loadSeccompProgram } from '../security/run-seccomp-compile.ts';
import { type AwaitedChild, awaitExec, awaitReady } from './await-child.ts';
import { cloneIntoContainer, explainNoMemory } from './clone-into-container.ts';
import { failed } from './failed.ts';
import type { LaunchTools } from './launch-container.ts';
import { type PreparedExec, prepareExec } from './prepare-exec.ts';
import { prepareForeground, runForeground } from './run-foreground.ts';
import { connectSeccompAgent, tellSeccompAgent } from './seccomp-agent.ts';
import { type UndoStack, withUndo } from './undo-stack.ts';
import { openPidFile, writePidFile } from './write-pid-file.ts';

const exitFailed = 255;

/** The program's exit code, 128 + signal, or 0 when detached. */
export function execInContainer(
  kernel: Kernel,
  globals: GlobalOptions,
  request: ExecRequest,
  warn: (message: string) => void = () => {},
): number {
  return failed('exec failed', exitFailed, () => {
    const prepared = prepareExec(kernel, globals, request);
    for (const warning of prepared.plan.warnings) warn(warning);
    const { terminal } = prepared.plan.child.process;
    checkTerminalFlags({ terminal, detach: request.detach, consoleSocket: request.consoleSocket });
    const foreground = request.detach ? undefined : prepareForeground(kernel, { terminal, subreaper: false });
    const started = withUndo((undo) => startProcess(kernel, request, prepared, { undo, warn }));
    if (foreground === undefined) return 0;
    return runForeground(kernel, started.child, foreground, { master: started.terminal, notify: undefined, warn });
  });
}

interface StartedProcess {
  readonly child: AwaitedChild['child'];
  readonly terminal: Fd<'object'> | undefined;
}

function startProcess(
  kernel: Kernel,
  request: ExecRequest,
  prepared: PreparedExec,
  { undo, warn }: LaunchTools,
): StartedProcess {
  const { plan } = prepared;
  const pidFile = openPidFile(kernel, request.pidFile);
  const consoleSocket =
    plan.child.process.terminal && request.consoleSocket !== undefined
      ? runConsoleSocket(kernel, '--console-socket', request.consoleSocket)
      : undefined;
  const pidfdSocket =
    request.pidfdSocket === undefined ? undefined : runConsoleSocket(kernel, '--pidfd-socket', request.pidfdSocket);
  const agent = connectSeccompAgent(kernel, plan.child.seccompListener);
  const awaited = launchProcess(kernel, request, prepared, consoleSocket, undo);
  const terminal = awaitReady(kernel, { ...awaited, warn });
  const { child } = awaited;
  awaitExec(
    kernel,
    awaited.channel,
    () => awaited,
    (fds) => {
      const state: HookState = { ...plan.child.hookState, status: 'running', pid: prepared.initPid };
      tellSeccompAgent(kernel, agent, fds, { pid: child.pid, state });
    },
  );
  if (pidfdSocket !== undefined) {
    sendDescriptor(kernel, pidfdSocket, { flag: '--pidfd-socket', descriptor: child.pidfd, name: 'setns' });
  }
  if (pidFile !== undefined) writePidFile(kernel, pidFile, child.pid);
  return { child, terminal };
}

function launchProcess(
  kernel: Kernel,
  request: ExecRequest,
  prepared: PreparedExec,
  consoleSocket: Fd<'object'> | undefined,
  undo: UndoStack,
): AwaitedChild {
  const { plan, init, container } = prepared;
  const seccomp = plan.seccomp === undefined ? undefined : loadSeccompProgram(kernel, plan.seccomp, container.root);
  const channel = runOpenChannel(kernel);
  // [order] before clone3: what runs in the container may share a user namespace with the child (risk D4).
  kernel.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (plan.joinsPid && plan.joinerSteps === undefined) joinPidForChildren(kernel, prepared);
  const context: ChildContext = {
    plan: plan.child,
    channel: channel.child,
    gate: undefined,
    joins: [],
    containerInit: init,
    containerNamespaces: prepared.namespaces,
    rootfs: createRootfsState([]),
    consoleSocket,
    seccomp,
    setgroupsDenied: false,
  };
  const life = (): never => {
    // With shared memory the parent's Fd objects are not the child's to close (close-on-exec does it).
    if (!plan.sharesMemory) kernel.close(channel.parent);
    return runInit(kernel, context);
  };
  const lifeOutside = (): never => {
    kernel.close(channel.parent);
    const steps: readonly InitStep[] = [{ kind: 'awaitParent' }, ...plan.child.steps];
    return runInit(kernel, { ...context, plan: { ...plan.child, steps } });
  };
  const fds: Fd[] = [channel.child, channel.parent, init, ...(prepared.namespaces?.values() ?? [])];
  if (consoleSocket !== undefined) fds.push(consoleSocket);
  const keeps = { first: 3 + plan.child.preserved.count, fds };
  const lives = { life, lifeOutside, join: planJoin(kernel, context, prepared), keeps };
  // The child, and who makes it, run there until they are in the container's cgroup [spec config.md#linux-process].
  const { child, enter } = withAffinity(kernel, plan.child.process.affinity?.initial, () => {
    try {
      return cloneIntoContainer(kernel, prepared, request.cgroups, lives);
    } catch (error) {
      throw explainNoMemory(kernel, init, error);
    }
  });
  undo.push('end the process', () => {
    kernel.pidfdSendSignal(child.pidfd, SIGKILL);
    kernel.waitidOrErrno(P_PIDFD, child.pidfd.number, WEXITED);
  });
  kernel.close(channel.child);
  if (consoleSocket !== undefined) kernel.close(consoleSocket);
  const { resctrl } = prepared.record;
  const giveResources = (): void => {
    if (resctrl !== undefined) applyResctrlTask(kernel, resctrl, child.pid);
  };
  const awaited = awaitedOf(plan, child, channel.parent, seccomp !== undefined);
  return { ...awaited, giveResources, mapIds: enter ?? awaited.mapIds };
}

/** [order] the pid namespace last, so that what the container sees is in the container already [CVE-2016-9962]. */
function planJoin(kernel: Kernel, context: ChildContext, prepared: PreparedExec): (() => void) | undefined {
  const { joinerSteps } = prepared.plan;
  if (joinerSteps === undefined) return undefined;
  return () => {
    for (const step of joinerSteps) runStep(kernel, step, context);
    joinPidForChildren(kernel, prepared);
  };
}

/** Only the children of this process enter it; its own pid namespace stays [man pid_namespaces.7]. */
function joinPidForChildren(kernel: Kernel, { init, namespaces }: PreparedExec): void {
  try {
    kernel.setns(namespaces?.get(CLONE_NEWPID) ?? init, CLONE_NEWPID);
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.errno === 'ESRCH') {
      throw new RuntimeError({ kind: 'state', message: 'container is stopping: its init has ended' });
    }
    throw error;
  }
}

function awaitedOf(
  plan: ExecPlan,
  child: AwaitedChild['child'],
  channel: Fd<'object'>,
  filtered: boolean,
): AwaitedChild {
  const never = (): never => {
    throw new RuntimeError({
      kind: 'bug',
      message: 'handshake: exec has no id maps, no hooks, and sets its scheduling by itself',
    });
  };
  return {
    child,
    channel,
    plan: plan.child,
    filtered,
    process: 'exec',
    mapIds: never,
    giveResources: never,
    runHooks: never,
    giveLimits: never,
    setScheduling: never,
    // The counter of a container that runs may tell of another process.
    wasOutOfMemory: () => false,
    warn: () => {},
  };
}
