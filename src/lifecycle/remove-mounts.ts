/**
 * mounts remove, inside the container: the mount on top of a destination is taken off if it is the one that `mounts add` put
 * there. Only the identity is believed: else a container that swaps a directory for a link could have the cover of a masked
 * path taken off. [man umount.2 MNT_DETACH]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { STATX_ATTR_MOUNT_ROOT } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { openInRootOrErrno } from '../rootfs/open-in-root.ts';
import { type MountRecord, mountIdentity, readMountRecords, writeMountRecords } from '../state/mount-records.ts';
import type { StateDirectory } from '../state/state-directory.ts';
import { type ContainerMounts, type EnteredContainer, enterMounts } from './enter-mounts.ts';

/** `destinations` as cleanPath writes them; of several mounts on one the newest goes. */
export function removeMounts(
  kernel: Kernel,
  container: StateDirectory,
  entered: EnteredContainer,
  destinations: readonly string[],
): void {
  const known = readMountRecords(kernel, container);
  const left = [...known];
  const chosen = destinations.map((destination) => {
    const index = left.findLastIndex((record) => record.destination === destination);
    const [record] = index < 0 ? [] : left.splice(index, 1);
    if (record !== undefined) return record;
    throw new RuntimeError({
      kind: 'state',
      path: destination,
      message: 'is no mount of mounts add',
      hint: 'mounts that the container was made with stay as long as it does',
    });
  });
  const removed = new Set<MountRecord>();
  try {
    enterMounts(kernel, entered, (mounts) => detachRecorded(kernel, mounts, chosen, removed));
  } finally {
    writeMountRecords(
      kernel,
      container,
      known.filter((record) => !removed.has(record)),
    );
  }
}

/**
 * In the container's mount namespace. One after the other, because several can lie on one destination; what is gone is added to
 * `removed`.
 */
export function detachRecorded(
  kernel: Kernel,
  mounts: ContainerMounts,
  records: readonly MountRecord[],
  removed: Set<MountRecord> = new Set(),
): void {
  for (const record of records) {
    const { destination, identity } = record;
    const found = openInRootOrErrno(kernel, mounts.root, destination, 0, 0);
    if (typeof found === 'string') throw notThere(destination, found);
    const stat = kernel.fstat(found);
    const isRoot = (stat.attributes & STATX_ATTR_MOUNT_ROOT) !== 0;
    if (!isRoot || mountIdentity(stat) !== identity) throw notThere(destination, undefined);
    mounts.detach(found);
    removed.add(record);
  }
}

function notThere(path: string, errno: string | undefined): RuntimeError {
  return new RuntimeError({
    kind: 'state',
    path,
    message: 'what is there now is not what mounts add has mounted',
    hint: 'the container has moved or covered it, or taken it off',
    ...(errno === undefined ? {} : { syscall: 'openat2', errno }),
  });
}
