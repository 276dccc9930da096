/** The files part of the real Kernel: thin calls into native:kernel. [man openat2.2 and the pages named by each method] */
import * as native from 'native:kernel';
import { Fd, type FdTree } from './fd.ts';
import { AT_EMPTY_PATH, F_DUPFD_CLOEXEC, LOCK_NB } from './flags.ts';
import type { Kernel, Stat } from './kernel.ts';
import { check, checkAt, checkData, errnoOrUndefined, joinPath, kernelError, newFd } from './native-result.ts';

/** Also the fake's part of the same name (src/testing). */
export type FileMethods =
  | 'openat2'
  | 'openat2OrErrno'
  | 'close'
  | 'readAll'
  | 'read'
  | 'write'
  | 'writeSomeOrErrno'
  | 'statx'
  | 'statxOrErrno'
  | 'fstat'
  | 'fstatfs'
  | 'mkdirat'
  | 'mkdiratOrErrno'
  | 'mknodat'
  | 'symlinkat'
  | 'unlinkat'
  | 'unlinkatOrErrno'
  | 'renameat2'
  | 'readlinkat'
  | 'faccessat2'
  | 'fchmod'
  | 'fchown'
  | 'flock'
  | 'readDirectory'
  | 'fcntl'
  | 'duplicate'
  | 'dup2'
  | 'closeRange'
  | 'memfdCreate'
  | 'sendfile'
  | 'fchdir'
  | 'getcwd'
  | 'umask'
  | 'poll'
  | 'pipe2'
  | 'flistxattr'
  | 'fgetxattr'
  | 'fsetxattr'
  | 'futimensSeconds';

export const nativeFiles: Pick<Kernel, FileMethods> = {
  openat2<Tree extends FdTree>(dirfd: Fd<Tree>, path: string, flags: number, mode: number, resolve: number): Fd<Tree> {
    return new Fd<Tree>(
      checkAt('openat2', native.openat2(dirfd.number, path, flags, mode, resolve), dirfd, path),
      joinPath(dirfd, path),
    );
  },
  openat2OrErrno<Tree extends FdTree>(dirfd: Fd<Tree>, path: string, flags: number, mode: number, resolve: number) {
    const result = native.openat2(dirfd.number, path, flags, mode, resolve);
    return result < 0 ? native.errnoName(-result) : new Fd<Tree>(result, joinPath(dirfd, path));
  },
  close(fd) {
    const path = fd.path;
    check('close', native.close(fd.release()), path);
  },
  readAll: (fd, limitBytes) => checkData('read', native.readAll(fd.number, limitBytes), fd.path),
  read: (fd, lengthBytes) => checkData('read', native.read(fd.number, lengthBytes), fd.path),
  write: writeAll,
  writeSomeOrErrno(fd, data) {
    const result = native.write(fd.number, data);
    return result < 0 ? native.errnoName(-result) : result;
  },
  statx: (dirfd, path, flags) => checkData('statx', native.statx(dirfd.number, path, flags), joinPath(dirfd, path)),
  statxOrErrno(dirfd, path, flags) {
    const result: Stat | number = native.statx(dirfd.number, path, flags);
    return typeof result === 'number' ? native.errnoName(-result) : result;
  },
  fstat: (fd) => checkData('statx', native.statx(fd.number, '', AT_EMPTY_PATH), fd.path),
  fstatfs: (fd) => check('fstatfs', native.fstatfs(fd.number), fd.path),
  mkdirat(dirfd, name, mode) {
    checkAt('mkdirat', native.mkdirat(dirfd.number, name, mode), dirfd, name);
  },
  mkdiratOrErrno: (dirfd, name, mode) => errnoOrUndefined(native.mkdirat(dirfd.number, name, mode)),
  mknodat(dirfd, name, mode, major, minor) {
    checkAt('mknodat', native.mknodat(dirfd.number, name, mode, major, minor), dirfd, name);
  },
  symlinkat(target, dirfd, name) {
    checkAt('symlinkat', native.symlinkat(target, dirfd.number, name), dirfd, name);
  },
  unlinkat(dirfd, name, flags) {
    checkAt('unlinkat', native.unlinkat(dirfd.number, name, flags), dirfd, name);
  },
  unlinkatOrErrno: (dirfd, name, flags) => errnoOrUndefined(native.unlinkat(dirfd.number, name, flags)),
  renameat2(oldDirfd, oldName, newDirfd, newName, flags) {
    const result = native.renameat2(oldDirfd.number, oldName, newDirfd.number, newName, flags);
    checkAt('renameat2', result, newDirfd, newName);
  },
  readlinkat: (dirfd, path) => checkData('readlinkat', native.readlinkat(dirfd.number, path), joinPath(dirfd, path)),
  faccessat2: (dirfd, path, mode, flags) => errnoOrUndefined(native.faccessat2(dirfd.number, path, mode, flags)),
  fchmod(fd, mode) {
    check('fchmod', native.fchmod(fd.number, mode), fd.path);
  },
  fchown(fd, uid, gid) {
    check('fchownat', native.fchown(fd.number, uid, gid), fd.path);
  },
  flock(fd, operation) {
    const result = native.flock(fd.number, operation);
    if (result < 0 && (operation & LOCK_NB) !== 0 && native.errnoName(-result) === 'EAGAIN') return false;
    check('flock', result, fd.path);
    return true;
  },
  readDirectory: (fd) => checkData('getdents64', native.readDirectory(fd.number), fd.path),
  fcntl: (fd, command, argument) => check('fcntl', native.fcntl(fd.number, command, argument), fd.path),
  duplicate<Tree extends FdTree>(fd: Fd<Tree>, minimum: number): Fd<Tree> {
    return new Fd<Tree>(check('fcntl', native.fcntl(fd.number, F_DUPFD_CLOEXEC, minimum), fd.path), fd.path);
  },
  dup2(fd, newNumber) {
    check('dup3', native.dup3(fd.number, newNumber, 0), fd.path);
  },
  closeRange(first, last, flags) {
    check('close_range', native.closeRange(first, last, flags));
  },
  memfdCreate: (name, flags) => newFd('memfd_create', native.memfdCreate(name, flags), name),
  sendfile: (outFd, inFd, count) => check('sendfile', native.sendfile(outFd.number, inFd.number, count), outFd.path),
  fchdir(fd) {
    check('fchdir', native.fchdir(fd.number), fd.path);
  },
  getcwd: () => checkData('getcwd', native.getcwd()),
  umask: (mode) => native.umask(mode),
  poll(fds, events, timeoutMs) {
    const result = native.poll(
      fds.map((fd) => fd.number),
      events,
      timeoutMs,
    );
    if (typeof result !== 'number') return result;
    if (native.errnoName(-result) === 'EINTR') return undefined;
    throw kernelError('poll', result);
  },
  pipe2(flags) {
    const [reader, writer] = checkData('pipe2', native.pipe2(flags));
    return [new Fd<'object'>(reader, 'pipe'), new Fd<'object'>(writer, 'pipe')];
  },
  flistxattr: (fd) => checkData('flistxattr', native.flistxattr(fd.number), fd.path),
  fgetxattr: (fd, name) => checkData('fgetxattr', native.fgetxattr(fd.number, name), fd.path),
  fsetxattr(fd, name, value) {
    check('fsetxattr', native.fsetxattr(fd.number, name, value), fd.path);
  },
  futimensSeconds(fd, atimeSeconds, mtimeSeconds) {
    check('utimensat', native.futimensSeconds(fd.number, atimeSeconds, mtimeSeconds), fd.path);
  },
};

/** A string is written whole by the native side (no encoder here); bytes may need more than one write(2). */
function writeAll(fd: Fd, data: string | Uint8Array): void {
  let written = check('write', native.write(fd.number, data), fd.path);
  if (typeof data === 'string') return;
  while (written < data.length) written += check('write', native.write(fd.number, data.subarray(written)), fd.path);
}
