/**
 * The container's terminal: a pseudo-terminal of its own devpts, never of the host's and never opened by a path that the image
 * could have prepared: ptmx relative to the verified mount, the slave only through its master (rule B5).
 * [spec config.md#process] [man pts.4] [man ioctl_tty.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import type { Fd, FdTree } from '../kernel/fd.ts';
import {
  DEVPTS_SUPER_MAGIC,
  O_PATH,
  O_RDWR,
  RESOLVE_BENEATH,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  S_IFCHR,
  S_IFMT,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

export interface Console {
  /** To be sent to who reads the output; close it in the container's process afterwards. */
  readonly master: Fd;
  /** For /dev/console and applyConsoleStdio. */
  readonly slave: Fd<'object'>;
}

export interface ConsoleOptions {
  /** The root of the container's devpts: the mount's own descriptor, or what openDevpts gave. */
  readonly devpts: Fd;
  /** undefined: the kernel's default. */
  readonly size: { readonly rows: number; readonly columns: number } | undefined;
  /** Owner of the slave: the container user's uid, in the caller's user namespace. */
  readonly uid: number;
}

const operation = 'set up the terminal in the container';
/** TTYAUX_MAJOR, and the inode that devpts gives its ptmx. */
const ptmxDevice = { major: 5, minor: 2, inode: 2 };

/** /dev/pts below root (the container's root directory), verified to be a devpts. */
export function openDevpts<Tree extends FdTree>(kernel: Kernel, root: Fd<Tree>): Fd<Tree> {
  const resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const devpts = kernel.openat2OrErrno(root, 'dev/pts', O_PATH | O_DIRECTORY, 0, resolve);
  if (typeof devpts === 'string') throw noDevpts(devpts);
  if (kernel.fstatfs(devpts) === DEVPTS_SUPER_MAGIC) return devpts;
  kernel.close(devpts);
  throw noDevpts('ENODEV');
}

/** A new pseudo-terminal with its size and owner; both descriptors are close-on-exec. */
export function applyConsole(kernel: Kernel, { devpts, size, uid }: ConsoleOptions): Console {
  const master = openPtmx(kernel, devpts);
  try {
    kernel.ioctlTiocsptlck(master, 0);
    const slave = kernel.ioctlTiocgptpeer(master, O_RDWR);
    if (size !== undefined) kernel.ioctlTiocswinsz(master, size.rows, size.columns);
    giveToUser(kernel, slave, uid);
    return { master, slave };
  } catch (error) {
    kernel.close(master);
    throw error instanceof RuntimeError ? error.within(operation) : error;
  }
}

function openPtmx(kernel: Kernel, devpts: Fd): Fd {
  const resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const master = kernel.openat2OrErrno(devpts, 'ptmx', O_RDWR, 0, resolve);
  if (typeof master === 'string') throw noDevpts(master);
  const stat = kernel.fstat(master);
  const isPtmx =
    (stat.mode & S_IFMT) === S_IFCHR &&
    stat.rdevMajor === ptmxDevice.major &&
    stat.rdevMinor === ptmxDevice.minor &&
    stat.ino === ptmxDevice.inode;
  if (isPtmx) return master;
  kernel.close(master);
  throw new RuntimeError({
    kind: 'kernel',
    operation,
    path: '/dev/pts/ptmx',
    message: 'it is not the ptmx of a devpts',
  });
}

/** Only the owner: the group is that of the mount's gid= option. A user namespace may not map either: then it stays as it is. */
function giveToUser(kernel: Kernel, slave: Fd, uid: number): void {
  const stat = kernel.fstat(slave);
  if (stat.uid === uid) return;
  try {
    kernel.fchown(slave, uid, stat.gid);
  } catch (error) {
    const errno = error instanceof RuntimeError ? error.fields.errno : undefined;
    if (errno !== 'EPERM' && errno !== 'EINVAL' && errno !== 'EROFS') throw error;
  }
}

/**
 * Makes the slave the controlling terminal (the caller is a session leader without one) and descriptors 0, 1, 2, and closes it.
 * [order] after setsid because only a leader can, and after the bind on /dev/console because that needs the slave's descriptor.
 */
export function applyConsoleStdio(kernel: Kernel, slave: Fd): void {
  try {
    kernel.ioctlTiocsctty(slave, 0);
    for (const number of [0, 1, 2]) kernel.dup2(slave, number);
  } catch (error) {
    throw error instanceof RuntimeError ? error.within(operation) : error;
  }
  kernel.close(slave);
}

function noDevpts(errno: string): RuntimeError {
  return new RuntimeError({
    kind: 'spec',
    operation,
    path: '/dev/pts',
    errno,
    hint: 'process.terminal needs a mount of type devpts on /dev/pts, with ptmxmode=0666',
  });
}
