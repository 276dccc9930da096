/**
 * Constants of the kernel's interface, under their own names. Values are the same on every architecture except those of
 * architecture-flags.ts. A test compares them with the C headers of the build machine.
 */

// openat2(2), openat(2)
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;

// RESOLVE_* of openat2(2)
export const RESOLVE_NO_XDEV = 1;
export const RESOLVE_NO_MAGICLINKS = 2;
export const RESOLVE_NO_SYMLINKS = 4;
export const RESOLVE_BENEATH = 8;
export const RESOLVE_IN_ROOT = 0x10;

// AT_*
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_REMOVEDIR = 0x200;
export const AT_EMPTY_PATH = 0x1000;
export const AT_RECURSIVE = 0x8000;
export const AT_EACCESS = 0x200;

// statx(2) attributes
export const STATX_ATTR_MOUNT_ROOT = 0x2000;

// file type bits of st_mode
export const S_IFMT = 0o170000;
export const S_IFLNK = 0o120000;
export const S_IFSOCK = 0o140000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o60000;
export const S_IFDIR = 0o40000;
export const S_IFCHR = 0o20000;
export const S_IFIFO = 0o10000;

// access(2)
export const F_OK = 0;
export const X_OK = 1;
export const W_OK = 2;

// mount(2) flags: propagation is given to mount_setattr(2) in these
export const MS_UNBINDABLE = 0x20000;
export const MS_PRIVATE = 0x40000;
export const MS_SLAVE = 0x80000;
export const MS_SHARED = 0x100000;

// MOUNT_ATTR_* of mount_setattr(2), fsmount(2)
export const MOUNT_ATTR_RDONLY = 1;
export const MOUNT_ATTR_NOSUID = 2;
export const MOUNT_ATTR_NODEV = 4;
export const MOUNT_ATTR_NOEXEC = 8;
export const MOUNT_ATTR__ATIME = 0x70;
export const MOUNT_ATTR_RELATIME = 0;
export const MOUNT_ATTR_NOATIME = 0x10;
export const MOUNT_ATTR_STRICTATIME = 0x20;
export const MOUNT_ATTR_NODIRATIME = 0x80;
export const MOUNT_ATTR_IDMAP = 0x100000;
export const MOUNT_ATTR_NOSYMFOLLOW = 0x200000;

// fsconfig(2) commands
export const FSCONFIG_SET_FLAG = 0;
export const FSCONFIG_SET_STRING = 1;
export const FSCONFIG_CMD_CREATE = 6;
export const FSCONFIG_CMD_RECONFIGURE = 7;

// fspick(2), fsopen(2)
export const FSOPEN_CLOEXEC = 1;
export const FSMOUNT_CLOEXEC = 1;
export const FSPICK_CLOEXEC = 1;
export const FSPICK_EMPTY_PATH = 8;

// open_tree(2) (O_CLOEXEC is always added)
export const OPEN_TREE_CLONE = 1;

// move_mount(2)
export const MOVE_MOUNT_F_EMPTY_PATH = 4;
export const MOVE_MOUNT_T_EMPTY_PATH = 0x40;

// umount2(2)
export const MNT_DETACH = 2;

// clone3(2), unshare(2), setns(2)
export const CLONE_NEWTIME = 0x80;
export const CLONE_NEWNS = 0x20000;
export const CLONE_VFORK = 0x4000;
export const CLONE_PARENT = 0x8000;
export const CLONE_NEWCGROUP = 0x2000000;
export const CLONE_NEWUTS = 0x4000000;
export const CLONE_NEWIPC = 0x8000000;
export const CLONE_NEWUSER = 0x10000000;
export const CLONE_NEWPID = 0x20000000;
export const CLONE_NEWNET = 0x40000000;

// waitid(2)
export const P_ALL = 0;
export const P_PID = 1;
export const P_PIDFD = 3;
export const WNOHANG = 1;
export const WEXITED = 4;
export const WNOWAIT = 0x1000000;
export const CLD_EXITED = 1;
export const CLD_KILLED = 2;
export const CLD_DUMPED = 3;

// prctl(2)
export const PR_SET_PDEATHSIG = 1;
export const PR_GET_DUMPABLE = 3;
export const PR_SET_DUMPABLE = 4;
export const PR_SET_CHILD_SUBREAPER = 0x24;

// fcntl(2), flock(2), close_range(2), memfd_create(2)
export const F_GETFD = 1;
export const F_SETFL = 4;
export const F_DUPFD_CLOEXEC = 0x406;
export const LOCK_EX = 2;
export const LOCK_NB = 4;
export const LOCK_UN = 8;
export const CLOSE_RANGE_CLOEXEC = 4;
export const MFD_CLOEXEC = 1;

// poll(2)
export const POLLIN = 1;
export const POLLPRI = 2;
export const POLLOUT = 4;
export const POLLERR = 8;
export const POLLHUP = 0x10;

// socket(2)
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_SEQPACKET = 5;
export const SOCK_NONBLOCK = 0o4000;
export const SOL_SOCKET = 1;
/** Linux 6.16: whether descriptors may be sent to it. */
export const SO_PASSRIGHTS = 83;

// signals used by name (all of them: signal-names.ts)
export const SIGHUP = 1;
export const SIGKILL = 9;
export const SIGPIPE = 0xd;
export const SIGCHLD = 0x11;
export const SIGSTOP = 0x13;
export const SIGURG = 0x17;
export const SIGWINCH = 0x1c;

// rt_sigprocmask(2)
export const SIG_BLOCK = 0;
export const SIG_SETMASK = 2;

// file system magics [man statfs.2]
export const SELINUX_MAGIC = 0xf97cff8c;
export const PROC_SUPER_MAGIC = 0x9fa0;
export const CGROUP2_SUPER_MAGIC = 0x63677270;
export const DEVPTS_SUPER_MAGIC = 0x1cd1;
export const RDTGROUP_SUPER_MAGIC = 0x7655821;

// clock_gettime(2)
export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;

/** O_PATH and O_TMPFILE's own bit are the same on both architectures. */
export const O_PATH = 0o10000000;
export const CLOSE_RANGE_MAX = 0xffffffff;
