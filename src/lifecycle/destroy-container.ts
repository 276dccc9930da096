/**
 * Takes a container down: kill, wait until its cgroup is empty, remove the cgroup, run the poststop hooks, and remove the
 * record last, so that whoever is killed half-way leaves something that a second delete finishes. The caller holds the lock
 * and has decided that the container may go. Used by delete, by run at its end and by the undo of create.
 * [spec runtime.md#delete] [man cgroups.7, pidfd_send_signal.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { applyCgroupKill, waitCgroupEmpty } from '../cgroup/apply-cgroup-kill.ts';
import { applyCgroupRemoval } from '../cgroup/apply-cgroup-removal.ts';
import { stopRecordedUnit } from '../cgroup/apply-systemd-cgroup.ts';
import { openCgroup } from '../cgroup/read-cgroup.ts';
import { requireCgroupRoot } from '../cgroup/read-cgroup-facts.ts';
import { formatHookState } from '../hooks/format-hook-state.ts';
import { runHooksInBundle } from '../hooks/run-hooks-in-bundle.ts';
import type { Fd } from '../kernel/fd.ts';
import { POLLIN, SIGKILL } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applyResctrlRemoval } from '../resctrl/apply-resctrl.ts';
import { applyHostUnmounts } from '../rootfs/apply-host-unmounts.ts';
import { isSameProcessAlive } from '../state/read-process-facts.ts';
import { removeContainerDirectory, type StateDirectory } from '../state/state-directory.ts';
import type { StateRecord } from '../state/state-record.ts';
import { writeState } from '../state/write-state.ts';

export interface DestroyOptions {
  /**
   * 'ended': init was reaped, or is known to have ended, and had a pid namespace of its own, so nothing else can live.
   * 'kill': whatever the container still has is killed.
   * 'gone': the record is of another boot. What now has its pid or its cgroup's path and inode is somebody else's (rule B16).
   */
  readonly processes: 'ended' | 'kill' | 'gone';
  /** Root of the v2 tree if the caller has it open; it stays open. */
  readonly cgroupRoot?: Fd<'cgroup'> | undefined;
}

/** How long a killed process may take to leave; then the record stays and the error says so. */
const waitMs = 10_000;

/** Returns the failures of poststop hooks, one line each: they stop nothing [spec runtime.md#lifecycle]. */
export function destroyContainer(
  kernel: Kernel,
  container: StateDirectory,
  record: StateRecord,
  options: DestroyOptions,
): readonly string[] {
  const cgroup = options.processes === 'gone' ? undefined : record.cgroup;
  const root = cgroup && (options.cgroupRoot ?? requireCgroupRoot(kernel, cgroup.path));
  if (options.processes === 'kill') killProcesses(kernel, record, root);
  if (record.hostMounts !== undefined && options.processes !== 'gone') {
    applyHostUnmounts(kernel, record.rootfs, { before: record.hostMounts, made: record.madeMounts });
  }
  const unstopped = stopUnit(kernel, record, root);
  if (record.cgroup !== undefined && root !== undefined) applyCgroupRemoval(kernel, root, record.cgroup, waitMs);
  if (record.resctrl !== undefined && options.processes !== 'gone') {
    applyResctrlRemoval(kernel, record.resctrl, record.phase === 'creating');
  }
  const warnings = runPoststopHooks(kernel, container, record);
  removeContainerDirectory(kernel, container);
  return unstopped === undefined ? warnings : [unstopped, ...warnings];
}

/**
 * [order] after the processes were ended, because systemd would ask them first, and wait. systemd removes an empty scope by
 * itself, so that it cannot be asked is only told, and keeps no container from being deleted.
 */
function stopUnit(kernel: Kernel, record: StateRecord, root: Fd<'cgroup'> | undefined): string | undefined {
  const { systemdUnit, cgroup } = record;
  if (systemdUnit === undefined || cgroup === undefined || root === undefined) return undefined;
  return stopRecordedUnit(kernel, root, { unit: systemdUnit, cgroup }, waitMs);
}

/** [order] the whole cgroup first: init's end does not end the others when the pid namespace is shared. */
function killProcesses(kernel: Kernel, record: StateRecord, root: Fd<'cgroup'> | undefined): void {
  const cgroup =
    record.cgroup === undefined || root === undefined ? undefined : openCgroup(kernel, root, record.cgroup);
  if (cgroup !== undefined && record.cgroup?.inode !== 0) {
    applyCgroupKill(kernel, cgroup);
    const empty = waitCgroupEmpty(kernel, cgroup, waitMs);
    kernel.close(cgroup);
    if (!empty) throw stillRunning(record);
  } else if (record.init !== undefined) {
    killInit(kernel, record);
  }
}

/** Without a cgroup there is only init; with a pid namespace of its own the kernel kills the rest with it. */
function killInit(kernel: Kernel, record: StateRecord): void {
  if (record.init === undefined || !isSameProcessAlive(kernel, record.init)) return;
  const pidfd = openProcess(kernel, record.init.pid);
  if (pidfd === undefined) return;
  // [order] asked again after pidfd_open: between the two the number may have become another process.
  if (isSameProcessAlive(kernel, record.init)) {
    kernel.pidfdSendSignal(pidfd, SIGKILL);
    const seen = kernel.poll([pidfd], [POLLIN], waitMs);
    if (seen !== undefined && seen[0] === 0) throw stillRunning(record);
  }
  kernel.close(pidfd);
}

function openProcess(kernel: Kernel, pid: number): Fd<'object'> | undefined {
  try {
    return kernel.pidfdOpen(pid, 0);
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.errno === 'ESRCH') return undefined;
    throw error;
  }
}

function stillRunning(record: StateRecord): RuntimeError {
  return new RuntimeError({
    kind: 'state',
    message: `container init still running: ${record.id} has processes ${waitMs / 1000} s after SIGKILL`,
    hint: 'a process may be stuck in the kernel (state D); the record is kept, delete again later',
  });
}

/** The journal says 'deleting' before the first hook, so that a delete that is repeated does not run them twice. */
function runPoststopHooks(kernel: Kernel, container: StateDirectory, record: StateRecord): readonly string[] {
  const hooks = record.hooks?.poststop;
  if (hooks === undefined || hooks.length === 0 || record.phase === 'deleting') return [];
  writeState(kernel, container, { ...record, phase: 'deleting' });
  const { ociVersion, id, bundle, annotations } = record;
  const state = formatHookState({ ociVersion, id, status: 'stopped', pid: undefined, bundle, annotations });
  return runHooksInBundle(kernel, bundle, { name: 'poststop', hooks, state, annotations });
}
