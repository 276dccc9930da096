/**
 * What create and run have in common: from the plan to a child that is ready. Journal first: the record is on disk before the
 * first effect, so a runtime that is killed anywhere leaves something that `delete --force` removes; every effect pushes its
 * inverse. While the child builds the container the parent puts the last record ready, and then blocks.
 * [spec runtime.md#lifecycle]
 */

import type { CreateRequest, GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { type AppliedCgroup, applyCgroup } from '../cgroup/apply-cgroup.ts';
import { applyCgroupRemoval } from '../cgroup/apply-cgroup-removal.ts';
import { applyCgroupWrites } from '../cgroup/apply-cgroup-writes.ts';
import { readUnitClaim } from '../cgroup/apply-systemd-cgroup.ts';
import { type CgroupClaim, readCgroupClaim } from '../cgroup/read-cgroup-claim.ts';
import { runConsoleSocket } from '../console/run-console-socket.ts';
import { runOpenChannel } from '../handshake/run-channel.ts';
import { runOpenStartGate } from '../handshake/run-start-gate.ts';
import { closeHookOutput } from '../hooks/hook-output.ts';
import { applyOwnLimits } from '../init/apply-own-limits.ts';
import type { ChildContext } from '../init/child-context.ts';
import { runInit } from '../init/run-init.ts';
import type { Fd } from '../kernel/fd.ts';
import { P_PIDFD, PR_SET_DUMPABLE, SIGKILL, WEXITED } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applyHostGuard } from '../namespaces/apply-host-guard.ts';
import { applyOpenNamespace, type OpenedJoin } from '../namespaces/apply-namespace-joins.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';
import { applyHostUnmounts, readMountIdsBelow } from '../rootfs/apply-host-unmounts.ts';
import { createRootfsState } from '../rootfs/rootfs-state.ts';
import { loadSeccompProgram } from '../security/run-seccomp-compile.ts';
import { claimContainer } from '../state/claim-container.ts';
import { removeContainerDirectory, type StateDirectory } from '../state/state-directory.ts';
import type { StateRecord } from '../state/state-record.ts';
import { createState, saveConfig, stageState, writeState } from '../state/write-state.ts';
import { type AwaitedChild, awaitReady } from './await-child.ts';
import { type ClonedChild, cloneChild } from './clone-child.ts';
import { notPermitted } from './clone-into-container.ts';
import { describeChild, provisionalRecord } from './create-record.ts';
import { hasUnit, type PreparedUnit, prepareUnit } from './enter-unit.ts';
import { claimClass, giveResources, makeClass } from './give-resources.ts';
import { bindNotifySocket, connectManager, makeNotifyDirectory, type NotifyRelay } from './notify-relay.ts';
import { openHookFiles } from './open-hook-files.ts';
import { openMountSources } from './open-mount-sources.ts';
import type { PreparedContainer } from './prepare-container.ts';
import {
  applyMappedOwner,
  applyParentScheduling,
  applyParentSetup,
  explainShortMemory,
  isOutOfMemory,
  runRuntimeHooks,
} from './setup-child.ts';
import type { UndoStack } from './undo-stack.ts';
import { openPidFile, type PidFile } from './write-pid-file.ts';

export interface LaunchedContainer {
  readonly container: StateDirectory;
  /** Staged: commitState makes it the container's record. */
  readonly record: StateRecord;
  readonly awaited: AwaitedChild;
  /** The terminal's master, when the child sent it to the parent. */
  readonly terminal: Fd<'object'> | undefined;
  readonly pidFile: PidFile | undefined;
  readonly pidfdSocket: Fd<'object'> | undefined;
  /** run, with a service manager that waits. */
  readonly notify: NotifyRelay | undefined;
}

export interface LaunchTools {
  readonly undo: UndoStack;
  readonly warn: (message: string) => void;
}

export function launchContainer(
  kernel: Kernel,
  globals: GlobalOptions,
  request: CreateRequest,
  prepared: PreparedContainer,
  { undo, warn }: LaunchTools,
): LaunchedContainer {
  const { plan } = prepared;
  const pidFile = openPidFile(kernel, request.pidFile);
  const consoleSocket = openSocket(kernel, '--console-socket', plan.child.process.terminal, request.consoleSocket);
  const pidfdSocket = openSocket(kernel, '--pidfd-socket', true, request.pidfdSocket);
  const container = claimContainer(kernel, globals, request.id);
  undo.push(`remove ${container.directory.path}`, () => removeContainerDirectory(kernel, container));
  const { journal, made, unit } = makeRecorded(kernel, globals, request, prepared, { container, undo });
  const notify = prepareNotify(kernel, request, prepared, container);
  const seccomp = plan.seccomp === undefined ? undefined : loadSeccompProgram(kernel, plan.seccomp, container.root);
  const joins = plan.namespaces.joins.map((join) => applyOpenNamespace(kernel, join));
  applyHostGuard(kernel, prepared.config, joins);
  const rootfs = createRootfsState(openMountSources(kernel, plan.rootfs));
  const gate = request.command === 'create' ? runOpenStartGate(kernel, container.directory) : undefined;
  const channel = runOpenChannel(kernel);
  // [order] before clone3, so that the child is never readable by whom it shares a user namespace with (risk D4).
  // An ordinary user may write the maps only of a dumpable child; nobody shares a new namespace, and becomeRoot ends it.
  kernel.prctl(PR_SET_DUMPABLE, plan.idMaps?.tools === undefined ? 0 : 1, 0, 0, 0);
  const hookOutput = openHookFiles(kernel, plan);
  const context = {
    ...{ plan: plan.child, gate, joins, containerInit: undefined, rootfs, consoleSocket, seccomp, hookOutput },
  };
  const child = cloneInto(kernel, plan, joins, made, () =>
    liveAsChild(kernel, plan.sharesMemory ? undefined : channel.parent, {
      ...context,
      channel: channel.child,
      setgroupsDenied: false,
    }),
  );
  undo.push('end the container process', () => endChild(kernel, child));
  closeHookOutput(kernel, hookOutput);
  closeChildEnds(kernel, [channel.child, gate, consoleSocket, ...rootfs.sources, ...joins.map(({ fd }) => fd)]);
  const record = describeChild(kernel, journal, plan, child.pid, made?.identity);
  // Without a cgroup the child is found by its pid alone: it waits until that is on disk (step awaitParent).
  if (made === undefined) writeState(kernel, container, record);
  const launch: Launch = { container, record: { ...record, phase: 'created' }, cgroup: made, unit };
  // With a unit the record is not complete yet.
  if (unit === undefined) stageState(kernel, container, launch.record);
  saveConfig(kernel, container, prepared.configText);
  const filtered = seccomp !== undefined;
  const given = { child, channel: channel.parent, filtered, warn };
  const awaited = awaitedOf(kernel, prepared, launch, given, undo);
  const terminal = awaitBuilt(kernel, awaited, launch);
  if (journal.hostMounts !== undefined) recordMounts(kernel, launch, journal.rootfs, journal.hostMounts);
  // [order] behind the gate after ready; run's child waits for it (step awaitLimits), because nothing holds it back after that.
  if (gate !== undefined) writeLate(kernel, prepared, launch);
  if (launch.cgroup !== undefined) kernel.close(launch.cgroup.fd);
  return { container, record: launch.record, awaited, terminal, pidFile, pidfdSocket, notify };
}

interface Recorded {
  readonly journal: StateRecord;
  /** undefined: none, or systemd will make it. */
  readonly made: AppliedCgroup | undefined;
  readonly unit: PreparedUnit | undefined;
}

/** The journal, and then what it tells of: the cgroup and the class of service. */
function makeRecorded(
  kernel: Kernel,
  globals: GlobalOptions,
  request: CreateRequest,
  prepared: PreparedContainer,
  { container, undo }: { readonly container: StateDirectory; readonly undo: UndoStack },
): Recorded {
  const { plan } = prepared;
  const claim = claimCgroup(kernel, prepared);
  const classClaim = claimClass(kernel, plan);
  const provisional = provisionalRecord(kernel, globals, request, prepared, claim?.identity, classClaim?.identity);
  createState(kernel, container, provisional);
  const { hostMounts, rootfs: root } = provisional;
  if (hostMounts !== undefined)
    undo.push(`unmount below ${root}`, () => applyHostUnmounts(kernel, root, { before: hostMounts }));
  const made = makeCgroup(kernel, prepared, claim, undo);
  const unit = prepareUnit(kernel, prepared, undo);
  const journal = { ...provisional, ...makeClass(kernel, plan, classClaim, undo) };
  // [order] before clone3: whoever is killed from here on leaves a record by which the child can be found and killed.
  if (made !== undefined) writeState(kernel, container, { ...journal, cgroup: made.identity });
  return { journal, made, unit };
}

/** What is made on the way. */
interface Launch {
  readonly container: StateDirectory;
  record: StateRecord;
  /** undefined: none, or systemd has not made it yet. */
  cgroup: AppliedCgroup | undefined;
  readonly unit: PreparedUnit | undefined;
}

function awaitedOf(
  kernel: Kernel,
  prepared: PreparedContainer,
  launch: Launch,
  { child, ...given }: Pick<AwaitedChild, 'child' | 'channel' | 'filtered' | 'warn'>,
  undo: UndoStack,
): AwaitedChild {
  const { plan } = prepared;
  return {
    ...given,
    child,
    plan: plan.child,
    process: 'init',
    mapIds: () => {
      if (launch.unit !== undefined) enterUnit(kernel, launch, child.pid);
      applyParentSetup(kernel, plan, child.pid);
      if (launch.cgroup !== undefined) applyMappedOwner(kernel, plan, child.pid, launch.cgroup.fd);
    },
    giveResources: () =>
      giveResources(kernel, plan, { pid: child.pid, resctrl: launch.record.resctrl, cgroup: launch.cgroup?.fd }, undo),
    runHooks: () => runRuntimeHooks(kernel, plan, child.pid),
    giveLimits: () => writeLate(kernel, prepared, launch),
    setScheduling: () => applyParentScheduling(kernel, plan, child.pid),
    wasOutOfMemory: () => launch.cgroup !== undefined && isOutOfMemory(kernel, launch.cgroup.fd),
  };
}

/** The child waits: systemd moves it into its cgroup, and the record says so before the child goes on. */
function enterUnit(kernel: Kernel, launch: Launch, pid: number): void {
  launch.cgroup = launch.unit?.enter(pid);
  if (launch.cgroup === undefined) return;
  const { record } = launch;
  launch.record = { ...record, cgroup: launch.cgroup.identity };
  writeState(kernel, launch.container, { ...launch.record, phase: 'creating' });
  stageState(kernel, launch.container, launch.record);
}

/** From now on a mount below the root is somebody else's. */
function recordMounts(kernel: Kernel, launch: Launch, root: string, before: readonly number[]): void {
  const madeMounts = readMountIdsBelow(kernel, root).filter((id) => !before.includes(id));
  launch.record = { ...launch.record, madeMounts };
  stageState(kernel, launch.container, launch.record);
}

function writeLate(kernel: Kernel, { plan }: PreparedContainer, { cgroup }: Launch): void {
  const late = plan.cgroup?.writesAfterClone ?? [];
  if (cgroup !== undefined && late.length > 0) applyCgroupWrites(kernel, cgroup.fd, late);
}

function awaitBuilt(kernel: Kernel, awaited: AwaitedChild, launch: Launch): Fd<'object'> | undefined {
  try {
    return awaitReady(kernel, awaited);
  } catch (error) {
    throw launch.cgroup === undefined ? error : explainShortMemory(kernel, launch.cgroup.fd, error);
  }
}

/** create leaves the socket to start, which stays until the container is up. */
function prepareNotify(
  kernel: Kernel,
  request: CreateRequest,
  { notifyAddress }: PreparedContainer,
  container: StateDirectory,
): NotifyRelay | undefined {
  if (notifyAddress === undefined) return undefined;
  makeNotifyDirectory(kernel, container);
  if (request.command === 'create') return undefined;
  const manager = connectManager(kernel, notifyAddress);
  const socket = bindNotifySocket(kernel, container);
  return socket === undefined ? undefined : { manager, socket };
}

export function openSocket(
  kernel: Kernel,
  flag: string,
  wanted: boolean,
  path: string | undefined,
): Fd<'object'> | undefined {
  return wanted && path !== undefined ? runConsoleSocket(kernel, flag, path) : undefined;
}

function endChild(kernel: Kernel, { pidfd }: ClonedChild): void {
  kernel.pidfdSendSignal(pidfd, SIGKILL);
  kernel.waitidOrErrno(P_PIDFD, pidfd.number, WEXITED);
}

function cloneInto(
  kernel: Kernel,
  plan: ContainerPlan,
  joins: readonly OpenedJoin[],
  cgroup: AppliedCgroup | undefined,
  life: () => never,
): ClonedChild {
  const { limitsBeforeJoins } = plan.namespaces;
  const beforeJoins = limitsBeforeJoins ? () => applyOwnLimits(kernel, plan.child.process) : undefined;
  try {
    return cloneChild(kernel, plan, joins, cgroup?.fd, { life, beforeJoins });
  } catch (error) {
    const isRefused =
      error instanceof RuntimeError && error.fields.errno === 'EACCES' && error.fields.syscall === 'clone3';
    throw isRefused && cgroup !== undefined ? notPermitted(cgroup.fd.path) : error;
  }
}

/** Where the cgroup will be, for the journal; nothing is made yet. */
export function claimCgroup(kernel: Kernel, { plan, cgroupTree }: PreparedContainer): CgroupClaim | undefined {
  if (plan.cgroup === undefined) return undefined;
  if (cgroupTree.root !== undefined) {
    return hasUnit(plan.cgroup)
      ? readUnitClaim(kernel, cgroupTree.root, plan.cgroup)
      : readCgroupClaim(kernel, cgroupTree.root, plan.cgroup);
  }
  throw new RuntimeError({
    kind: 'kernel',
    operation: 'create the cgroup',
    message: 'no cgroup v2 tree is mounted on /sys/fs/cgroup or /sys/fs/cgroup/unified',
    hint: 'mount -t cgroup2 none /sys/fs/cgroup, or run without limits: --cgroup-manager=disabled',
  });
}

export function makeCgroup(
  kernel: Kernel,
  { plan, cgroupTree }: PreparedContainer,
  claim: CgroupClaim | undefined,
  undo: UndoStack,
): AppliedCgroup | undefined {
  const { root, facts } = cgroupTree;
  if (plan.cgroup === undefined || claim === undefined || root === undefined || hasUnit(plan.cgroup)) return undefined;
  const cgroup = applyCgroup(kernel, root, facts, plan.cgroup, claim);
  undo.push(`remove the cgroup ${cgroup.identity.path}`, () =>
    applyCgroupRemoval(kernel, root, cgroup.identity, undoWaitMs),
  );
  return cgroup;
}

/** How long killed processes may take to leave the cgroup while a failed create is undone. */
const undoWaitMs = 5000;

/**
 * In the child. A copy closes the parent's end, else the parent's death would not be seen as the end of file; with shared
 * memory the parent stands still and its Fd objects are not ours to close (close-on-exec does it).
 */
function liveAsChild(kernel: Kernel, parentEnd: Fd | undefined, context: ChildContext): never {
  if (parentEnd !== undefined) kernel.close(parentEnd);
  return runInit(kernel, context);
}

function closeChildEnds(kernel: Kernel, fds: readonly (Fd | undefined)[]): void {
  for (const fd of fds) if (fd?.isOpen === true) kernel.close(fd);
}
