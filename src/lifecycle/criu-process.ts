/**
 * The criu program as a child of ours that serves one connection (`criu swrk 3`): found, asked for its version, started with
 * exactly the descriptors it needs, and reaped. [criu.org/RPC] [man clone3.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { checkCriuFeatures, checkCriuVersion } from '../checkpoint/check-criu-version.ts';
import type { CriuFeatures, CriuRequest, CriuResponse } from '../checkpoint/criu-messages.ts';
import { type Notification, runCriuSession } from '../checkpoint/run-criu-session.ts';
import { runLookupCriu } from '../checkpoint/run-lookup-criu.ts';
import { errorFields } from '../handshake/error-fields.ts';
import { runOpenChannel, runReceive, runSend } from '../handshake/run-channel.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import {
  CLD_EXITED,
  CLOSE_RANGE_CLOEXEC,
  CLOSE_RANGE_MAX,
  O_RDWR,
  P_PIDFD,
  SIG_SETMASK,
  SIGCHLD,
  SIGKILL,
  SIGPIPE,
  SIGSTOP,
  SOCK_SEQPACKET,
  WEXITED,
} from '../kernel/flags.ts';
import type { Kernel, WaitResult } from '../kernel/kernel.ts';

export interface Criu {
  readonly program: string;
  readonly environment: readonly string[];
}

export interface CriuLaunch {
  /** The standard streams: ours, or /dev/null. */
  readonly stdio: 'ours' | 'null';
  /** Become firstInherited, and so on. */
  readonly inherited: readonly Fd[];
  readonly cloneFlags: number;
  readonly cgroup: Fd<'cgroup'> | undefined;
  /** In the child, before criu is executed. */
  readonly prepare: () => void;
}

export interface CriuProcess {
  readonly pid: number;
  readonly pidfd: Fd<'object'>;
  readonly socket: Fd<'object'>;
}

/** criu's own number of the connection; what it inherits comes after. */
const socketNumber = 3;
export const firstInherited = 4;
/** Above everything that is put into place. */
const asideNumber = 64;

export const plainLaunch: CriuLaunch = {
  stdio: 'null',
  inherited: [],
  cloneFlags: 0,
  cgroup: undefined,
  prepare: () => {},
};

/** Throws when there is no criu or it is too old. From here on a criu that is gone does not end us by SIGPIPE. */
export function findCriu(kernel: Kernel, wanted: CriuFeatures): Criu {
  const environment = kernel.environ();
  const criu = { program: runLookupCriu(kernel, environment), environment };
  kernel.ignoreSignal(SIGPIPE, true);
  const { version } = askCriu(kernel, criu, { type: 'VERSION' });
  if (version === undefined) throw new RuntimeError({ kind: 'kernel', message: 'criu did not tell its version' });
  checkCriuVersion(version);
  if (wanted.memoryTracking === true || wanted.lazyPages === true) {
    checkCriuFeatures(wanted, askCriu(kernel, criu, { type: 'FEATURE_CHECK', features: wanted }).features);
  }
  return criu;
}

function askCriu(kernel: Kernel, criu: Criu, request: CriuRequest): CriuResponse {
  const process = startCriu(kernel, criu, plainLaunch);
  try {
    return runCriuSession(kernel, process.socket, request, () => {});
  } finally {
    endCriu(kernel, process);
  }
}

/** One request; criu is reaped whatever happens. Throws when it did not end well, although it had said yes. */
export function runCriu(
  kernel: Kernel,
  process: CriuProcess,
  request: CriuRequest,
  onNotification: (notification: Notification) => void,
): void {
  let end: WaitResult | undefined;
  try {
    runCriuSession(kernel, process.socket, request, onNotification);
  } finally {
    end = endCriu(kernel, process);
  }
  // After a pre-dump criu waits for the next one, and calls it a failure that we hang up.
  if (request.type === 'PRE_DUMP' || (end.code === CLD_EXITED && end.status === 0)) return;
  const how = end.code === CLD_EXITED ? `exit status ${end.status}` : `killed by signal ${end.status}`;
  throw new RuntimeError({ kind: 'kernel', message: `criu failed: ${how}` });
}

/** Hanging up is what ends it. */
export function endCriu(kernel: Kernel, { pidfd, socket }: CriuProcess): WaitResult {
  kernel.close(socket);
  const end = reap(kernel, pidfd);
  kernel.close(pidfd);
  return end;
}

function reap(kernel: Kernel, pidfd: Fd): WaitResult {
  for (;;) {
    const end = kernel.waitid(P_PIDFD, pidfd.number, WEXITED);
    if (end !== undefined && end.pid !== 0) return end;
  }
}

/** Returns when criu is executed; throws what went wrong before. */
export function startCriu(kernel: Kernel, criu: Criu, launch: CriuLaunch): CriuProcess {
  // [order] made here and not in the child: criu looks for our descriptors under the pid of whoever made the pair.
  const [socket, theirs] = kernel.socketpair(SOCK_SEQPACKET);
  const channel = runOpenChannel(kernel);
  const child = kernel.clone3(launch.cloneFlags, SIGCHLD, launch.cgroup);
  if (child.pidfd === undefined) becomeCriu(kernel, criu, launch, { socket: theirs, channel: channel.child });
  kernel.close(theirs);
  const process = { pid: child.pid, pidfd: child.pidfd, socket };
  const received = hearChild(kernel, child.pidfd, channel);
  if (received === undefined) return process;
  endCriu(kernel, process);
  if (received.packet.kind === 'failed') throw new RuntimeError(received.packet.error);
  throw new RuntimeError({ kind: 'bug', message: `the child that becomes criu said ${received.packet.kind}` });
}

/** undefined: it has executed its program, or has ended. A child that cannot be heard is ended and reaped. */
function hearChild(kernel: Kernel, pidfd: Fd, channel: ReturnType<typeof runOpenChannel>) {
  try {
    kernel.close(channel.child);
    return runReceive(kernel, channel.parent);
  } catch (error) {
    kernel.pidfdSendSignal(pidfd, SIGKILL);
    reap(kernel, pidfd);
    throw error;
  } finally {
    kernel.close(channel.parent);
  }
}

interface CriuEnds {
  readonly socket: Fd<'object'>;
  readonly channel: Fd<'object'>;
}

/** The child's whole life; its memory is a copy. */
function becomeCriu(kernel: Kernel, criu: Criu, launch: CriuLaunch, ends: CriuEnds): never {
  const channel = kernel.duplicate(ends.channel, asideNumber);
  try {
    launch.prepare();
    resetSignals(kernel);
    placeDescriptors(kernel, launch, ends.socket);
    const errno = kernel.execve(criu.program, ['criu', 'swrk', String(socketNumber)], criu.environment);
    throw new RuntimeError({ kind: 'kernel', path: criu.program, syscall: 'execve', errno });
  } catch (error) {
    runSend(kernel, channel, { kind: 'failed', error: errorFields(error) });
  } finally {
    kernel.exit(127);
  }
}

/** Ignored and blocked signals survive execve; those of ours are neither criu's nor the container's (rule D2). */
function resetSignals(kernel: Kernel): void {
  for (let signal = 1; signal < 32; signal++) {
    if (signal !== SIGKILL && signal !== SIGSTOP) kernel.ignoreSignal(signal, false);
  }
  kernel.sigprocmask(SIG_SETMASK, []);
}

/** [order] all aside first: a number may be that of a descriptor which is still to be put into place. */
function placeDescriptors(kernel: Kernel, { stdio, inherited }: CriuLaunch, socket: Fd): void {
  const aside = [socket, ...inherited].map((fd) => kernel.duplicate(fd, asideNumber));
  if (stdio === 'null') {
    const none = kernel.openat2(cwdFd, '/dev/null', O_RDWR, 0, 0);
    for (const number of [0, 1, 2]) kernel.dup2(none, number);
  }
  aside.forEach((fd, index) => {
    kernel.dup2(fd, socketNumber + index);
  });
  kernel.closeRange(socketNumber + aside.length, CLOSE_RANGE_MAX, CLOSE_RANGE_CLOEXEC);
}

/** Runs `act` in a child with namespaces of its own, which end with it. Throws what it throws. */
export function inChild(kernel: Kernel, cloneFlags: number, act: () => void): void {
  const channel = runOpenChannel(kernel);
  const child = kernel.clone3(cloneFlags, SIGCHLD, undefined);
  if (child.pidfd === undefined) {
    try {
      act();
      kernel.exit(0);
    } catch (error) {
      runSend(kernel, channel.child, { kind: 'failed', error: errorFields(error) });
      kernel.exit(1);
    }
  }
  const received = hearChild(kernel, child.pidfd, channel);
  reap(kernel, child.pidfd);
  kernel.close(child.pidfd);
  if (received?.packet.kind === 'failed') throw new RuntimeError(received.packet.error);
}
