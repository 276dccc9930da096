/**
 * The gate at which a created container's init waits for `start`: a listening SOCK_SEQPACKET socket, start.sock in the state
 * directory. create binds it before clone3; init inherits the listener and blocks in accept4; start connects, says go and
 * reads until the end of file. An ordinary user's exec asks there for init's namespaces. While start.sock exists and init lives, the status is `created`.
 * Bound and connected through /proc/self/fd: a socket's path has at most 107 bytes. [man unix.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { POLLIN, SOCK_SEQPACKET } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { runReceive, runSend } from './run-channel.ts';

export const startSocketName = 'start.sock';

/** create: the listener that init will inherit. */
export function runOpenStartGate(kernel: Kernel, stateDirectory: Fd<'host'>): Fd<'object'> {
  const listener = kernel.socketUnix(SOCK_SEQPACKET);
  kernel.bindUnix(listener, socketPath(stateDirectory));
  kernel.listen(listener, 1);
  return listener;
}

/** init: blocks until `start` says go; returns the connection, on which a failure is reported. namespaces: for who asks. */
export function runWaitAtStartGate(kernel: Kernel, listener: Fd, namespaces: readonly Fd[]): Fd<'object'> {
  for (;;) {
    const connection = kernel.accept4(listener);
    if (connection === undefined) continue;
    const received = runReceive(kernel, connection);
    if (received?.packet.kind === 'go') return connection;
    if (received?.packet.kind === 'giveNamespaces') runSend(kernel, connection, { kind: 'namespaces' }, namespaces);
    // A start that was killed between connect and go: the next one may try again.
    kernel.close(connection);
  }
}

/**
 * start: opens the gate. Returns the connection to read from until the end of file.
 * undefined: nobody listens any more (ECONNREFUSED) or the socket is gone (ENOENT), it was started before or init is dead.
 */
export function runOpenGate(kernel: Kernel, stateDirectory: Fd<'host'>): Fd<'object'> | undefined {
  const connection = kernel.socketUnix(SOCK_SEQPACKET);
  const errno = kernel.connectUnixOrErrno(connection, socketPath(stateDirectory));
  if (errno === undefined) {
    runSend(kernel, connection, { kind: 'go' });
    return connection;
  }
  kernel.close(connection);
  if (errno === 'ECONNREFUSED' || errno === 'ENOENT') return undefined;
  const path = `${stateDirectory.path}/${startSocketName}`;
  throw new RuntimeError({ kind: 'kernel', operation: 'open the start gate', path, syscall: 'connect', errno });
}

/** A paused container's init does not answer. */
const patienceMs = 10_000;

/**
 * exec and mounts of an ordinary user, whom the kernel does not let open the namespaces of an init that waits at its gate: init
 * hands them over. Only the owner of the state directory can ask, and from inside of the container nobody can answer: the
 * listener is init's, which is not dumpable. undefined: it has been started meanwhile, or has ended.
 */
export function runAskNamespaces(kernel: Kernel, stateDirectory: Fd<'host'>): readonly Fd<'object'>[] | undefined {
  const connection = kernel.socketUnix(SOCK_SEQPACKET);
  try {
    if (kernel.connectUnixOrErrno(connection, socketPath(stateDirectory)) !== undefined) return undefined;
    runSend(kernel, connection, { kind: 'giveNamespaces' });
    if (kernel.poll([connection], [POLLIN], patienceMs) === undefined) {
      throw new RuntimeError({ kind: 'state', message: 'the container does not answer: its init is stopped' });
    }
    const received = runReceive(kernel, connection);
    return received?.packet.kind === 'namespaces' ? received.fds : undefined;
  } finally {
    kernel.close(connection);
  }
}

function socketPath(stateDirectory: Fd<'host'>): string {
  return `/proc/self/fd/${stateDirectory.number}/${startSocketName}`;
}
