/**
 * Turns `T<index>:<errno>`, all that the native exec tail can say, into an error for people. Pure. The reader (parent or `start`)
 * plans the same tail again from the same input, so the index finds its operation. [man execve.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { TailOperation } from '../kernel/kernel.ts';
import { type CredentialsInput, planCredentials } from './plan-credentials.ts';

/** include/uapi/asm-generic/errno-base.h and errno.h: the same on x86_64 and aarch64; '' has no name or cannot come here. */
const errnoNames: readonly string[] = [
  ...',EPERM,ENOENT,ESRCH,EINTR,EIO,ENXIO,E2BIG,ENOEXEC,EBADF,ECHILD,EAGAIN,ENOMEM,EACCES,EFAULT,ENOTBLK,EBUSY,EEXIST'.split(
    ',',
  ),
  ...'EXDEV,ENODEV,ENOTDIR,EISDIR,EINVAL,ENFILE,EMFILE,ENOTTY,ETXTBSY,EFBIG,ENOSPC,ESPIPE,EROFS,EMLINK,EPIPE,EDOM'.split(
    ',',
  ),
  ...'ERANGE,EDEADLK,ENAMETOOLONG,ENOLCK,ENOSYS,ENOTEMPTY,ELOOP'.split(','),
];

/** What the handshake read. */
export interface TailFailure {
  readonly index: number;
  readonly errno: number;
}

/** input: that of the tail; for the gate's other side (`start`) the path may be args[0], all else comes from config.json. */
export function parseTailFailure(failure: TailFailure, input: CredentialsInput): RuntimeError {
  const name = errnoNames[failure.errno] ?? '';
  return tailError(planCredentials(input)[failure.index], name === '' ? `errno ${failure.errno}` : name, input);
}

/** The error of one failed operation; errno by name. */
export function tailError(operation: TailOperation | undefined, errno: string, input: CredentialsInput): RuntimeError {
  if (operation === undefined)
    return new RuntimeError({ kind: 'bug', message: `unknown step of the exec tail: ${errno}` });
  const row = rows[operation[0]];
  const hint = row.hints?.[errno];
  const pointer = pointerOf(operation, input, row);
  return new RuntimeError({
    kind: 'kernel',
    operation: describeTailOperation(operation),
    syscall: row.syscall,
    errno,
    ...(pointer === undefined ? {} : { pointer }),
    ...(hint === undefined ? {} : { hint }),
  });
}

interface Row {
  readonly syscall: string;
  readonly sentence: string;
  /** Relative to the process's pointer. */
  readonly pointer?: string;
  readonly hints?: { readonly [errno: string]: string };
}

const unmapped = 'the id is not mapped in the user namespace';
const rows: { readonly [kind in TailOperation[0]]: Row } = {
  resetSignals: { syscall: 'rt_sigaction', sentence: 'reset signals to their defaults' },
  umask: { syscall: 'umask', sentence: 'set the umask', pointer: '/user/umask' },
  rlimit: { syscall: 'prlimit64', sentence: 'set a resource limit' },
  setgroups: {
    syscall: 'setgroups',
    sentence: 'set the supplementary groups',
    pointer: '/user/additionalGids',
    hints: { EINVAL: unmapped, EPERM: 'CAP_SETGID is missing, or the seccomp profile forbids it' },
  },
  setresgid: {
    syscall: 'setresgid',
    sentence: 'set the group id',
    pointer: '/user/gid',
    hints: { EINVAL: unmapped, EPERM: 'CAP_SETGID is missing, or the seccomp profile forbids it' },
  },
  setresuid: {
    syscall: 'setresuid',
    sentence: 'set the user id',
    pointer: '/user/uid',
    hints: { EINVAL: unmapped, EPERM: 'CAP_SETUID is missing, or the seccomp profile forbids it' },
  },
  bounding: {
    syscall: 'prctl',
    sentence: 'drop capabilities from the bounding set',
    pointer: '/capabilities/bounding',
    hints: { EPERM: 'runt itself needs CAP_SETPCAP for that' },
  },
  keepCapabilities: { syscall: 'prctl', sentence: 'keep capabilities while the user id changes' },
  capset: { syscall: 'capset', sentence: 'set the capabilities', pointer: '/capabilities' },
  ambient: { syscall: 'prctl', sentence: 'raise ambient capabilities', pointer: '/capabilities/ambient' },
  verifyCapabilities: {
    syscall: 'capget',
    sentence: 'verify the capabilities',
    pointer: '/capabilities',
    hints: { EPERM: 'the kernel reports other sets than were asked for' },
  },
  noNewPrivileges: { syscall: 'prctl', sentence: 'set no_new_privs', pointer: '/noNewPrivileges' },
  seccomp: {
    syscall: 'seccomp',
    sentence: 'load the seccomp filter',
    hints: {
      EACCES: 'without noNewPrivileges runt itself needs CAP_SYS_ADMIN for that',
      EINVAL: 'the kernel refuses it',
    },
  },
  seccompListener: {
    syscall: 'seccomp',
    sentence: 'load the seccomp filter and send its listener',
    hints: {
      EACCES: 'without noNewPrivileges runt itself needs CAP_SYS_ADMIN for that, and the profile must allow sendmsg',
      EPERM: 'the profile must allow sendmsg, by which the runtime is given the listener',
      EINVAL: 'the kernel refuses it, perhaps for the flag SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (Linux 5.19)',
      EBUSY: 'another filter of this process has a listener already',
    },
  },
  personality: { syscall: 'personality', sentence: 'set the personality' },
  write: { syscall: 'write', sentence: 'write' },
  dup2: { syscall: 'dup3', sentence: 'place a descriptor' },
  fchdir: { syscall: 'fchdir', sentence: 'enter the working directory', pointer: '/cwd' },
  close: { syscall: 'close', sentence: 'close a descriptor' },
  closeFrom: { syscall: 'close_range', sentence: 'close all other descriptors' },
  execve: {
    syscall: 'execve',
    sentence: 'exec',
    pointer: '/args/0',
    hints: {
      ENOENT: 'if the file is there, its interpreter (#! line, or the ELF loader) is missing in the image',
      ENOEXEC: 'not a program for this machine, or a script without a #! line',
      EACCES:
        'no x permission for this user on the file or a directory above it, a noexec mount, or a label that SELinux or AppArmor refuses',
      EPERM:
        'the seccomp profile may forbid execve, a set-id program meets a nosuid rule, or SELinux allows no change of label with noNewPrivileges',
      EAGAIN: 'RLIMIT_NPROC of this user is reached',
      E2BIG: 'arguments and environment together are too long (a quarter of RLIMIT_STACK)',
      ENOMEM: 'RLIMIT_AS, RLIMIT_DATA or /linux/resources/memory/limit is too small for this program',
      ELOOP: 'too many links, or interpreters of interpreters',
      ETXTBSY: 'the file is open for writing',
    },
  },
};

/** One operation in words, with its operand where that helps. */
export function describeTailOperation(operation: TailOperation): string {
  const { sentence } = rows[operation[0]];
  switch (operation[0]) {
    case 'execve':
      return `exec ${operation[2]}`;
    case 'setresuid':
    case 'setresgid':
    case 'personality':
      return `${sentence} to ${operation[1]}`;
    case 'umask':
      return `${sentence} to 0${operation[1].toString(8)}`;
    case 'rlimit':
      return `set resource limit ${operation[1]} to ${operation[2]}:${operation[3]}`;
    default:
      return sentence;
  }
}

function pointerOf(operation: TailOperation, input: CredentialsInput, row: Row): string | undefined {
  if (operation[0] === 'rlimit') return input.rlimits.find((limit) => limit.resource === operation[1])?.pointer;
  if (operation[0] === 'seccomp' || operation[0] === 'seccompListener') return '/linux/seccomp';
  return row.pointer === undefined ? undefined : input.pointer + row.pointer;
}
