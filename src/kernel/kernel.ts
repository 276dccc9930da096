/**
 * Kernel: Linux as an interface, one method for each system call, with the same name and argument order as the manual page.
 * Why it exists: everything below the planners receives a Kernel instead of calling Linux, so the same code runs against the
 * real kernel (native-kernel.ts, the only door) and against a deterministic in-memory one (testing/fake-kernel.ts) that
 * records every call in order and can make any of them fail.
 *
 * Conventions: a failing call throws RuntimeError {kind: 'kernel', syscall, errno, path}; methods named *OrErrno return the
 * errno's name instead (for expected failures on the hot path). Every descriptor is close-on-exec. All calls are synchronous.
 * No method takes a path where Linux has a descriptor form (rule B2).
 */
import type { Fd, FdTree } from './fd.ts';

export type Integer64 = number | bigint;

export interface Stat {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly rdevMajor: number;
  readonly rdevMinor: number;
  readonly devMajor: number;
  readonly devMinor: number;
  readonly ino: Integer64;
  readonly size: number;
  readonly mountId: Integer64;
  readonly attributes: number;
  readonly mtimeSeconds: number;
}

export interface Child {
  /** 0 in the child. */
  readonly pid: number;
  /** undefined in the child. */
  readonly pidfd: Fd<'object'> | undefined;
}

/** The parent's view: there is always a pidfd. */
export interface ParentOfChild {
  readonly pid: number;
  readonly pidfd: Fd<'object'>;
}

export interface WaitResult {
  /** 0: nothing yet (WNOHANG). */
  readonly pid: number;
  /** CLD_EXITED 1, CLD_KILLED 2, CLD_DUMPED 3. */
  readonly code: number;
  /** Exit code, or signal number. */
  readonly status: number;
}

export interface Message {
  /** Empty at end of file. */
  readonly data: string;
  readonly fds: readonly Fd<'object'>[];
}

export interface BinaryMessage {
  /** Empty at end of file. */
  readonly data: Uint8Array;
  readonly fds: readonly Fd<'object'>[];
}

export interface CapabilitySets {
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
}

export interface Limit {
  readonly soft: Integer64;
  readonly hard: Integer64;
}

/** struct sched_attr: policy and flags are SCHED_*, the last three nanoseconds [man sched_setattr.2]. */
export interface SchedulingAttributes {
  readonly policy: number;
  readonly flags: number;
  readonly nice: number;
  readonly priority: number;
  readonly runtime: Integer64;
  readonly deadline: Integer64;
  readonly period: Integer64;
}

export interface MemoryPolicyNow {
  /** MPOL_* and MPOL_F_*. */
  readonly mode: number;
  readonly nodes: Uint8Array;
}

export interface ParsedJson {
  readonly value: unknown;
}

export interface JsonFault {
  readonly error: string;
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  readonly pointer: string;
}

/** One operation of the exec tail; see native/kernel.d.ts TailOperation for the meaning of each. */
export type TailOperation =
  | readonly ['resetSignals']
  | readonly ['umask', number]
  | readonly ['rlimit', number, Integer64, Integer64]
  | readonly ['setgroups', readonly number[]]
  | readonly ['setresgid', number]
  | readonly ['setresuid', number]
  | readonly ['bounding', bigint]
  | readonly ['keepCapabilities', boolean]
  | readonly ['capset', bigint, bigint, bigint]
  | readonly ['ambient', bigint]
  | readonly ['verifyCapabilities', bigint, bigint, bigint, bigint, bigint]
  | readonly ['noNewPrivileges']
  | readonly ['seccomp', number, Uint8Array]
  | readonly ['seccompListener', number, Uint8Array]
  | readonly ['personality', number]
  | readonly ['write', number, string]
  | readonly ['dup2', number, number]
  | readonly ['fchdir', number]
  | readonly ['close', number]
  | readonly ['closeFrom', number]
  | readonly ['execve', number, string, readonly string[], readonly string[]];

/** What libseccomp is asked to compile: tokens and numbers only, no names of actions or operators. */
export interface SeccompProgramRequest {
  readonly defaultAction: number;
  readonly architectures: readonly number[];
  readonly rules: readonly {
    readonly action: number;
    readonly names: readonly string[];
    readonly numbers: readonly number[];
    readonly args: readonly (readonly [number, number, Integer64, Integer64])[];
  }[];
  readonly optimize: boolean;
  readonly badArchitectureAction: number;
}

export interface Kernel {
  /** Said among the calls by --debug; absent without. No system call. */
  note?(text: string): void;
  // ---- files
  /** resolve = RESOLVE_* bits; O_CLOEXEC and O_NOCTTY are always added. The new descriptor leads where dirfd leads. */
  openat2<Tree extends FdTree>(dirfd: Fd<Tree>, path: string, flags: number, mode: number, resolve: number): Fd<Tree>;
  openat2OrErrno<Tree extends FdTree>(
    dirfd: Fd<Tree>,
    path: string,
    flags: number,
    mode: number,
    resolve: number,
  ): Fd<Tree> | string;
  close(fd: Fd): void;
  /** The whole file as text, from the current offset. EFBIG beyond limitBytes, EILSEQ if not UTF-8. */
  readAll(fd: Fd, limitBytes: number): string;
  /** An empty array at end of file. */
  read(fd: Fd, lengthBytes: number): Uint8Array;
  /** Writes everything (loops over short writes). */
  write(fd: Fd, data: string | Uint8Array): void;
  /** write(2) once: the count written, or the errno's name (EAGAIN, EPIPE, EIO of a terminal). */
  writeSomeOrErrno(fd: Fd, data: Uint8Array): number | string;
  statx(dirfd: Fd, path: string, flags: number): Stat;
  statxOrErrno(dirfd: Fd, path: string, flags: number): Stat | string;
  /** statx(fd, "", AT_EMPTY_PATH). */
  fstat(fd: Fd): Stat;
  /** f_type magic of fstatfs(2). */
  fstatfs(fd: Fd): number;
  mkdirat(dirfd: Fd, name: string, mode: number): void;
  /** 'EEXIST' and other errnos as data. */
  mkdiratOrErrno(dirfd: Fd, name: string, mode: number): undefined | string;
  mknodat(dirfd: Fd, name: string, mode: number, major: number, minor: number): void;
  symlinkat(target: string, dirfd: Fd, name: string): void;
  unlinkat(dirfd: Fd, name: string, flags: number): void;
  unlinkatOrErrno(dirfd: Fd, name: string, flags: number): undefined | string;
  renameat2(oldDirfd: Fd, oldName: string, newDirfd: Fd, newName: string, flags: number): void;
  readlinkat(dirfd: Fd, path: string): string;
  /** undefined when allowed, else the errno's name. */
  faccessat2(dirfd: Fd, path: string, mode: number, flags: number): undefined | string;
  fchmod(fd: Fd, mode: number): void;
  fchown(fd: Fd, uid: number, gid: number): void;
  /** false when LOCK_NB would have to wait. */
  flock(fd: Fd, operation: number): boolean;
  readDirectory(fd: Fd): readonly string[];
  fcntl(fd: Fd, command: number, argument: number): number;
  /** A new close-on-exec descriptor for the same file, at least `minimum`. */
  duplicate<Tree extends FdTree>(fd: Fd<Tree>, minimum: number): Fd<Tree>;
  /** dup2 onto a given number (0, 1, 2, preserved descriptors): the result is NOT close-on-exec. */
  dup2(fd: Fd, newNumber: number): void;
  closeRange(first: number, last: number, flags: number): void;
  memfdCreate(name: string, flags: number): Fd<'object'>;
  sendfile(outFd: Fd, inFd: Fd, count: number): number;
  fchdir(fd: Fd): void;
  getcwd(): string;
  umask(mode: number): number;
  /** revents per descriptor; undefined when a signal interrupted. timeoutMs -1 = for ever. */
  poll(fds: readonly Fd[], events: readonly number[], timeoutMs: number): readonly number[] | undefined;
  pipe2(flags: number): readonly [Fd<'object'>, Fd<'object'>];
  flistxattr(fd: Fd): readonly string[];
  fgetxattr(fd: Fd, name: string): Uint8Array;
  fsetxattr(fd: Fd, name: string, value: Uint8Array): void;
  futimensSeconds(fd: Fd, atimeSeconds: number, mtimeSeconds: number): void;

  // ---- mounts
  fsopen(fsType: string, flags: number): Fd<'object'>;
  fsconfig(fd: Fd, command: number, key: string | null, value: string | null, aux: Fd | undefined): void;
  fsmount(fd: Fd, flags: number, mountAttributes: number): Fd<'root'>;
  fspick(dirfd: Fd, path: string, flags: number): Fd<'object'>;
  openTree<Tree extends FdTree>(dirfd: Fd<Tree>, path: string, flags: number): Fd<Tree>;
  openTreeOrErrno<Tree extends FdTree>(dirfd: Fd<Tree>, path: string, flags: number): Fd<Tree> | string;
  moveMount(fromFd: Fd, fromPath: string, toFd: Fd, toPath: string, flags: number): void;
  moveMountOrErrno(fromFd: Fd, fromPath: string, toFd: Fd, toPath: string, flags: number): undefined | string;
  mountSetattr(dirfd: Fd, path: string, flags: number, attributes: MountAttributes): void;
  pivotRoot(): void;
  umount(flags: number): void;
  /** Of an entry of the working directory, by its bare name: a descriptor's number in /proc/self/fd. */
  umountEntry(name: string, flags: number): void;
  chroot(): void;

  // ---- processes
  /** clone3 without CLONE_VM, CLONE_PIDFD added; cgroup undefined = stay in the caller's. */
  clone3(flags: number, exitSignal: number, cgroup: Fd<'cgroup'> | undefined): Child;
  /**
   * clone3 with CLONE_VM|CLONE_VFORK: the child carries out `life` on the caller's own heap, without a copy of it, while the
   * caller is stopped; it goes on when the child has executed its program or has ended. The child must not close the caller's
   * Fd objects (both see the same object, but each has its own descriptor table), and nothing of the caller can answer it.
   */
  clone3Shared(flags: number, exitSignal: number, cgroup: Fd<'cgroup'> | undefined, life: () => never): ParentOfChild;
  /** undefined when a signal interrupted; id is a pid or, with P_PIDFD, the number of a pidfd. */
  waitid(idtype: number, id: number, options: number): WaitResult | undefined;
  waitidOrErrno(idtype: number, id: number, options: number): WaitResult | string | undefined;
  pidfdOpen(pid: number, flags: number): Fd<'object'>;
  /** undefined, or the errno's name (ESRCH: it is gone). */
  pidfdSendSignal(pidfd: Fd, signal: number): undefined | string;
  kill(pid: number, signal: number): undefined | string;
  exit(code: number): never;
  unshare(flags: number): void;
  setns(fd: Fd, flags: number): void;
  prctl(option: number, arg2: number, arg3: number, arg4: number, arg5: number): number;
  setsid(): void;
  setpgid(pid: number, pgid: number): void;
  getpid(): number;
  getuid(): number;
  geteuid(): number;
  getegid(): number;
  setresuid(ruid: number, euid: number, suid: number): void;
  setresgid(rgid: number, egid: number, sgid: number): void;
  setgroups(gids: readonly number[]): void;
  capget(): CapabilitySets;
  prlimit(pid: number, resource: number, limit: Limit | undefined): Limit;
  sethostname(name: string): void;
  setdomainname(name: string): void;
  personality(persona: number): void;
  schedSetattr(pid: number, attributes: SchedulingAttributes): void;
  schedGetattr(pid: number): SchedulingAttributes;
  /** Bytes, the lowest processor in the lowest bit of the first. */
  schedSetaffinity(pid: number, mask: Uint8Array): void;
  schedGetaffinity(pid: number): Uint8Array;
  /** class << 13 | priority [man ioprio_set.2]. */
  ioprioSet(pid: number, priority: number): void;
  ioprioGet(pid: number): number;
  /** Of the calling process. nodes: a mask as above, in whole words of 8 bytes; empty: none. */
  setMempolicy(mode: number, nodes: Uint8Array): void;
  getMempolicy(): MemoryPolicyNow;
  keyctlJoinSessionKeyring(name: string): number;
  keyctlDescribe(key: number): string;
  keyctlSetperm(key: number, permissions: number): void;
  /** Returns (the errno's name) only on failure. */
  execve(path: string, argv: readonly string[], envp: readonly string[]): string;
  execTail(report: Fd | undefined, exitCode: number, operations: readonly TailOperation[]): never;
  /**
   * Waits at the listener for `start` to say go, with next to no memory; then the same, reporting on the connection. namespaces,
   * at most 8: sent to whoever asks for them meanwhile.
   */
  execTailAtGate(
    listener: Fd,
    exitCode: number,
    operations: readonly TailOperation[],
    namespaces: readonly Fd[],
  ): never;

  // ---- signals
  sigprocmask(how: number, signals: readonly number[]): void;
  signalfd(signals: readonly number[]): Fd<'object'>;
  readSignalfd(fd: Fd): { readonly signal: number; readonly pid: number };
  ignoreSignal(signal: number, ignore: boolean): void;

  // ---- terminals
  ioctlTiocgptpeer(master: Fd, flags: number): Fd<'object'>;
  ioctlTiocsptlck(master: Fd, lock: number): void;
  ioctlTiocsctty(fd: Fd, steal: number): void;
  /** undefined: not a terminal. */
  ioctlTiocgwinsz(fd: Fd): { readonly rows: number; readonly columns: number } | undefined;
  ioctlTiocswinsz(fd: Fd, rows: number, columns: number): void;
  /** undefined: not a terminal. */
  tcgets(fd: Fd): Uint8Array | undefined;
  tcsets(fd: Fd, termios: Uint8Array): void;
  makeRaw(termios: Uint8Array, outputProcessing: boolean): Uint8Array;
  ioctlNsGetNstype(fd: Fd): number;

  // ---- sockets
  socketpair(type: number): readonly [Fd<'object'>, Fd<'object'>];
  socketUnix(type: number): Fd<'object'>;
  /** AF_NETLINK, NETLINK_ROUTE, in the current network namespace. One write is one request, one read one datagram. */
  socketNetlink(): Fd<'object'>;
  setsockoptNumber(fd: Fd, level: number, name: number, value: number): void;
  interfaceUp(name: string): void;
  /** "@name" is an abstract socket. */
  connectUnixOrErrno(fd: Fd, path: string): undefined | string;
  bindUnix(fd: Fd, path: string): void;
  listen(fd: Fd, backlog: number): void;
  /** undefined when a signal interrupted. */
  accept4(fd: Fd): Fd<'object'> | undefined;
  /** The count of bytes sent: fewer than all from a stream that does not block. */
  sendmsg(fd: Fd, data: string, fds: readonly Fd[]): number;
  recvmsg(fd: Fd, maximumBytes: number): Message;
  /** The same for a peer that does not speak text. */
  recvmsgBytes(fd: Fd, maximumBytes: number): BinaryMessage;

  // ---- bpf and seccomp
  bpfLoadCgroupDevice(program: Uint8Array): Fd<'object'>;
  bpfProgAttach(cgroup: Fd<'cgroup'>, program: Fd, flags: number, replace: Fd | undefined): void;
  bpfProgQuery(cgroup: Fd<'cgroup'>): readonly number[];
  bpfProgGetFdById(id: number): Fd<'object'>;
  bpfProgDetach(cgroup: Fd<'cgroup'>, program: Fd): void;
  /** Throws kind 'spec' when libseccomp refuses the profile. */
  seccompCompile(request: SeccompProgramRequest): { readonly program: Uint8Array; readonly unknown: readonly string[] };
  seccompVersion(): string;
  seccompResolveName(architecture: number, name: string): number;
  seccompActionAvailable(action: number): boolean;
  seccompFlagKnown(flag: number): boolean;

  // ---- text, time, the process's surroundings
  parseJson(text: string): ParsedJson | JsonFault;
  jsonPosition(text: string, pointer: string): { readonly line: number; readonly column: number } | undefined;
  sha256(data: string | Uint8Array): string;
  /** "ENOENT" of 2. */
  errnoName(errno: number): string;
  /** [seconds, nanoseconds] of CLOCK_REALTIME (0) or CLOCK_MONOTONIC (1). */
  clockGettime(clock: number): readonly [number, number];
  environ(): readonly string[];
  uname(): { readonly release: string; readonly machine: string; readonly nodename: string };
  readonly architecture: 'x86_64' | 'aarch64';
  readonly buildInfo: { readonly version: string; readonly commit: string; readonly quickjs: string };
}

/** struct mount_attr [man mount_setattr.2]: MOUNT_ATTR_* to set and to clear, MS_* propagation (0 = leave), user namespace for MOUNT_ATTR_IDMAP. */
export interface MountAttributes {
  readonly set: number;
  readonly clear: number;
  readonly propagation: number;
  readonly userns?: Fd;
}
