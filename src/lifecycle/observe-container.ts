/**
 * Opens a container's record and looks at its processes: what every command that needs a status begins with. Signals nothing.
 * The order is fixed: the record first, then the facts, so that a container that ends meanwhile is seen as stopped.
 */
import type { GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { openCgroup, readCgroupFreeze } from '../cgroup/read-cgroup.ts';
import { readCgroupFacts } from '../cgroup/read-cgroup-facts.ts';
import { startSocketName } from '../handshake/run-start-gate.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { readBootId } from '../kernel/read-host-facts.ts';
import { readProcessStat } from '../state/read-process-facts.ts';
import { readState } from '../state/read-state.ts';
import { lockContainer, requireContainer, type StateDirectory } from '../state/state-directory.ts';
import type { StateRecord } from '../state/state-record.ts';
import { checkStatus, isInitAlive, type Status } from './check-status.ts';

export interface ObservedContainer {
  readonly container: StateDirectory;
  readonly record: StateRecord;
  readonly status: Status;
}

/** Throws 'container does not exist'. The record is read without the lock: it is always whole. */
export function observeContainer(kernel: Kernel, globals: GlobalOptions, id: string): ObservedContainer {
  const container = requireContainer(kernel, globals, id);
  const record = readState(kernel, container);
  return { container, record, status: observeStatus(kernel, container, record) };
}

/**
 * The same for commands that change the container: locked first, so that none of two sees what the other is about to change.
 * [order] a create that is under way is not waited for: it may be waiting for a hook that calls us.
 */
export function observeLocked(kernel: Kernel, globals: GlobalOptions, id: string): ObservedContainer {
  const container = requireContainer(kernel, globals, id);
  const seen = readState(kernel, container);
  if (seen.phase === 'creating') return { container, record: seen, status: 'creating' };
  lockContainer(kernel, container);
  const record = readState(kernel, container);
  return { container, record, status: observeStatus(kernel, container, record) };
}

/** The status of now. */
export function observeStatus(kernel: Kernel, container: StateDirectory, record: StateRecord): Status {
  const bootId = readBootId(kernel);
  const init = record.init === undefined ? undefined : readProcessStat(kernel, record.init.pid);
  if (bootId !== record.bootId || !isInitAlive(record, init)) {
    return checkStatus(record, { bootId, init, gateExists: false, frozen: false });
  }
  const gateExists = hasStartSocket(kernel, container);
  return checkStatus(record, { bootId, init, gateExists, frozen: readFrozen(kernel, record) });
}

function hasStartSocket(kernel: Kernel, { directory }: StateDirectory): boolean {
  const stat = kernel.statxOrErrno(directory, startSocketName, 0);
  if (typeof stat !== 'string' || stat === 'ENOENT') return stat !== 'ENOENT';
  throw new RuntimeError({
    kind: 'kernel',
    path: `${directory.path}/${startSocketName}`,
    syscall: 'statx',
    errno: stat,
  });
}

/** Whether the container's own cgroup, if it is still the directory that create made, was asked to freeze (rule B16). */
function readFrozen(kernel: Kernel, record: StateRecord): boolean {
  if (record.cgroup === undefined) return false;
  const { root } = readCgroupFacts(kernel);
  if (root === undefined) return false;
  const cgroup = openCgroup(kernel, root, record.cgroup);
  kernel.close(root);
  if (cgroup === undefined) return false;
  const frozen = readCgroupFreeze(kernel, cgroup);
  kernel.close(cgroup);
  return frozen;
}
