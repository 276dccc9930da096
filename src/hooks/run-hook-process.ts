/**
 * One hook as a process: own process group, pipes on 0, 1 and 2, all other descriptors closed, default signals. One poll loop
 * feeds stdin and drains the output, so neither a hook that reads nothing nor one that writes much can block us; the end of the
 * process ends the loop, whatever its own children still hold open. [man clone3.2] [man pidfd_open.2] [man setpgid.2]
 */

import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import {
  CLOSE_RANGE_CLOEXEC,
  CLOSE_RANGE_MAX,
  P_PIDFD,
  SIG_SETMASK,
  SIGCHLD,
  SIGKILL,
  SIGSTOP,
  WEXITED,
} from '../kernel/flags.ts';
import type { Child, Kernel } from '../kernel/kernel.ts';
import { monotonicMs } from '../kernel/monotonic-clock.ts';
import type { HookOutput } from './hook-output.ts';
import { exchange, type Streams } from './run-hook-streams.ts';

export interface HookProcess {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly input: Uint8Array;
  readonly timeoutMs: number | undefined;
  readonly directory: Fd | undefined;
  /** In place of our pipes. */
  readonly output?: HookOutput | undefined;
}

interface Output {
  /** The last 4 KiB. */
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

export type HookEnd =
  | { readonly kind: 'notStarted'; readonly syscall: string; readonly errno: string }
  | ({ readonly kind: 'timedOut' } & Output)
  /** code: CLD_*, status: exit code or signal. */
  | ({ readonly kind: 'ended'; readonly code: number; readonly status: number } & Output);

interface Pipes {
  readonly stdin: readonly [Fd, Fd];
  readonly stdout: readonly [Fd, Fd];
  readonly stderr: readonly [Fd, Fd];
  /** Carries the errno of a failing execve; close-on-exec makes its end of file mean success. */
  readonly report: readonly [Fd, Fd];
}

/** Throws only for failing calls of our own; whatever the hook does is a HookEnd. */
export function runHookProcess(kernel: Kernel, hook: HookProcess): HookEnd {
  const pipes: Pipes = {
    stdin: kernel.pipe2(0),
    stdout: kernel.pipe2(0),
    stderr: kernel.pipe2(0),
    report: kernel.pipe2(0),
  };
  try {
    const child = kernel.clone3(0, SIGCHLD, undefined);
    if (child.pid === 0) becomeHook(kernel, hook, pipes);
    for (const fd of [pipes.stdin[0], pipes.stdout[1], pipes.stderr[1], pipes.report[1]]) kernel.close(fd);
    return attend(kernel, hook, child, pipes);
  } finally {
    // In the child this is never reached: becomeHook does not return.
    for (const fd of Object.values(pipes).flat()) if (fd.isOpen) kernel.close(fd);
  }
}

/** The child's whole life. Its memory is a copy, so nothing of the parent's is undone or closed here. */
function becomeHook(kernel: Kernel, hook: HookProcess, pipes: Pipes): never {
  const report = pipes.report[1];
  try {
    const errno = prepareAndExec(kernel, hook, pipes);
    kernel.write(report, `execve ${errno}`);
  } catch (error) {
    const fields = error instanceof RuntimeError ? error.fields : undefined;
    kernel.write(report, `${fields?.syscall ?? 'hook'} ${fields?.errno ?? 'EINVAL'}`);
  } finally {
    kernel.exit(127);
  }
}

function prepareAndExec(kernel: Kernel, hook: HookProcess, pipes: Pipes): string {
  kernel.setpgid(0, 0);
  // Ignored and blocked signals survive execve; those of ours are not the hook's (rule D2). Not the real-time ones: nobody
  // ignores them, and the C library refuses some.
  for (let signal = 1; signal < 32; signal++) {
    if (signal !== SIGKILL && signal !== SIGSTOP) kernel.ignoreSignal(signal, false);
  }
  kernel.sigprocmask(SIG_SETMASK, []);
  if (hook.directory !== undefined) kernel.fchdir(hook.directory);
  kernel.dup2(pipes.stdin[0], 0);
  kernel.dup2(hook.output?.stdout ?? pipes.stdout[1], 1);
  kernel.dup2(hook.output?.stderr ?? pipes.stderr[1], 2);
  // The descriptors to preserve for the container are open without close-on-exec.
  kernel.closeRange(3, CLOSE_RANGE_MAX, CLOSE_RANGE_CLOEXEC);
  return kernel.execve(hook.path, hook.args, hook.env);
}

function attend(kernel: Kernel, hook: HookProcess, child: Child, pipes: Pipes): HookEnd {
  const pidfd = child.pidfd as Fd;
  let isReaped = false;
  try {
    const streams: Streams = {
      pidfd,
      stdin: pipes.stdin[1],
      stdout: pipes.stdout[0],
      stderr: pipes.stderr[0],
      deadlineMs: hook.timeoutMs === undefined ? undefined : monotonicMs(kernel) + hook.timeoutMs,
      nowMs: () => monotonicMs(kernel),
    };
    const { isOver, stdout, stderr } = exchange(kernel, streams, hook.input);
    if (!isOver) killHook(kernel, child.pid, pidfd);
    const end = reap(kernel, pidfd);
    isReaped = true;
    if (!isOver) return { kind: 'timedOut', stdout, stderr };
    const report = kernel.read(pipes.report[0], 64);
    if (report.length > 0) return { kind: 'notStarted', ...parseReport(report) };
    return { kind: 'ended', ...end, stdout, stderr };
  } finally {
    // A call of our own failed: the hook must not outlive the operation that it belongs to.
    if (!isReaped) {
      killHook(kernel, child.pid, pidfd);
      reap(kernel, pidfd);
    }
    kernel.close(pidfd);
  }
}

/** The group first: its members would be orphans that nobody can name once their leader is reaped. */
function killHook(kernel: Kernel, pid: number, pidfd: Fd): void {
  kernel.kill(-pid, SIGKILL);
  kernel.pidfdSendSignal(pidfd, SIGKILL);
}

/** By pidfd: other children of ours (the container itself) are not touched. */
function reap(kernel: Kernel, pidfd: Fd): { readonly code: number; readonly status: number } {
  for (;;) {
    const result = kernel.waitid(P_PIDFD, pidfd.number, WEXITED);
    if (result !== undefined && result.pid !== 0) return { code: result.code, status: result.status };
  }
}

/** "syscall ERRNO", ASCII. */
function parseReport(report: Uint8Array): { readonly syscall: string; readonly errno: string } {
  const text = String.fromCharCode(...report);
  const space = text.indexOf(' ');
  return { syscall: text.slice(0, space), errno: text.slice(space + 1) };
}
