/**
 * Between a container that tells when it is up and the service manager that runt was started by: the first READY=1 goes on,
 * with the pid to watch, and the manager is waited for until it has read both (sd_notify_barrier). Nothing else of what the
 * container says goes on, and none of its descriptors. [man sd_notify.3] [man unix.7]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_RDONLY, POLLIN, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, SOCK_DGRAM } from '../kernel/flags.ts';
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
const datagramLimitBytes = 65536;
/** A manager that does not know barriers never closes the pipe. */
const barrierTimeoutMs = 30_000;

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
  const manager = kernel.socketUnix(SOCK_DGRAM);
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
  for (;;) {
    const ready = kernel.poll([relay.socket, pidfd], [POLLIN, POLLIN], -1);
    if (ready === undefined) continue;
    if (ready[0] !== 0 && receiveReadiness(kernel, relay.socket)) {
      tellManager(kernel, relay.manager, pid, warn);
      break;
    }
    // [order] the socket first: what a process said before its end counts.
    if (ready[0] === 0 && ready[1] !== 0) break;
  }
  kernel.close(relay.socket);
  kernel.close(relay.manager);
}

/** One datagram, which is there. What cannot be read is not readiness. */
export function receiveReadiness(kernel: Kernel, socket: Fd): boolean {
  const message = orErrno(['EMSGSIZE', 'EILSEQ'], () => kernel.recvmsg(socket, datagramLimitBytes));
  if ('errno' in message) return false;
  for (const fd of message.fds) kernel.close(fd);
  return isReadiness(message.data);
}

/** The service runs already: a manager that went away is worth a warning, not the service's end. */
export function tellManager(kernel: Kernel, manager: Fd, pid: number, warn: (text: string) => void): void {
  try {
    kernel.sendmsg(manager, 'READY=1\n', []);
    kernel.sendmsg(manager, `MAINPID=${pid}\n`, []);
    if (!waitForManager(kernel, manager)) warn(`${operation}: the service manager took no barrier within 30 s`);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    warn(`${operation}: the service manager was not told: ${error.message}`);
  }
}

/** It closes the pipe's end once it has read what came before. false: it did not. */
function waitForManager(kernel: Kernel, manager: Fd): boolean {
  const [end, sent] = kernel.pipe2(0);
  try {
    kernel.sendmsg(manager, 'BARRIER=1', [sent]);
    kernel.close(sent);
    const ready = kernel.poll([end], [POLLIN], barrierTimeoutMs);
    return ready === undefined || ready[0] !== 0;
  } finally {
    if (sent.isOpen) kernel.close(sent);
    kernel.close(end);
  }
}
