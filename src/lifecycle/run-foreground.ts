/**
 * The parent of a foreground `run` or `exec`: forwards signals, relays the terminal, reaps, and ends with the child's status.
 * One poll loop over descriptors; without a terminal it is poll on two of them, and no call more than that. It must not decide
 * what happens to the container afterwards. [man signalfd.2] [man pidfd_open.2] [man waitid.2] [man runc-run.8]
 */

import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, Fd } from '../kernel/fd.ts';
import {
  CLD_EXITED,
  O_RDWR,
  P_ALL,
  P_PIDFD,
  POLLIN,
  PR_SET_CHILD_SUBREAPER,
  SIG_BLOCK,
  SIGCHLD,
  SIGKILL,
  SIGPIPE,
  SIGSTOP,
  SIGURG,
  SIGWINCH,
  WEXITED,
  WNOHANG,
} from '../kernel/flags.ts';
import type { Kernel, WaitResult } from '../kernel/kernel.ts';
import { type NotifyRelay, receiveReadiness, tellManager } from './notify-relay.ts';
import {
  closeTerminalRelay,
  openTerminalRelay,
  relayOnce,
  resizeTerminal,
  type TerminalRelay,
} from './terminal-relay.ts';

export interface ForegroundOptions {
  /** The child gets a pseudo-terminal whose master runForeground will relay. */
  readonly terminal: boolean;
  /** run without --no-subreaper; exec never. Needless where the container has its own pid namespace: its init adopts. */
  readonly subreaper: boolean;
}

/** What prepareForeground made for runForeground. */
export interface Foreground {
  readonly signals: Fd<'object'>;
  readonly isSubreaper: boolean;
  /** Our own terminal; undefined when the child has none. */
  readonly hostTerminal: Fd | undefined;
}

/** Not SIGPIPE: our own broken stdout would be forwarded to the child. SIGURG is never forwarded by runc either. */
const unforwarded: readonly number[] = [SIGKILL, SIGSTOP, SIGCHLD, SIGURG, SIGPIPE, SIGWINCH];
/** 32 and 33 belong to the C library. */
const forwarded: readonly number[] = Array.from({ length: 64 }, (_, index) => index + 1).filter(
  (signal) => !unforwarded.includes(signal) && signal !== 32 && signal !== 33,
);
const signalSets: readonly (readonly number[])[] = [
  forwarded,
  [...forwarded, SIGCHLD],
  [...forwarded, SIGWINCH],
  [...forwarded, SIGWINCH, SIGCHLD],
];

/**
 * [order] before clone3 because a signal that came between it and the relay would end us and leave the child alone. The child
 * inherits the blocked mask; its exec tail empties it. Throws when a terminal is wanted and we have none.
 */
export function prepareForeground(kernel: Kernel, options: ForegroundOptions): Foreground {
  const hostTerminal = options.terminal ? findTerminal(kernel) : undefined;
  const signals = signalSets[(options.terminal ? 2 : 0) + (options.subreaper ? 1 : 0)] as readonly number[];
  kernel.sigprocmask(SIG_BLOCK, signals);
  if (options.subreaper) kernel.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  return { signals: kernel.signalfd(signals), isSubreaper: options.subreaper, hostTerminal };
}

/** Any of the three may be redirected; behind all of them there may still be a controlling terminal. */
function findTerminal(kernel: Kernel): Fd {
  for (const fd of [new Fd<'object'>(2, 'stderr'), new Fd<'object'>(1, 'stdout'), new Fd<'object'>(0, 'stdin')]) {
    if (kernel.ioctlTiocgwinsz(fd) !== undefined) return fd;
  }
  const terminal = kernel.openat2OrErrno(cwdFd, '/dev/tty', O_RDWR, 0, 0);
  if (typeof terminal !== 'string') return terminal;
  throw new RuntimeError({
    kind: 'usage',
    path: '/dev/tty',
    errno: terminal,
    message: 'process.terminal is true, but runt itself has no terminal',
    hint: 'set it to false, or detach with --console-socket',
  });
}

export interface ForegroundChild {
  readonly pid: number;
  readonly pidfd: Fd;
}

export interface ForegroundWork {
  /** The child's pseudo-terminal, which runForeground closes; undefined when the child has our stdio. */
  readonly master: Fd | undefined;
  /** Somebody waits for the container to be up. */
  readonly notify: NotifyRelay | undefined;
  readonly warn: (text: string) => void;
}

/**
 * After the exec. Returns the exit code, or 128 + signal; whatever happens, our terminal is as it was before. A child that
 * cannot be attended any more is ended, as runc does it: nobody would forward signals to it or read its terminal.
 */
export function runForeground(
  kernel: Kernel,
  child: ForegroundChild,
  foreground: Foreground,
  work: ForegroundWork,
): number {
  const { master } = work;
  const act = (relay: TerminalRelay | undefined): number =>
    orEnd(kernel, child, () => attend(kernel, child, foreground, { ...work, relay }));
  if (master === undefined) return act(undefined);
  const relay = orEnd(kernel, child, () => openTerminalRelay(kernel, master, foreground.hostTerminal));
  let hasEnded = false;
  try {
    const code = act(relay);
    hasEnded = true;
    return code;
  } finally {
    closeTerminalRelay(kernel, relay, { drains: hasEnded });
  }
}

/** How long a killed child may take: one that cannot be killed is left to who removes the container. */
const endingMs = 10_000;

function orEnd<T>(kernel: Kernel, child: ForegroundChild, act: () => T): T {
  try {
    return act();
  } catch (error) {
    kernel.pidfdSendSignal(child.pidfd, SIGKILL);
    try {
      kernel.poll([child.pidfd], [POLLIN], endingMs);
    } catch {
      // The first error is told.
    }
    kernel.waitidOrErrno(P_PIDFD, child.pidfd.number, WEXITED | WNOHANG);
    throw error;
  }
}

function attend(
  kernel: Kernel,
  child: ForegroundChild,
  foreground: Foreground,
  { relay, notify, warn }: ForegroundWork & { readonly relay: TerminalRelay | undefined },
): number {
  const fds = [foreground.signals, child.pidfd];
  if (notify !== undefined) fds.push(notify.socket);
  const events = fds.map(() => POLLIN);
  for (;;) {
    const ready = relay === undefined ? kernel.poll(fds, events, -1) : relayOnce(kernel, relay, fds);
    if (ready === undefined) continue;
    if (fds[2] !== undefined && ready[2] !== 0 && relayNotify(kernel, notify, warn)) {
      kernel.close(fds.pop() as Fd);
      events.pop();
    }
    // The child's end first: its last signal may be the one that ended it.
    if (ready[1] !== 0) {
      const end = kernel.waitid(P_PIDFD, child.pidfd.number, WEXITED);
      if (end !== undefined && end.pid !== 0) return statusOf(end);
    }
    if (ready[0] !== 0) {
      const end = handleSignal(kernel, child, foreground, relay);
      if (end !== undefined) return statusOf(end);
    }
  }
}

/** The service manager watches us, who end with the child. true: it was told, and nothing more is relayed. */
function relayNotify(kernel: Kernel, notify: NotifyRelay | undefined, warn: (text: string) => void): boolean {
  if (notify === undefined || !receiveReadiness(kernel, notify.socket)) return false;
  tellManager(kernel, notify.manager, kernel.getpid(), { waits: false, warn });
  return true;
}

/** The child's end if reaping the others found it. */
function handleSignal(
  kernel: Kernel,
  child: ForegroundChild,
  foreground: Foreground,
  relay: TerminalRelay | undefined,
): WaitResult | undefined {
  const { signal } = kernel.readSignalfd(foreground.signals);
  if (signal === SIGCHLD) return reapAll(kernel, child.pid);
  if (signal === SIGWINCH) {
    if (relay !== undefined) resizeTerminal(kernel, relay);
  }
  // ESRCH: it ended just now, which the next poll tells.
  else kernel.pidfdSendSignal(child.pidfd, signal);
  return undefined;
}

/** One SIGCHLD may stand for many ends: orphans of the container that we adopted, and the child. */
function reapAll(kernel: Kernel, pid: number): WaitResult | undefined {
  for (;;) {
    const end = kernel.waitidOrErrno(P_ALL, 0, WEXITED | WNOHANG);
    if (typeof end === 'string' || end?.pid === 0) return undefined;
    if (end?.pid === pid) return end;
  }
}

function statusOf(end: WaitResult): number {
  return end.code === CLD_EXITED ? end.status : 128 + end.status;
}
