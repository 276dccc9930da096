/**
 * kill: one signal to the container's init. The record's number alone is never trusted: a pidfd is opened first, then the
 * process it means is compared with the record, then the signal goes to the pidfd, so a reused pid is never hit.
 * [spec runtime.md#kill] [man pidfd_open.2, pidfd_send_signal.2, cgroups.7]
 */
import type { GlobalOptions } from '../base/request.ts';
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { applyCgroupKill } from '../cgroup/apply-cgroup-kill.ts';
import { openCgroup } from '../cgroup/read-cgroup.ts';
import { readCgroupFacts } from '../cgroup/read-cgroup-facts.ts';
import type { Fd } from '../kernel/fd.ts';
import { SIGKILL } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { readBootId } from '../kernel/read-host-facts.ts';
import { isInPidNamespace, readProcessStat } from '../state/read-process-facts.ts';
import { readState } from '../state/read-state.ts';
import { requireContainer } from '../state/state-directory.ts';
import type { StateRecord } from '../state/state-record.ts';
import { isInitAlive } from './check-status.ts';
import { parseSignal } from './signal-names.ts';

export interface KillRequest {
  readonly id: string;
  readonly signal: string;
  /** runc's: that the container has stopped is no error. */
  readonly all: boolean;
}

export function killContainer(kernel: Kernel, globals: GlobalOptions, request: KillRequest): void {
  const container = requireContainer(kernel, globals, request.id);
  const record = readState(kernel, container);
  const signal = parseSignal(request.signal);
  const delivered = signalContainer(kernel, record, signal);
  if (delivered || request.all) return;
  throw new RuntimeError({ kind: 'state', message: `container not running: ${request.id}` });
}

/** false: it has stopped, or is not there yet. */
export function signalContainer(kernel: Kernel, record: StateRecord, signal: number): boolean {
  if (record.init === undefined || record.bootId !== readBootId(kernel)) return false;
  const pidfd = openInit(kernel, record.init.pid);
  if (pidfd === undefined) return false;
  if (!isRecordedInit(kernel, record)) return false;
  // Without a pid namespace of its own the end of init leaves the others alive: KILL means the container, so all of it.
  if (signal === SIGKILL && !record.init.ownPidNamespace && killCgroup(kernel, record)) return true;
  const errno = kernel.pidfdSendSignal(pidfd, signal);
  if (errno === undefined) return true;
  if (errno === 'ESRCH') return false;
  throw new RuntimeError({
    kind: 'kernel',
    operation: `send signal ${signal} to container ${record.id}`,
    path: `process ${record.init.pid}`,
    syscall: 'pidfd_send_signal',
    errno,
  });
}

function openInit(kernel: Kernel, pid: number): Fd<'object'> | undefined {
  const pidfd = orErrno(['ESRCH'], () => kernel.pidfdOpen(pid, 0));
  return 'errno' in pidfd ? undefined : pidfd;
}

/** [order] after pidfd_open: what /proc says now is about the process that the pidfd holds, or that one is gone. */
function isRecordedInit(kernel: Kernel, record: StateRecord): boolean {
  const init = record.init;
  if (init === undefined || !isInitAlive(record, readProcessStat(kernel, init.pid))) return false;
  return isInPidNamespace(kernel, init.pid, init.pidNamespace);
}

/** false: there is no cgroup of ours to kill. */
function killCgroup(kernel: Kernel, record: StateRecord): boolean {
  if (record.cgroup === undefined) return false;
  const { root } = readCgroupFacts(kernel);
  const cgroup = root === undefined ? undefined : openCgroup(kernel, root, record.cgroup);
  if (cgroup === undefined) return false;
  applyCgroupKill(kernel, cgroup);
  return true;
}
