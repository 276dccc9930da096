/**
 * list: the states of all containers under the root. One that cannot be read is reported and does not hide the others.
 */
import type { GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd } from '../kernel/fd.ts';
import { O_NONBLOCK, O_RDONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { listContainerIds, openStateRoot, stateRootPath } from '../state/state-directory.ts';
import { eachContainer } from './each-container.ts';
import { observeContainer } from './observe-container.ts';
import { type ContainerState, describeContainer } from './show-state.ts';

export interface ContainerList {
  readonly containers: readonly ContainerState[];
  /** One line for each container that could not be read. */
  readonly problems: readonly string[];
}

export function listContainers(kernel: Kernel, globals: GlobalOptions): ContainerList {
  const root = openStateRoot(kernel, globals);
  if (root === undefined) {
    // The default root is made by the first create; one that was named and is missing is a mistake, as with runc.
    if (globals.root === undefined) return { containers: [], problems: [] };
    const path = stateRootPath(kernel, globals);
    throw new RuntimeError({
      kind: 'usage',
      operation: 'list the containers',
      path,
      syscall: 'openat2',
      errno: 'ENOENT',
    });
  }
  const containers: ContainerState[] = [];
  const nameOf = ownerNames(kernel);
  const failures = eachContainer(kernel, root, listContainerIds(kernel, root), (id) => {
    const observed = observeContainer(kernel, globals, id);
    containers.push(describeContainer(observed, nameOf(observed.record.owner)));
  });
  return { containers, problems: failures.map(({ id, error }) => `load container ${id}: ${error.message}`) };
}

/** uid -> name, or "#uid" as runc has it. /etc/passwd is read once, and only when there is a container. */
function ownerNames(kernel: Kernel): (uid: number) => string {
  let names: ReadonlyMap<number, string> | undefined;
  return (uid) => {
    names ??= readUserNames(kernel);
    return names.get(uid) ?? `#${uid}`;
  };
}

function readUserNames(kernel: Kernel): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const file = kernel.openat2OrErrno(cwdFd, '/etc/passwd', O_RDONLY | O_NONBLOCK, 0, 0);
  if (typeof file === 'string') return names;
  for (const line of kernel.readAll(file, 16 * 1024 * 1024).split('\n')) {
    const fields = line.split(':', 3);
    const uid = Number(fields[2]);
    if (fields[0] !== undefined && fields[2] !== undefined && !names.has(uid)) names.set(uid, fields[0]);
  }
  kernel.close(file);
  return names;
}
