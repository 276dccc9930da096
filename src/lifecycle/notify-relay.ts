/**
 * Between a container that tells when it is up and the service manager that runt was started by: the first READY=1 goes on,
 * with the pid to watch, and the manager is waited for until it has read both (sd_notify_barrier). Nothing else of what the
 * container says goes on, and none of its descriptors. [man sd_notify.3] [man unix.7]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import type { Fd } from '../kernel/fd.ts';
import {
  O_RDONLY,
  POLLIN,
  POLLOUT,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  SO_PASSRIGHTS,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { isReadiness, notifyDirectoryName, notifySocketName } from '../plan/plan-notify-socket.ts';
import type { StateDirectory } from '../state/state-directory.ts';

export interface NotifyRelay {
  /** Bound in the state directory, where the container sees it. */
  readonly socket: Fd<'object'>;
  /** Connected to the service manager. */
  readonly manager: Fd<'object'>;
}

const operation = 'NOTIFY_SOCKET';
/** As systemd: a longer one says nothing. */
const datagramLimitBytes = 4096;
/** A manager that does not know barriers never closes the pipe. */
const barrierTimeoutMs = 30_000;
/** A manager that reads nothing, whose queue is full. */
const sendTimeoutMs = 5000;
/** Of what was in the queue when the process ended; the kernel keeps at most so many [net.unix.max_dgram_qlen]. */
const mostLastWords = 1024;

/** create and run: [order] before the mounts are opened, of which it is one. */
export function makeNotifyDirectory(kernel: Kernel, container: StateDirectory): void {
  kernel.mkdirat(container.directory, notifyDirectoryName, 0o755);
  const directory = openNotifyDirectory(kernel, container);
  if (directory === undefined) return;
  // Whatever our umask is, the container's user must come through.
  kernel.fchmod(directory, 0o755);
  kernel.close(directory);
}

/** Before anything is started, so that a wrong address costs nothing. "@name" is an abstract socket. */
export function connectManager(kernel: Kernel, address: string): Fd<'object'> {
  const manager = kernel.socketUnix(SOCK_DGRAM | SOCK_NONBLOCK);
  const errno = kernel.connectUnixOrErrno(manager, address);
  if (errno === undefined) return manager;
  kernel.close(manager);
  throw new RuntimeError({
    kind: 'usage',
    operation,
    path: address,
    syscall: 'connect',
    errno,
    hint: 'it must be the datagram socket of a service manager: unset it where there is none',
  });
}

/** undefined: the container was created without. */
export function bindNotifySocket(kernel: Kernel, container: StateDirectory): Fd<'object'> | undefined {
  const directory = openNotifyDirectory(kernel, container);
  if (directory === undefined) return undefined;
  const socket = kernel.socketUnix(SOCK_DGRAM);
  // The last reference to a file of the container's own could keep whoever drops it waiting. Before Linux 6.16 there is no way.
  orErrno(['ENOPROTOOPT'], () => kernel.setsockoptNumber(socket, SOL_SOCKET, SO_PASSRIGHTS, 0));
  // Of a start that was killed.
  kernel.unlinkatOrErrno(directory, notifySocketName, 0);
  // Whoever the container's user is may write to it: the mode of a socket is what the umask leaves of 0777.
  const mask = kernel.umask(0);
  try {
    kernel.bindUnix(socket, `/proc/self/fd/${directory.number}/${notifySocketName}`);
  } finally {
    kernel.umask(mask);
    kernel.close(directory);
  }
  return socket;
}

function openNotifyDirectory(kernel: Kernel, container: StateDirectory): Fd | undefined {
  const opened = kernel.openat2OrErrno(
    container.directory,
    notifyDirectoryName,
    O_RDONLY | O_DIRECTORY,
    0,
    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
  );
  if (typeof opened !== 'string') return opened;
  if (opened === 'ENOENT') return undefined;
  const path = `${container.directory.path}/${notifyDirectoryName}`;
  throw new RuntimeError({ kind: 'kernel', operation, path, syscall: 'openat2', errno: opened });
}

export interface WatchedProcess {
  readonly pidfd: Fd;
  readonly pid: number;
}

/** Detached: returns when the service is up, or when its process has ended without saying so. */
export function relayReadiness(
  kernel: Kernel,
  relay: NotifyRelay,
  { pidfd, pid }: WatchedProcess,
  warn: (text: string) => void,
): void {
  let lastWords = mostLastWords;
  for (;;) {
    const ready = kernel.poll([relay.socket, pidfd], [POLLIN, POLLIN], -1);
    if (ready === undefined) continue;
    if (ready[0] !== 0 && receiveReadiness(kernel, relay.socket)) {
      tellManager(kernel, relay.manager, pid, { waits: true, warn });
      break;
    }
    if (ready[1] === 0) continue;
    // [order] the socket first: what a process said before its end counts. Others may go on talking for ever.
    lastWords -= 1;
    if (ready[0] === 0 || lastWords === 0) break;
  }
  kernel.close(relay.socket);
  kernel.close(relay.manager);
}

/** One datagram, which is there. By read(2), which drops descriptors that come along without ever opening them here. */
export function receiveReadiness(kernel: Kernel, socket: Fd): boolean {
  const datagram = kernel.read(socket, datagramLimitBytes + 1);
  return datagram.length <= datagramLimitBytes && isReadiness(String.fromCharCode(...datagram));
}

export interface Telling {
  /** Whoever goes on running need not wait until the manager has read. */
  readonly waits: boolean;
  readonly warn: (text: string) => void;
}

/** The service runs already: a manager that went away is worth a warning, not the service's end. */
export function tellManager(kernel: Kernel, manager: Fd, pid: number, { waits, warn }: Telling): void {
  try {
    send(kernel, manager, 'READY=1\n', []);
    send(kernel, manager, `MAINPID=${pid}\n`, []);
    if (!sendBarrier(kernel, manager, waits)) warn(`${operation}: the service manager took no barrier within 30 s`);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    warn(`${operation}: the service manager was not told: ${error.message}`);
  }
}

/** That the queue has room is gone again when somebody else was faster. */
function send(kernel: Kernel, manager: Fd, text: string, fds: readonly Fd[]): void {
  for (let attempt = 0; attempt < 8; attempt++) {
    const ready = kernel.poll([manager], [POLLOUT], sendTimeoutMs);
    if (ready?.[0] === 0) break;
    if (typeof orErrno(['EAGAIN'], () => kernel.sendmsg(manager, text, fds)) === 'number') return;
  }
  throw new RuntimeError({
    kind: 'kernel',
    path: manager.path,
    message: `it took no message within ${sendTimeoutMs / 1000} s`,
    errno: 'ETIMEDOUT',
  });
}

/** It closes the pipe's end once it has read what came before. false: it did not. */
function sendBarrier(kernel: Kernel, manager: Fd, waits: boolean): boolean {
  const [end, sent] = kernel.pipe2(0);
  try {
    send(kernel, manager, 'BARRIER=1', [sent]);
    kernel.close(sent);
    if (!waits) return true;
    const ready = kernel.poll([end], [POLLIN], barrierTimeoutMs);
    return ready === undefined || ready[0] !== 0;
  } finally {
    if (sent.isOpen) kernel.close(sent);
    kernel.close(end);
  }
}
