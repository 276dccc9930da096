/**
 * Option tmpcopyup: what the tmpfs will cover is copied into it first, with types, modes, owners, times and extended attributes.
 * The source is the image's, so it is hostile: names are opened relative to a held directory, never through links, files only
 * after they are known to be regular, and without waiting (a FIFO put there in between cannot hang us).
 * [spec config.md#configLinuxMountOptions]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY, O_NOFOLLOW } from '../kernel/architecture-flags.ts';
import type { Fd } from '../kernel/fd.ts';
import {
  AT_SYMLINK_NOFOLLOW,
  O_CREAT,
  O_EXCL,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_WRONLY,
  RESOLVE_BENEATH,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from '../kernel/flags.ts';
import type { Kernel, Stat } from '../kernel/kernel.ts';

/** A tree deeper than this would exhaust descriptors; two are held for each level. */
const deepest = 128;
const chunkBytes = 1 << 30;
const confined = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;

/** `tmpfs` is the detached mount. Nothing at the path: nothing to copy. */
export function applyCopyUp(kernel: Kernel, root: Fd<'root'>, path: string, tmpfs: Fd<'root'>): void {
  const flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK;
  const source = kernel.openat2OrErrno(root, path, flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  if (source === 'ENOENT') return;
  if (typeof source === 'string') {
    throw new RuntimeError({ kind: 'kernel', path, syscall: 'openat2', errno: source });
  }
  // The mount's own descriptor only names it; for chmod and getdents a readable one is needed.
  const target = kernel.openat2(tmpfs, '.', flags, 0, confined);
  copyDirectory(kernel, source, target, 0);
}

/** Closes both. [order] children first because making them changes the directory's times. */
function copyDirectory(kernel: Kernel, source: Fd<'root'>, target: Fd<'root'>, depth: number): void {
  if (depth > deepest) {
    throw new RuntimeError({ kind: 'spec', path: source.path, message: `is deeper than ${deepest}: tmpcopyup stops` });
  }
  for (const name of kernel.readDirectory(source)) copyEntry(kernel, source, target, name, depth);
  copyAttributes(kernel, source, target, kernel.fstat(source));
  kernel.close(source);
  kernel.close(target);
}

function copyEntry(kernel: Kernel, source: Fd<'root'>, target: Fd<'root'>, name: string, depth: number): void {
  const stat = kernel.statx(source, name, AT_SYMLINK_NOFOLLOW);
  const type = stat.mode & S_IFMT;
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  if (type === S_IFDIR) {
    const from = kernel.openat2(source, name, flags | O_DIRECTORY, 0, confined);
    kernel.mkdirat(target, name, 0o700);
    copyDirectory(kernel, from, kernel.openat2(target, name, flags | O_DIRECTORY, 0, confined), depth + 1);
  } else if (type === S_IFREG) {
    const from = kernel.openat2(source, name, flags, 0, confined);
    copyFile(kernel, from, kernel.openat2(target, name, O_WRONLY | O_CREAT | O_EXCL, 0o600, confined));
  } else {
    if (type === S_IFLNK) kernel.symlinkat(kernel.readlinkat(source, name), target, name);
    else kernel.mknodat(target, name, stat.mode, stat.rdevMajor, stat.rdevMinor);
    const made = kernel.openat2(target, name, O_PATH | O_NOFOLLOW, 0, RESOLVE_BENEATH);
    kernel.fchown(made, stat.uid, stat.gid);
    kernel.close(made);
  }
}

/** What was opened decides, not what was seen before: it may have been exchanged. Closes both. */
function copyFile(kernel: Kernel, source: Fd<'root'>, target: Fd<'root'>): void {
  const stat = kernel.fstat(source);
  if ((stat.mode & S_IFMT) !== S_IFREG) {
    throw new RuntimeError({ kind: 'spec', path: source.path, message: 'changed while it was copied' });
  }
  while (kernel.sendfile(target, source, chunkBytes) > 0);
  copyAttributes(kernel, source, target, stat);
  kernel.close(source);
  kernel.close(target);
}

/** [order] chmod after chown, which takes set-id bits away; the times last. */
function copyAttributes(kernel: Kernel, source: Fd, target: Fd, stat: Stat): void {
  kernel.fchown(target, stat.uid, stat.gid);
  kernel.fchmod(target, stat.mode & 0o7777);
  // tmpfs has no user.* attributes before Linux 6.6, and some need privileges: those cannot come along.
  const names = orErrno(['EOPNOTSUPP'], () => kernel.flistxattr(source));
  if (!('errno' in names)) {
    for (const name of names) {
      orErrno(['EOPNOTSUPP', 'EPERM', 'ENODATA'], () => kernel.fsetxattr(target, name, kernel.fgetxattr(source, name)));
    }
  }
  kernel.futimensSeconds(target, stat.mtimeSeconds, stat.mtimeSeconds);
}
