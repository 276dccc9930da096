/**
 * Runs a program of the host (ps) in the runtime's own namespaces and gives back all that it wrote, both streams in one. Its
 * stdin is the null device, other descriptors are closed, signals are the default. Never for anything of the container.
 * [man clone3.2] [man execve.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import {
  AT_EACCESS,
  CLOSE_RANGE_CLOEXEC,
  CLOSE_RANGE_MAX,
  O_RDONLY,
  P_PIDFD,
  S_IFMT,
  S_IFREG,
  SIG_SETMASK,
  SIGCHLD,
  SIGKILL,
  SIGSTOP,
  WEXITED,
  X_OK,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

export interface HostProgramEnd {
  /** CLD_* */
  readonly code: number;
  /** Exit code or signal number. */
  readonly status: number;
  readonly output: Uint8Array;
}

/** The table of a machine with ten thousand processes and long command lines fits; a program gone wild does not. */
const outputLimitBytes = 64 * 1024 * 1024;
/** What a pipe holds. */
const chunkBytes = 65536;

/** name: looked up in our own $PATH. Throws when it cannot be started or writes without end. */
export function runHostProgram(kernel: Kernel, name: string, args: readonly string[]): HostProgramEnd {
  const environment = kernel.environ();
  const path = findProgram(kernel, name, environment);
  const output = kernel.pipe2(0);
  const report = kernel.pipe2(0);
  try {
    const child = kernel.clone3(0, SIGCHLD, undefined);
    if (child.pid === 0)
      becomeProgram(kernel, { path, argv: [name, ...args], environment, output: output[1], report: report[1] });
    kernel.close(output[1]);
    kernel.close(report[1]);
    return attend(kernel, child.pidfd as Fd, { path, output: output[0], report: report[0] });
  } finally {
    for (const fd of [...output, ...report]) if (fd.isOpen) kernel.close(fd);
  }
}

interface Life {
  readonly path: string;
  readonly argv: readonly string[];
  readonly environment: readonly string[];
  readonly output: Fd;
  readonly report: Fd;
}

/** The child's whole life; its memory is a copy. */
function becomeProgram(kernel: Kernel, life: Life): never {
  try {
    // Ignored and blocked signals survive execve (rule D2).
    for (let signal = 1; signal < 32; signal++) {
      if (signal !== SIGKILL && signal !== SIGSTOP) kernel.ignoreSignal(signal, false);
    }
    kernel.sigprocmask(SIG_SETMASK, []);
    kernel.dup2(kernel.openat2(cwdFd, '/dev/null', O_RDONLY, 0, 0), 0);
    kernel.dup2(life.output, 1);
    kernel.dup2(life.output, 2);
    kernel.closeRange(3, CLOSE_RANGE_MAX, CLOSE_RANGE_CLOEXEC);
    kernel.write(life.report, kernel.execve(life.path, life.argv, life.environment));
  } catch (error) {
    kernel.write(life.report, (error instanceof RuntimeError ? error.fields.errno : undefined) ?? 'EINVAL');
  } finally {
    kernel.exit(127);
  }
}

interface Ends {
  readonly path: string;
  readonly output: Fd;
  readonly report: Fd;
}

function attend(kernel: Kernel, pidfd: Fd, ends: Ends): HostProgramEnd {
  let output: Uint8Array;
  try {
    output = readToEnd(kernel, ends);
  } catch (error) {
    // What we cannot take any more must not go on alone.
    kernel.pidfdSendSignal(pidfd, SIGKILL);
    reap(kernel, pidfd);
    throw error;
  }
  const end = reap(kernel, pidfd);
  const errno = String.fromCharCode(...kernel.read(ends.report, 64));
  if (errno !== '') throw new RuntimeError({ kind: 'kernel', path: ends.path, syscall: 'execve', errno });
  return { ...end, output };
}

function readToEnd(kernel: Kernel, { path, output }: Ends): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = kernel.read(output, chunkBytes);
    if (chunk.length === 0) return join(chunks, length);
    chunks.push(chunk);
    length += chunk.length;
    if (length > outputLimitBytes) {
      throw new RuntimeError({ kind: 'kernel', path, message: `it wrote more than ${outputLimitBytes} bytes` });
    }
  }
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function reap(kernel: Kernel, pidfd: Fd): { readonly code: number; readonly status: number } {
  try {
    for (;;) {
      const result = kernel.waitid(P_PIDFD, pidfd.number, WEXITED);
      if (result !== undefined && result.pid !== 0) return { code: result.code, status: result.status };
    }
  } finally {
    kernel.close(pidfd);
  }
}

/** As execvp(3) does, with Go's words where there is none; an empty part of $PATH is not the working directory here. */
function findProgram(kernel: Kernel, name: string, environment: readonly string[]): string {
  const searchPath = environment.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  for (const directory of searchPath.split(':')) {
    if (!directory.startsWith('/')) continue;
    const path = `${directory}/${name}`;
    const stat = kernel.statxOrErrno(cwdFd, path, 0);
    if (typeof stat === 'string' || (stat.mode & S_IFMT) !== S_IFREG) continue;
    if (kernel.faccessat2(cwdFd, path, X_OK, AT_EACCESS) === undefined) return path;
  }
  throw new RuntimeError({
    kind: 'kernel',
    message: `exec: ${JSON.stringify(name)}: executable file not found in $PATH`,
  });
}
