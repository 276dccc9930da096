/** The mounts part of the real Kernel: the descriptor-based mount API only. [man mount_setattr.2, fsopen.2, open_tree.2, move_mount.2, pivot_root.2] */
import * as native from 'native:kernel';
import { Fd, type FdTree } from './fd.ts';
import type { Kernel } from './kernel.ts';
import { check, checkAt, errnoOrUndefined, joinPath, newFd } from './native-result.ts';

/** Also the fake's part of the same name (src/testing). */
export type MountMethods =
  | 'fsopen'
  | 'fsconfig'
  | 'fsmount'
  | 'fspick'
  | 'openTree'
  | 'openTreeOrErrno'
  | 'moveMount'
  | 'moveMountOrErrno'
  | 'mountSetattr'
  | 'pivotRoot'
  | 'umount'
  | 'umountEntry'
  | 'chroot';

export const nativeMounts: Pick<Kernel, MountMethods> = {
  fsopen: (fsType, flags) => newFd('fsopen', native.fsopen(fsType, flags), fsType),
  fsconfig(fd, command, key, value, aux) {
    const result = native.fsconfig(fd.number, command, key, value, aux === undefined ? 0 : aux.number);
    if (result < 0)
      check('fsconfig', result, key === null ? fd.path : `${fd.path}: ${key}${value === null ? '' : `=${value}`}`);
  },
  fsmount: (fd, flags, mountAttributes) => newFd('fsmount', native.fsmount(fd.number, flags, mountAttributes), fd.path),
  fspick: (dirfd, path, flags) => newFd('fspick', native.fspick(dirfd.number, path, flags), joinPath(dirfd, path)),
  openTree<Tree extends FdTree>(dirfd: Fd<Tree>, path: string, flags: number): Fd<Tree> {
    return new Fd<Tree>(
      checkAt('open_tree', native.openTree(dirfd.number, path, flags), dirfd, path),
      joinPath(dirfd, path),
    );
  },
  openTreeOrErrno<Tree extends FdTree>(dirfd: Fd<Tree>, path: string, flags: number): Fd<Tree> | string {
    const result = native.openTree(dirfd.number, path, flags);
    return result < 0 ? native.errnoName(-result) : new Fd<Tree>(result, joinPath(dirfd, path));
  },
  moveMount(fromFd, fromPath, toFd, toPath, flags) {
    checkAt('move_mount', native.moveMount(fromFd.number, fromPath, toFd.number, toPath, flags), toFd, toPath);
  },
  moveMountOrErrno: (fromFd, fromPath, toFd, toPath, flags) =>
    errnoOrUndefined(native.moveMount(fromFd.number, fromPath, toFd.number, toPath, flags)),
  mountSetattr(dirfd, path, flags, attributes) {
    const { set, clear, propagation, userns } = attributes;
    const usernsNumber = userns === undefined ? 0 : userns.number;
    checkAt(
      'mount_setattr',
      native.mountSetattr(dirfd.number, path, flags, set, clear, propagation, usernsNumber),
      dirfd,
      path,
    );
  },
  pivotRoot() {
    check('pivot_root', native.pivotRoot());
  },
  umount(flags) {
    check('umount2', native.umount(flags));
  },
  umountEntry(name, flags) {
    check('umount2', native.umountEntry(name, flags), name);
  },
  chroot() {
    check('chroot', native.chroot());
  },
};
