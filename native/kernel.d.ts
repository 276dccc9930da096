/**
 * The contract between TypeScript and Rust: every function that the native module exports, and nothing else.
 * Rules: one function, one system call (exceptions say why); no policy, no defaults, no path logic in Rust.
 * Results follow the kernel: a number >= 0 is success, a negative number is -errno. Functions that return data
 * return that data or a negative number. Every descriptor is created close-on-exec. EINTR is retried inside
 * (except poll, waitid and accept4 with a signal pending, which return -EINTR). Arguments of the wrong type or
 * range throw a TypeError naming the argument (a bug of ours, never a user's fault). Strings are UTF-8; a string with NUL gives
 * -EINVAL; text that comes from the kernel and is not UTF-8 is decoded with U+FFFD (only readAll is strict).
 */
declare module 'native:kernel' {
  // The program exports `main(argv: string[]): number`: argv[0] is the program's name, the number its exit code. It is
  // called once for each start, on the state that evaluating the module left.

  type Result = number;
  /** A 64-bit quantity: number when |n| < 2^53, else BigInt. */
  type Integer64 = number | bigint;

  export interface NativeStat {
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
    /** STATX_ATTR_* bits. */
    readonly attributes: number;
    readonly mtimeSeconds: number;
  }

  // ---- files -----------------------------------------------------------------------------------------------------
  /** openat2(2); O_CLOEXEC|O_NOCTTY are always added. resolve = RESOLVE_* bits. dirfd -100 is AT_FDCWD. */
  export function openat2(dirfd: number, path: string, flags: number, mode: number, resolve: number): Result;
  export function close(fd: number): Result;
  /** Loops read(2) to the end of file (not one call: strings are built once). -EFBIG beyond limitBytes, -EILSEQ if not UTF-8. */
  export function readAll(fd: number, limitBytes: number): string | Result;
  export function read(fd: number, lengthBytes: number): Uint8Array | Result;
  /** write(2). Bytes: once, returns the count written. A string: as UTF-8, the whole of it (loops over short writes: there is no encoder in the engine to go on with the rest). */
  export function write(fd: number, data: string | Uint8Array): Result;
  /** statx(2) with STATX_BASIC_STATS|STATX_MNT_ID. flags: AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW. */
  export function statx(dirfd: number, path: string, flags: number): NativeStat | Result;
  /** fstatfs(2): the f_type magic. */
  export function fstatfs(fd: number): Result;
  /** fstatvfs-like mount flags of fstatfs(2) (ST_RDONLY, ST_NOSUID, ...). */
  export function fstatfsFlags(fd: number): Result;
  export function mkdirat(dirfd: number, name: string, mode: number): Result;
  export function mknodat(dirfd: number, name: string, mode: number, major: number, minor: number): Result;
  export function symlinkat(target: string, dirfd: number, name: string): Result;
  export function unlinkat(dirfd: number, name: string, flags: number): Result;
  export function renameat2(
    oldDirfd: number,
    oldName: string,
    newDirfd: number,
    newName: string,
    flags: number,
  ): Result;
  export function readlinkat(dirfd: number, path: string): string | Result;
  export function faccessat2(dirfd: number, path: string, mode: number, flags: number): Result;
  export function fchmod(fd: number, mode: number): Result;
  /** fchownat(fd, "", uid, gid, AT_EMPTY_PATH). */
  export function fchown(fd: number, uid: number, gid: number): Result;
  export function ftruncate(fd: number, length: number): Result;
  export function flock(fd: number, operation: number): Result;
  /** getdents64(2) to the end; names without "." and "..". */
  export function readDirectory(fd: number): string[] | Result;
  /** fcntl(2); only commands whose argument is a number (others throw). */
  export function fcntl(fd: number, command: number, argument: number): Result;
  export function dup3(oldFd: number, newFd: number, flags: number): Result;
  export function closeRange(first: number, last: number, flags: number): Result;
  export function memfdCreate(name: string, flags: number): Result;
  export function sendfile(outFd: number, inFd: number, count: number): Result;
  export function fchdir(fd: number): Result;
  /** Raw getcwd(2): may begin with "(unreachable)". */
  export function getcwd(): string | Result;
  export function umask(mode: number): Result;
  /** poll(2): events per descriptor; returns revents per descriptor. timeoutMs -1 = for ever. -EINTR is returned. */
  export function poll(fds: readonly number[], events: readonly number[], timeoutMs: number): number[] | Result;
  export function pipe2(flags: number): [number, number] | Result;
  /** listxattr/getxattr/setxattr for tmpcopyup. */
  export function flistxattr(fd: number): string[] | Result;
  export function fgetxattr(fd: number, name: string): Uint8Array | Result;
  export function fsetxattr(fd: number, name: string, value: Uint8Array): Result;
  export function futimensSeconds(fd: number, atimeSeconds: number, mtimeSeconds: number): Result;

  // ---- mounts (new API; the two calls that take a path take "." only) -----------------------------------------------
  export function fsopen(fsType: string, flags: number): Result;
  /** fsconfig(2). value: string for SET_STRING, null for SET_FLAG and CMD_*; aux is the descriptor for SET_FD or 0. */
  export function fsconfig(fd: number, command: number, key: string | null, value: string | null, aux: number): Result;
  export function fsmount(fd: number, flags: number, mountAttributes: number): Result;
  export function fspick(dirfd: number, path: string, flags: number): Result;
  export function openTree(dirfd: number, path: string, flags: number): Result;
  export function moveMount(fromFd: number, fromPath: string, toFd: number, toPath: string, flags: number): Result;
  export function mountSetattr(
    dirfd: number,
    path: string,
    flags: number,
    set: number,
    clear: number,
    propagation: number,
    usernsFd: number,
  ): Result;
  /** pivot_root(".", "."). */
  export function pivotRoot(): Result;
  /** umount2(".", flags). */
  export function umount(flags: number): Result;
  /** umount2(name, flags): an entry of the working directory, such as a descriptor's number in /proc/self/fd. */
  export function umountEntry(name: string, flags: number): Result;
  /** chroot("."). */
  export function chroot(): Result;

  // ---- processes -------------------------------------------------------------------------------------------------
  /** clone3(2) without CLONE_VM: the child goes on with its own copy of everything. cgroupFd -1 = none (else CLONE_INTO_CGROUP). Returns [pid, pidfd] (CLONE_PIDFD always set), [0, -1] in the child. */
  export function clone3(flags: number, exitSignal: number, cgroupFd: number): [number, number] | Result;
  /**
   * clone3(2) with CLONE_VM|CLONE_VFORK (like vfork(2)): the child calls `life` in the caller's own memory, on the same heap, and
   * must end by execve or exit; the caller is stopped until then, so whatever the child changed in JavaScript objects it sees.
   * Nothing is copied: no page tables, no copy-on-write. Not possible with CLONE_NEWTIME. Returns in the caller only.
   */
  export function clone3Shared(
    flags: number,
    exitSignal: number,
    cgroupFd: number,
    life: () => never,
  ): [number, number] | Result;
  /** waitid(2). idtype P_PID, P_PIDFD, P_ALL. code = CLD_*; status = exit code or signal. pid 0: nothing (WNOHANG). */
  export function waitid(
    idtype: number,
    id: number,
    options: number,
  ): { pid: number; code: number; status: number } | Result;
  export function pidfdOpen(pid: number, flags: number): Result;
  export function pidfdSendSignal(pidfd: number, signal: number): Result;
  /** kill(2): only for a process group of our own child (negative pid). */
  export function kill(pid: number, signal: number): Result;
  /** _exit(2): never returns, tears nothing down. */
  export function exit(code: number): never;
  export function unshare(flags: number): Result;
  export function setns(fd: number, flags: number): Result;
  /** prctl(2); only options whose arguments are numbers (others throw): see native/src/syscalls/process.rs. */
  export function prctl(option: number, arg2: number, arg3: number, arg4: number, arg5: number): Result;
  export function setsid(): Result;
  export function setpgid(pid: number, pgid: number): Result;
  export function getpid(): number;
  export function getuid(): number;
  export function geteuid(): number;
  export function getegid(): number;
  export function setresuid(ruid: number, euid: number, suid: number): Result;
  export function setresgid(rgid: number, egid: number, sgid: number): Result;
  export function setgroups(gids: readonly number[]): Result;
  /** capget(2) of the calling process (version 3): masks as BigInt. */
  export function capget(): { effective: bigint; permitted: bigint; inheritable: bigint } | Result;
  /** prlimit(2): undefined limits read only. RLIM_INFINITY is 18446744073709551615n. */
  export function prlimit(
    pid: number,
    resource: number,
    soft: Integer64 | undefined,
    hard: Integer64 | undefined,
  ): { soft: Integer64; hard: Integer64 } | Result;
  export function sethostname(name: string): Result;
  export function setdomainname(name: string): Result;
  export function personality(persona: number): Result;
  /** sched_setattr(2); pid 0: the calling process. Policy and flags are SCHED_*, the last three nanoseconds. */
  export function schedSetattr(
    pid: number,
    policy: number,
    flags: number,
    nice: number,
    priority: number,
    runtime: Integer64,
    deadline: Integer64,
    period: Integer64,
  ): Result;
  export function schedGetattr(pid: number):
    | {
        policy: number;
        flags: number;
        nice: number;
        priority: number;
        runtime: Integer64;
        deadline: Integer64;
        period: Integer64;
      }
    | Result;
  /** Masks are bytes, the lowest processor in the lowest bit of the first. */
  export function schedSetaffinity(pid: number, mask: Uint8Array): Result;
  export function schedGetaffinity(pid: number): Uint8Array | Result;
  /** IOPRIO_WHO_PROCESS; the value is class << 13 | priority. */
  export function ioprioSet(pid: number, priority: number): Result;
  export function ioprioGet(pid: number): Result;
  /** Of the calling thread. mode: MPOL_* with MPOL_F_*; nodes: a mask as above, of whole 64-bit words, empty for none. */
  export function setMempolicy(mode: number, nodes: Uint8Array): Result;
  export function getMempolicy(): { mode: number; nodes: Uint8Array } | Result;
  /** keyctl(KEYCTL_JOIN_SESSION_KEYRING, name). */
  export function keyctlJoinSessionKeyring(name: string): Result;
  /** keyctl(KEYCTL_SETPERM, key, permissions) and KEYCTL_GET_KEYRING_ID are enough for what runc does with the keyring. */
  export function keyctlDescribe(key: number): string | Result;
  export function keyctlSetperm(key: number, permissions: number): Result;
  /** execve(2) as it is, for hooks (host path, no seccomp). Returns only on failure. */
  export function execve(path: string, argv: readonly string[], envp: readonly string[]): Result;

  /**
   * The exec tail: carries out a prepared list of operations in order, without allocating and without JavaScript, and ends in
   * execve(2); never returns. On failure writes the ASCII text `T<index>:<errno>` to reportFd (ignoring errors) and
   * _exits(exitCode). All operands are converted to C memory before the first operation runs.
   */
  export function execTail(reportFd: number, exitCode: number, operations: readonly TailOperation[]): never;
  /**
   * The same after a wait: accepts a connection on the listening socket, takes `{"kind":"go"}` from it and reports on that
   * connection. `{"kind":"giveNamespaces"}` is answered with `{"kind":"namespaces"}` and the descriptors of namespaces (at most
   * 8), and the wait goes on; anything else is closed and forgotten. While it waits the heap is given back to the kernel.
   */
  export function execTailAtGate(
    listenerFd: number,
    exitCode: number,
    operations: readonly TailOperation[],
    namespaces: readonly number[],
  ): never;
  export type TailOperation =
    | readonly ['resetSignals']
    | readonly ['umask', number]
    | readonly ['rlimit', resource: number, soft: Integer64, hard: Integer64]
    | readonly ['setgroups', readonly number[]]
    | readonly ['setresgid', number]
    | readonly ['setresuid', number]
    /** drops every capability up to the kernel's last that is not in the mask (PR_CAPBSET_DROP) */
    | readonly ['bounding', bigint]
    | readonly ['keepCapabilities', boolean]
    | readonly ['capset', effective: bigint, permitted: bigint, inheritable: bigint]
    /** clears all ambient capabilities, then raises those of the mask */
    | readonly ['ambient', bigint]
    /** capget, PR_CAPBSET_READ, PR_CAP_AMBIENT_IS_SET read back and compared; EPERM when they differ */
    | readonly [
        'verifyCapabilities',
        effective: bigint,
        permitted: bigint,
        inheritable: bigint,
        bounding: bigint,
        ambient: bigint,
      ]
    | readonly ['noNewPrivileges']
    /** seccomp(SECCOMP_SET_MODE_FILTER, flags, program); program = array of struct sock_filter in host byte order */
    | readonly ['seccomp', flags: number, program: Uint8Array]
    /**
     * The same with SECCOMP_FILTER_FLAG_NEW_LISTENER; then `{"kind":"listener"}` is sent to reportFd (a socket) with the listener,
     * by SCM_RIGHTS.
     */
    | readonly ['seccompListener', flags: number, program: Uint8Array]
    | readonly ['personality', number]
    | readonly ['write', fd: number, text: string]
    | readonly ['dup2', from: number, to: number]
    | readonly ['fchdir', number]
    | readonly ['close', number]
    /** close_range(first, ~0, 0), except reportFd and execve's fd, which are made close-on-exec */
    | readonly ['closeFrom', number]
    /** execveat(fd, "", argv, envp, AT_EMPTY_PATH) when fd >= 0, else execve(path, ...) */
    | readonly ['execve', fd: number, path: string, argv: readonly string[], envp: readonly string[]];

  // ---- signals ---------------------------------------------------------------------------------------------------
  /** rt_sigprocmask(2). how: SIG_BLOCK 0, SIG_UNBLOCK 1, SIG_SETMASK 2. */
  export function sigprocmask(how: number, signals: readonly number[]): Result;
  export function signalfd(signals: readonly number[]): Result;
  /** One struct signalfd_siginfo. */
  export function readSignalfd(fd: number): { signal: number; pid: number } | Result;
  /** sigaction with SIG_IGN (true) or SIG_DFL (false). */
  export function ignoreSignal(signal: number, ignore: boolean): Result;

  // ---- terminals -------------------------------------------------------------------------------------------------
  export function ioctlTiocgptpeer(masterFd: number, flags: number): Result;
  export function ioctlTiocsptlck(masterFd: number, lock: number): Result;
  export function ioctlTiocgptn(masterFd: number): Result;
  export function ioctlTiocsctty(fd: number, steal: number): Result;
  export function ioctlTiocgwinsz(fd: number): { rows: number; columns: number } | Result;
  export function ioctlTiocswinsz(fd: number, rows: number, columns: number): Result;
  /** struct termios of a terminal, opaque. */
  export function tcgets(fd: number): Uint8Array | Result;
  export function tcsets(fd: number, termios: Uint8Array): Result;
  /** cfmakeraw(3) on an opaque termios (no system call). With outputProcessing true, OPOST stays on. */
  export function makeRaw(termios: Uint8Array, outputProcessing: boolean): Uint8Array;
  /** NS_GET_NSTYPE: the CLONE_NEW* flag of a namespace descriptor. */
  export function ioctlNsGetNstype(fd: number): Result;

  // ---- sockets ---------------------------------------------------------------------------------------------------
  /** AF_UNIX socketpair; type SOCK_STREAM or SOCK_SEQPACKET. */
  export function socketpair(type: number): [number, number] | Result;
  export function socketUnix(type: number): Result;
  /** AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, in the current network namespace; messages by write and read. */
  export function socketNetlink(): Result;
  /** setsockopt(2) of an option whose value is an int. */
  export function setsockoptNumber(fd: number, level: number, name: number, value: number): Result;
  /** SIOCGIFFLAGS + SIOCSIFFLAGS with IFF_UP on a network interface of the current network namespace (a socket, two ioctls, close). */
  export function interfaceUp(name: string): Result;
  /** connect/bind by path, at most 107 bytes (-ENAMETOOLONG). */
  export function connectUnix(fd: number, path: string): Result;
  export function bindUnix(fd: number, path: string): Result;
  export function listen(fd: number, backlog: number): Result;
  /** accept4(2) with SOCK_CLOEXEC; -EINTR is returned. */
  export function accept4(fd: number): Result;
  /** sendmsg(2) with MSG_NOSIGNAL and SCM_RIGHTS. */
  export function sendmsg(fd: number, data: string, fds: readonly number[]): Result;
  /** recvmsg(2) with MSG_CMSG_CLOEXEC. data "" = end of file. -EMSGSIZE if truncated. */
  export function recvmsg(fd: number, maximumBytes: number): { data: string; fds: number[] } | Result;
  /** The same for a peer that does not speak text. */
  export function recvmsgBytes(fd: number, maximumBytes: number): { data: Uint8Array; fds: number[] } | Result;

  // ---- bpf and seccomp ---------------------------------------------------------------------------------------------
  /** BPF_PROG_LOAD of type CGROUP_DEVICE; program = struct bpf_insn array. License "Apache-2.0". */
  export function bpfLoadCgroupDevice(program: Uint8Array): Result;
  export function bpfProgAttach(cgroupFd: number, programFd: number, flags: number, replaceFd: number): Result;
  /** BPF_PROG_QUERY for CGROUP_DEVICE: program ids. Always passes a zeroed buffer of the full size (kernels 6.17-7.1 write past a short one). */
  export function bpfProgQuery(cgroupFd: number): number[] | Result;
  export function bpfProgGetFdById(id: number): Result;
  export function bpfProgDetach(cgroupFd: number, programFd: number): Result;
  /** Compiles with libseccomp; no system call. `unknown` lists names the library does not know (nothing was added for them). */
  export function seccompCompile(
    profile: NativeSeccompProfile,
  ): { program: Uint8Array; unknown: string[] } | { error: string };
  export interface NativeSeccompProfile {
    /** SCMP_ACT_* value with errno or trace data in the low 16 bits. */
    readonly defaultAction: number;
    /** SCMP_ARCH_* tokens (AUDIT_ARCH values); the native one must be listed by the caller if wanted. */
    readonly architectures: readonly number[];
    readonly rules: readonly {
      readonly action: number;
      readonly names: readonly string[];
      /** syscall numbers of the native architecture, for names newer than the library */
      readonly numbers: readonly number[];
      /** [argument index, SCMP_CMP_*, datum a, datum b] - all must match */
      readonly args: readonly (readonly [number, number, Integer64, Integer64])[];
    }[];
    /** SCMP_FLTATR_CTL_OPTIMIZE 2 (binary tree) when true */
    readonly optimize: boolean;
    /** SCMP_FLTATR_ACT_BADARCH value */
    readonly badArchitectureAction: number;
  }
  /** The linked library, "2.5.4". */
  export function seccompVersion(): string;
  /** The number of a syscall in libseccomp's table for an architecture token, negative pseudo numbers and -1 as the library gives. */
  export function seccompResolveName(architecture: number, name: string): number;
  /** seccomp(SECCOMP_GET_ACTION_AVAIL, action) and flag probing with a NULL program: EFAULT means known. */
  export function seccompActionAvailable(action: number): Result;
  export function seccompFlagKnown(flag: number): boolean;

  // ---- text and time (no system calls, or vDSO) --------------------------------------------------------------------------
  /**
   * Strict JSON: UTF-8, no duplicate keys, depth <= 64, no trailing bytes, objects with null prototype ("__proto__" is plain
   * data), integers beyond 2^53-1 as BigInt, no NaN, 1e400 refused, no NUL (not as \u0000 either), no unpaired surrogate.
   * On failure: byte offset and what; line and column are counted only then.
   */
  export function parseJson(
    text: string,
  ): { value: unknown } | { error: string; offset: number; line: number; column: number; pointer: string };
  /** Line and column (1-based) of the value at a JSON pointer, counted by reading the text again; undefined if absent. */
  export function jsonPosition(text: string, pointer: string): { line: number; column: number } | undefined;
  export function sha256(data: string | Uint8Array): string;
  /** clock_gettime: [seconds, nanoseconds]. */
  export function clockGettime(clock: number): [number, number];
  /** The name of an errno ("ENOENT"), or "errno N". */
  export function errnoName(errno: number): string;
  export function environ(): string[];
  export function uname(): { release: string; machine: string; nodename: string };
  /** "x86_64" or "aarch64": the architecture this binary was compiled for. */
  export const architecture: 'x86_64' | 'aarch64';
  /** Version of runt, commit (or ""), engine version; set at build time. */
  export const buildInfo: { readonly version: string; readonly commit: string; readonly quickjs: string };
  /** True when /proc/self/exe does not lead to the host's binary: see native/src/seal.rs. */
  export function isSealed(): boolean;
}
