/**
 * Takes an id for a new container. mkdir(2) decides between two that want it at once; who loses is told whether a container
 * has the id or only the rest of a create that was killed, which `delete` removes. [man mkdirat.2, flock.2]
 */
import type { GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { readBootId } from '../kernel/read-host-facts.ts';
import { isSameProcessAlive } from './read-process-facts.ts';
import { readStateOrFault } from './read-state.ts';
import {
  isNoSuchContainer,
  makeContainerDirectory,
  openContainer,
  type StateDirectory,
  tryLockContainer,
} from './state-directory.ts';

/** The new container's directory, locked and empty. Its undo is removeContainerDirectory. */
export function claimContainer(kernel: Kernel, globals: Pick<GlobalOptions, 'root'>, id: string): StateDirectory {
  const made = makeContainerDirectory(kernel, globals, id);
  if (made !== undefined) return made;
  throw isInterrupted(kernel, globals, id) ? interrupted(id) : alreadyExists(id);
}

/** Phase 'creating' without the process that was creating it: nobody will ever finish it. */
function isInterrupted(kernel: Kernel, globals: Pick<GlobalOptions, 'root'>, id: string): boolean {
  const container = openContainer(kernel, globals, id);
  if (container === undefined) return false;
  const record = readStateOrFault(kernel, container);
  // Without a readable record the lock and the directory's age tell whether somebody is just making one.
  if (record instanceof RuntimeError) return !isNoSuchContainer(record, id) && tryLockContainer(kernel, container);
  if (record.phase !== 'creating') return false;
  return record.bootId !== readBootId(kernel) || !isSameProcessAlive(kernel, record.runtime);
}

function alreadyExists(id: string): RuntimeError {
  return new RuntimeError({ kind: 'state', message: `container with given ID already exists: ${id}` });
}

function interrupted(id: string): RuntimeError {
  return new RuntimeError({
    kind: 'state',
    message: `container with given ID already exists: ${id} is an interrupted create`,
    hint: `run: runt delete ${id}`,
  });
}
