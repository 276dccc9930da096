/**
 * Opens a container's record and looks at its processes: what every command that needs a status begins with. Signals nothing.
 * The order is fixed: the record first, then the facts, so that a container that ends meanwhile is seen as stopped.
 */
import type { GlobalOptions } from '../base/request.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd } from '../kernel/fd.ts';
import { O_RDONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { readBootId } from '../kernel/read-host-facts.ts';
import { readProcessStat } from '../state/read-process-facts.ts';
import { readState } from '../state/read-state.ts';
import { requireContainer, type StateDirectory } from '../state/state-directory.ts';
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

/** The status of now. */
export function observeStatus(kernel: Kernel, container: StateDirectory, record: StateRecord): Status {
  const bootId = readBootId(kernel);
  const init = record.init === undefined ? undefined : readProcessStat(kernel, record.init.pid);
  if (bootId !== record.bootId || !isInitAlive(record, init)) {
    return checkStatus(record, { bootId, init, gateExists: false, frozen: false });
  }
  const gateExists = kernel.statxOrErrno(container.directory, 'start.sock', 0) !== 'ENOENT';
  const frozen = !gateExists && readFrozen(kernel, record);
  return checkStatus(record, { bootId, init, gateExists, frozen });
}

/** Where the v2 tree can be: unified hosts, then hybrid ones. */
const cgroupMountPoints = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

/** cgroup.freeze of the container's own cgroup, if it is still the directory that create made (rule B16). */
function readFrozen(kernel: Kernel, record: StateRecord): boolean {
  if (record.cgroup === undefined) return false;
  for (const mountPoint of cgroupMountPoints) {
    const directory = kernel.openat2OrErrno(cwdFd, mountPoint + record.cgroup.path, O_RDONLY | O_DIRECTORY, 0, 0);
    if (typeof directory === 'string') continue;
    const file = kernel.openat2OrErrno(directory, 'cgroup.freeze', O_RDONLY, 0, 0);
    kernel.close(directory);
    if (typeof file === 'string') continue;
    const text = kernel.readAll(file, 16);
    kernel.close(file);
    return text[0] === '1';
  }
  return false;
}
