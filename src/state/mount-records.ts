/**
 * What `mounts add` has mounted in a container, in <root>/<id>/mounts.json: `mounts remove` takes off these and nothing else.
 * A mount is known by its number and by the file it shows, not by its path: the container can move paths about.
 */
import { formatJson } from '../base/format-json.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { O_NOFOLLOW } from '../kernel/architecture-flags.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_CREAT, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } from '../kernel/flags.ts';
import type { Kernel, Stat } from '../kernel/kernel.ts';
import { lockContainer, type StateDirectory, unlockContainer } from './state-directory.ts';

export interface MountRecord {
  /** As cleanPath (spec/check-mounts.ts) writes it. */
  readonly destination: string;
  /** Identity of the mount and of its root: "mount id, device, inode". */
  readonly identity: string;
}

const fileName = 'mounts.json';
const limitBytes = 1 << 20;

export function mountIdentity({ mountId, devMajor, devMinor, ino }: Stat): string {
  return `${mountId} ${devMajor}:${devMinor} ${ino}`;
}

/** In the order in which they were added. */
export function readMountRecords(kernel: Kernel, container: StateDirectory): readonly MountRecord[] {
  const file = kernel.openat2OrErrno(container.directory, fileName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, 0);
  if (file === 'ENOENT') return [];
  const path = `${container.directory.path}/${fileName}`;
  if (typeof file === 'string') {
    throw new RuntimeError({ kind: 'kernel', operation: 'read the state', path, syscall: 'openat2', errno: file });
  }
  const parsed = kernel.parseJson(kernel.readAll(file, limitBytes));
  kernel.close(file);
  if (!('error' in parsed) && Array.isArray(parsed.value) && parsed.value.every(isRecord)) return parsed.value;
  throw new RuntimeError({ kind: 'state', path, message: 'is damaged: it is no list of mounts' });
}

function isRecord(value: unknown): value is MountRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { destination, identity } = value as Partial<MountRecord>;
  return typeof destination === 'string' && destination.startsWith('/') && typeof identity === 'string';
}

/**
 * What commands of `mounts` lock to come one after the other: a file of its own, because they may wait in the container for as
 * long as it likes. The caller holds the container's lock: a directory that is being deleted must not get new files.
 */
export function openMountsLock(kernel: Kernel, container: StateDirectory): Fd {
  return kernel.openat2(container.directory, 'mounts.lock', O_RDONLY | O_CREAT | O_NOFOLLOW, 0o600, 0);
}

/**
 * A whole file, renamed into place, under the container's lock, which is kept: the caller has done what it was for. Not after a
 * failure. Throws 'container does not exist' when it was deleted meanwhile.
 */
export function writeMountRecords(kernel: Kernel, container: StateDirectory, records: readonly MountRecord[]): void {
  lockContainer(kernel, container);
  try {
    const { directory } = container;
    const temporary = `${fileName}~`;
    const file = kernel.openat2(directory, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600, 0);
    kernel.write(file, formatJson(records));
    kernel.close(file);
    kernel.renameat2(directory, temporary, directory, fileName, 0);
  } catch (error) {
    unlockContainer(kernel, container);
    throw error;
  }
}
