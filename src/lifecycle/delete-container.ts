/**
 * delete: removes what is left of a container; with --force also one that still runs. Decides whether it may go;
 * destroy-container.ts does it. Finishes what an earlier delete or a killed create left half done.
 * A created container is refused without --force, as the specification says (runc deletes it) [spec runtime.md#delete].
 */
import type { GlobalOptions } from '../base/request.ts';
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { AT_SYMLINK_NOFOLLOW, SIGKILL } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { readBootId } from '../kernel/read-host-facts.ts';
import { readSalvage, readStateOrFault } from '../state/read-state.ts';
import {
  lockIfThere,
  noSuchContainer,
  openContainer,
  removeContainerDirectory,
  type StateDirectory,
} from '../state/state-directory.ts';
import type { StateRecord } from '../state/state-record.ts';
import { type DestroyOptions, destroyContainer } from './destroy-container.ts';
import { signalContainer } from './kill-container.ts';
import { observeStatus } from './observe-container.ts';

export interface DeleteRequest {
  readonly id: string;
  readonly force: boolean;
}

/** Returns warnings: failures of poststop hooks, and what could not be known of a damaged record. */
export function deleteContainer(kernel: Kernel, globals: GlobalOptions, request: DeleteRequest): readonly string[] {
  const container = openContainer(kernel, globals, request.id);
  if (container === undefined) return request.force ? [] : noSuchContainer(request.id);
  const beforeWaiting = request.force ? () => endUnlocked(kernel, container) : undefined;
  if (!lockIfThere(kernel, container, beforeWaiting)) return request.force ? [] : noSuchContainer(request.id);
  const record = readStateOrFault(kernel, container);
  if (record instanceof RuntimeError) return deleteDamaged(kernel, container, record, request.force);
  const status = observeStatus(kernel, container, record);
  // 'creating' while we hold the lock: whoever was creating it is dead, so it is only a rest.
  if (status !== 'stopped' && status !== 'creating' && !request.force) {
    throw new RuntimeError({
      kind: 'state',
      message: `cannot delete container ${request.id} that is not stopped: ${status}`,
      hint: `kill it first, or: runt delete --force ${request.id}`,
    });
  }
  return destroyContainer(kernel, container, record, { processes: processesOf(kernel, record, status) });
}

/**
 * Whoever holds the lock may wait for the container (its start for a seccomp agent that does not answer), which is to end
 * anyway: it is ended first, as `kill` does it. Not while it is created, which ends by itself or takes itself back.
 */
function endUnlocked(kernel: Kernel, container: StateDirectory): void {
  const record = readStateOrFault(kernel, container);
  if (record instanceof RuntimeError || record.phase !== 'created') return;
  // What cannot be signalled is told under the lock.
  orErrno(['EPERM'], () => signalContainer(kernel, record, SIGKILL));
}

/** Ended: stopped, and nothing can have outlived init, because its pid namespace took it along. */
function processesOf(kernel: Kernel, record: StateRecord, status?: string): DestroyOptions['processes'] {
  if (record.bootId !== readBootId(kernel)) return 'gone';
  return status === 'stopped' && record.init?.ownPidNamespace === true ? 'ended' : 'kill';
}

/**
 * No usable record. Without a state.json at all, create was killed before its first effect (journal first, rule B15): the
 * directory is only a rest. A damaged one needs --force, and is warned about when not even the one before it says anything.
 */
function deleteDamaged(
  kernel: Kernel,
  container: StateDirectory,
  fault: RuntimeError,
  force: boolean,
): readonly string[] {
  if (kernel.statxOrErrno(container.directory, 'state.json', AT_SYMLINK_NOFOLLOW) === 'ENOENT') {
    removeContainerDirectory(kernel, container);
    return [];
  }
  if (!force) throw fault;
  const salvage = readSalvage(kernel, container);
  if (salvage !== undefined) {
    return destroyContainer(kernel, container, salvage, { processes: processesOf(kernel, salvage) });
  }
  removeContainerDirectory(kernel, container);
  return [`the record of ${container.id} was damaged (${fault.message}); its processes, if any, were not found`];
}
