/**
 * The part of restore that has effects, each with its inverse: id and journal, cgroup, mount points, criu in the cgroup and in a
 * mount namespace of its own, what it tells us on the way, the record. criu's mount namespace ends with criu, so nothing that
 * was mounted for it is left on the host, even if we are killed. [criu.org/RPC] [spec runtime.md#errors]
 */

import { formatJson } from '../base/format-json.ts';
import type { GlobalOptions, RestoreRequest } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { AppliedCgroup } from '../cgroup/apply-cgroup.ts';
import { applyCgroupKill } from '../cgroup/apply-cgroup-kill.ts';
import { applyCgroupWrites } from '../cgroup/apply-cgroup-writes.ts';
import type { CriuRequest } from '../checkpoint/criu-messages.ts';
import { parseProcessCgroup } from '../checkpoint/parse-process-cgroup.ts';
import { listExternalNamespaces, planJoinedNamespaces } from '../checkpoint/plan-criu-namespaces.ts';
import { planRestoreOptions } from '../checkpoint/plan-criu-options.ts';
import { planRestoreMounts } from '../checkpoint/plan-external-mounts.ts';
import { sendDescriptor } from '../console/run-console-socket.ts';
import { applyKeyring } from '../init/apply-keyring.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import {
  AT_RECURSIVE,
  CLONE_NEWNS,
  MOVE_MOUNT_F_EMPTY_PATH,
  MS_SLAVE,
  O_PATH,
  O_RDONLY,
  P_ALL,
  P_PIDFD,
  SIGKILL,
  WEXITED,
  WNOHANG,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applyOpenNamespace } from '../namespaces/apply-namespace-joins.ts';
import { listMissingDevices } from '../namespaces/apply-net-devices.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';
import { applyResctrlTask } from '../resctrl/apply-resctrl.ts';
import { openHostTree } from '../rootfs/apply-attach.ts';
import { applyMountPoints } from '../rootfs/apply-mount-points.ts';
import { claimContainer } from '../state/claim-container.ts';
import { removeContainerDirectory, type StateDirectory } from '../state/state-directory.ts';
import type { StateRecord } from '../state/state-record.ts';
import { commitState, createState, saveConfig, stageState, writeState } from '../state/write-state.ts';
import { readMountInfo, readPlaces } from './checkpoint-container.ts';
import { describeChild, provisionalRecord } from './create-record.ts';
import { type OpenedDirectories, reopenDirectories } from './criu-directories.ts';
import { type Criu, type CriuProcess, endCriu, firstInherited, inChild, runCriu, startCriu } from './criu-process.ts';
import { type PreparedUnit, prepareUnit } from './enter-unit.ts';
import { claimClass, giveNetDevices, makeClass } from './give-resources.ts';
import { claimCgroup, makeCgroup, openSocket } from './launch-container.ts';
import type { PreparedContainer } from './prepare-container.ts';
import { asCreateRequest } from './restore-container.ts';
import { type Restored, restoreEvents } from './restore-events.ts';
import type { UndoStack } from './undo-stack.ts';
import { verifyRestored } from './verify-restored.ts';
import { openPidFile, writePidFile } from './write-pid-file.ts';

export interface RestoreInput {
  readonly globals: GlobalOptions;
  readonly request: RestoreRequest;
  readonly prepared: PreparedContainer;
  readonly directories: OpenedDirectories;
  /** Pipes of the dumped container that are replaced by our standard streams. */
  readonly streams: readonly { readonly key: string; readonly fd: number }[];
  readonly criu: Criu;
}

export interface RestoredContainer {
  readonly container: StateDirectory;
  readonly record: StateRecord;
  readonly init: { readonly pid: number; readonly pidfd: Fd<'object'> };
  readonly terminal: Fd<'object'> | undefined;
}

export function restoreProcesses(kernel: Kernel, input: RestoreInput, undo: UndoStack): RestoredContainer {
  const { globals, request, prepared } = input;
  const { plan } = prepared;
  const pidFile = openPidFile(kernel, request.pidFile);
  const consoleSocket = openSocket(kernel, '--console-socket', plan.child.process.terminal, request.consoleSocket);
  const container = claimContainer(kernel, globals, request.id);
  undo.push(`remove ${container.directory.path}`, () => removeContainerDirectory(kernel, container));
  const claim = claimCgroup(kernel, prepared);
  const classClaim = claimClass(kernel, plan);
  const journal = provisionalRecord(
    kernel,
    globals,
    asCreateRequest(request),
    prepared,
    claim?.identity,
    classClaim?.identity,
  );
  createState(kernel, container, journal);
  const restored: Restored = {
    init: undefined,
    terminal: undefined,
    cgroup: makeCgroup(kernel, prepared, claim, undo),
    record: journal,
  };
  const unit = prepareUnit(kernel, prepared, undo);
  restored.record = { ...journal, ...makeClass(kernel, plan, classClaim, undo) };
  // [order] before criu, as in create: by this record whatever is in the cgroup can be killed.
  if (restored.cgroup !== undefined) writeCgroup(kernel, container, restored, restored.cgroup);
  inChild(kernel, CLONE_NEWNS, () => applyMountPoints(kernel, plan.rootfs));
  undo.push('end the restored processes', () => endProcesses(kernel, restored));
  runRestore(kernel, input, { container, unit, restored, consoleSocket, undo });
  const { init, terminal, cgroup, record } = restored;
  if (init === undefined) {
    throw new RuntimeError({ kind: 'kernel', message: 'criu did not tell which process it restored' });
  }
  const late = plan.cgroup?.writesAfterClone ?? [];
  if (cgroup !== undefined && late.length > 0) applyCgroupWrites(kernel, cgroup.fd, late);
  if (cgroup !== undefined) kernel.close(cgroup.fd);
  const created: StateRecord = { ...record, phase: 'created' };
  saveConfig(kernel, container, configOf(kernel, prepared, init.pid));
  stageState(kernel, container, created);
  commitState(kernel, container);
  if (pidFile !== undefined) writePidFile(kernel, pidFile, init.pid);
  return { container, record: created, init, terminal };
}

/** systemd's cgroup, or ours: whatever is in it is the container's, criu too. */
function writeCgroup(kernel: Kernel, container: StateDirectory, restored: Restored, cgroup: AppliedCgroup): void {
  restored.cgroup = cgroup;
  restored.record = { ...restored.record, cgroup: cgroup.identity };
  writeState(kernel, container, restored.record);
}

interface RestoreTools {
  readonly container: StateDirectory;
  readonly unit: PreparedUnit | undefined;
  readonly restored: Restored;
  readonly consoleSocket: Fd<'object'> | undefined;
  readonly undo: UndoStack;
}

function runRestore(kernel: Kernel, input: RestoreInput, tools: RestoreTools): void {
  const { prepared, criu } = input;
  const { plan } = prepared;
  const { container, unit, restored, consoleSocket, undo } = tools;
  const namespaces = openExternalNamespaces(kernel, prepared);
  const root = mountPlace(kernel, container);
  const process = startCriu(kernel, criu, {
    stdio: plan.child.process.terminal ? 'null' : 'ours',
    inherited: namespaces.map(({ fd }) => fd),
    cloneFlags: CLONE_NEWNS,
    cgroup: restored.cgroup?.fd,
    prepare: () => prepareCriu(kernel, plan, root),
  });
  let criuRequest: CriuRequest;
  try {
    // It waits for our request, so it is moved before it has made anything.
    const made = unit?.enter(process.pid);
    if (made !== undefined) writeCgroup(kernel, container, restored, made);
    // What it forks is born in its class.
    const { resctrl } = restored.record;
    if (resctrl !== undefined) applyResctrlTask(kernel, resctrl, process.pid);
    const directories = reopenDirectories(kernel, process.pid, input.directories);
    criuRequest = planRequest(kernel, input, { process, root, namespaces, cgroup: restored.cgroup, directories });
  } catch (error) {
    endCriu(kernel, process);
    throw error;
  }
  runCriu(kernel, process, criuRequest, (notification) =>
    restoreEvents(kernel, notification, {
      plan,
      restored,
      onTerminal: (master) => {
        if (consoleSocket === undefined) return false;
        sendDescriptor(kernel, consoleSocket, { flag: '--console-socket', descriptor: master, name: '/dev/ptmx' });
        return true;
      },
      onNamespaces: (pid) =>
        giveNetDevices(kernel, plan, pid, undo, ({ sides, all }) => listMissingDevices(kernel, sides, all)),
      onInit: (pid) => {
        restored.record = describeChild(kernel, restored.record, plan, pid, restored.cgroup?.identity);
        writeState(kernel, container, restored.record);
      },
      verify: (init) => verifyRestored(kernel, { plan, criu: process, init, cgroup: restored.cgroup?.identity.path }),
    }),
  );
  for (const { fd } of namespaces) kernel.close(fd);
  if (consoleSocket !== undefined) kernel.close(consoleSocket);
}

/**
 * criu wants a mount point as root. In its own mount namespace the container's directory of ours is as good as any: nobody needs
 * what is below it there.
 */
function mountPlace(kernel: Kernel, container: StateDirectory): string {
  return kernel.readlinkat(cwdFd, `/proc/self/fd/${container.directory.number}`);
}

/** In criu's process, before it is criu. */
function prepareCriu(kernel: Kernel, plan: ContainerPlan, root: string): void {
  kernel.mountSetattr(cwdFd, '/', AT_RECURSIVE, { set: 0, clear: 0, propagation: MS_SLAVE });
  const tree = openHostTree(kernel, plan.rootfsPath, true);
  kernel.moveMount(tree, '', cwdFd, root, MOVE_MOUNT_F_EMPTY_PATH);
  // The restored processes have the session keyring of whoever makes them: it must not be our caller's.
  for (const step of plan.child.steps)
    if (step.kind === 'joinKeyring') applyKeyring(kernel, step.name, step.permission);
}

interface OpenNamespace {
  readonly key: string;
  readonly fd: Fd<'host'>;
}

function openExternalNamespaces(kernel: Kernel, { config, plan }: PreparedContainer): readonly OpenNamespace[] {
  const joins =
    plan.namespaces.pidJoin === undefined ? plan.namespaces.joins : [...plan.namespaces.joins, plan.namespaces.pidJoin];
  const opened: OpenNamespace[] = [];
  for (const { key, pointer, path } of listExternalNamespaces(config)) {
    const join = joins.find((each) => each.path === path && pointer.startsWith(each.pointer));
    if (join === undefined) throw new RuntimeError({ kind: 'bug', pointer, message: 'the plan does not join it' });
    opened.push({ key, fd: applyOpenNamespace(kernel, join).fd });
  }
  return opened;
}

interface RequestInput {
  readonly process: CriuProcess;
  readonly root: string;
  readonly namespaces: readonly OpenNamespace[];
  readonly cgroup: AppliedCgroup | undefined;
  /** As criu sees them. */
  readonly directories: OpenedDirectories;
}

function planRequest(kernel: Kernel, input: RestoreInput, requestInput: RequestInput): CriuRequest {
  const { request, prepared, streams } = input;
  const { process, root, namespaces, cgroup, directories } = requestInput;
  const { config, plan, cgroupTree } = prepared;
  const rootfs = kernel.openat2<'host' | 'root'>(
    cwdFd as Fd<'host' | 'root'>,
    plan.rootfsPath,
    O_PATH | O_DIRECTORY,
    0,
    0,
  );
  const resolved = readPlaces(kernel, rootfs as Fd<'root'>, config);
  kernel.close(rootfs);
  const joined = namespaces.map(({ key }, index) => ({ key, fd: firstInherited + index }));
  const options = planRestoreOptions(request, {
    config,
    directories: { images: directories.images.number, work: directories.work?.number },
    root,
    externalMounts: planRestoreMounts({
      config,
      bundle: plan.bundle,
      resolved,
      hostMounts: readMountInfo(kernel, '/proc/self/mountinfo'),
      cgroupPath: cgroup && `${cgroupTree.facts.mountPoint ?? ''}${cgroup.identity.path}`,
    }),
    inheritFds: [...joined, ...(plan.child.process.terminal ? [] : streams)],
    joinNamespaces: planJoinedNamespaces(config),
    cgroupRoots: cgroup && parseProcessCgroup(readText(kernel, `/proc/${process.pid}/cgroup`)),
  });
  return { type: 'RESTORE', options };
}

function readText(kernel: Kernel, path: string): string {
  const file = kernel.openat2(cwdFd, path, O_RDONLY, 0, 0);
  const text = kernel.readAll(file, 65536);
  kernel.close(file);
  return text;
}

/** criu puts the processes into a time namespace, so that their clocks go on: exec must join that one too. */
function configOf(kernel: Kernel, { config, configText }: PreparedContainer, pid: number): string {
  const namespaces = config.linux?.namespaces ?? [];
  if (namespaces.some(({ type }) => type === 'time')) return configText;
  const [own, theirs] = ['self', pid].map((each) => kernel.readlinkat(cwdFd, `/proc/${each}/ns/time`));
  if (own === theirs) return configText;
  return formatJson({ ...config, linux: { ...config.linux, namespaces: [...namespaces, { type: 'time' }] } });
}

/** What criu left: on failure it kills what it has made, and the kernel tells us, their parent. */
function endProcesses(kernel: Kernel, { cgroup, init }: Restored): void {
  if (init !== undefined) {
    kernel.pidfdSendSignal(init.pidfd, SIGKILL);
    kernel.waitidOrErrno(P_PIDFD, init.pidfd.number, WEXITED);
  }
  if (cgroup?.fd.isOpen === true) applyCgroupKill(kernel, cgroup.fd);
  for (;;) {
    const end = kernel.waitidOrErrno(P_ALL, 0, WEXITED | WNOHANG);
    if (end === undefined || typeof end === 'string' || end.pid === 0) return;
  }
}
