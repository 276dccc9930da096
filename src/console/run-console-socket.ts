/**
 * The sockets a caller names by a flag to be given a descriptor: --console-socket (the terminal's master) and --pidfd-socket.
 * Connected before anything is created, so that a wrong path costs nothing. [man unix.7] [man cmsg.3]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { O_PATH, POLLOUT, SOCK_NONBLOCK, SOCK_STREAM } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { monotonicMs } from '../kernel/monotonic-clock.ts';

/** For each of connecting and sending: whoever listens may be stuck. */
const patienceMs = 5000;
/** A queue that is full cannot be waited for by poll(2). */
const retryMs = 10;

/** flag: '--console-socket', for errors (kind 'usage'). */
export function runConsoleSocket(kernel: Kernel, flag: string, path: string): Fd<'object'> {
  if (path === '') throw new RuntimeError({ kind: 'usage', operation: flag, message: 'the path is empty' });
  const socket = kernel.socketUnix(SOCK_STREAM | SOCK_NONBLOCK);
  const errno = connect(kernel, socket, path);
  if (errno === undefined) return socket;
  kernel.close(socket);
  const hint = hints[errno];
  throw new RuntimeError({
    kind: 'usage',
    operation: flag,
    path,
    syscall: 'connect',
    errno,
    ...(hint === undefined ? {} : { hint }),
  });
}

const hints: { readonly [errno: string]: string } = {
  EAGAIN: `its queue was full for ${patienceMs / 1000} s: whoever listens does not accept`,
  ECONNREFUSED: 'it must be a stream socket that somebody listens on',
  ENOENT: 'the caller must create and listen on the socket first',
  EPROTOTYPE: 'it must be a stream socket',
};

/** sun_path has 108 bytes with its NUL. A longer path is reached through a descriptor of its directory; only a longer last name cannot be. */
function connect(kernel: Kernel, socket: Fd<'object'>, path: string): string | undefined {
  const errno = connectPatiently(kernel, socket, path);
  if (errno !== 'ENAMETOOLONG') return errno;
  const slash = path.lastIndexOf('/');
  const parent = slash <= 0 ? '/' : path.slice(0, slash);
  const directory = kernel.openat2OrErrno(cwdFd, parent, O_PATH | O_DIRECTORY, 0, 0);
  if (typeof directory === 'string') return directory;
  const result = connectPatiently(kernel, socket, `/proc/self/fd/${directory.number}/${path.slice(slash + 1)}`);
  kernel.close(directory);
  return result;
}

function connectPatiently(kernel: Kernel, socket: Fd<'object'>, path: string): string | undefined {
  let errno = kernel.connectUnixOrErrno(socket, path);
  if (errno !== 'EAGAIN') return errno;
  const deadline = monotonicMs(kernel) + patienceMs;
  while (errno === 'EAGAIN' && monotonicMs(kernel) < deadline) {
    kernel.poll([], [], retryMs);
    errno = kernel.connectUnixOrErrno(socket, path);
  }
  return errno;
}

export interface Gift {
  /** Where the socket came from: '--console-socket'. */
  readonly flag: string;
  readonly descriptor: Fd;
  /** The packet's text, after which runc's receivers name the file: '/dev/ptmx' for a console, its kind of process for a pidfd. */
  readonly name: string;
}

/** Gives the descriptor away; waits at most 5 s for a receiver that is slow. Closes nothing. Throws with the flag as operation. */
export function sendDescriptor(kernel: Kernel, socket: Fd, { flag, descriptor, name }: Gift): void {
  if (!waitWritable(kernel, socket)) throw timedOut(flag);
  try {
    const sent = kernel.sendmsg(socket, name, [descriptor]);
    const bytes = encodeUtf8(name);
    if (sent < bytes.length) sendRest(kernel, socket, bytes.subarray(sent), flag);
  } catch (error) {
    throw error instanceof RuntimeError ? error.within(flag) : error;
  }
}

/** A socket whose other end is gone polls as writable too; sendmsg then says why. */
function waitWritable(kernel: Kernel, socket: Fd): boolean {
  let ready = kernel.poll([socket], [POLLOUT], patienceMs);
  const deadline = ready === undefined ? monotonicMs(kernel) + patienceMs : 0;
  while (ready === undefined) ready = kernel.poll([socket], [POLLOUT], remainingMs(kernel, deadline));
  return ready[0] !== 0;
}

/** What the kernel did not take at once: more than a receiver leaves lying about. */
function sendRest(kernel: Kernel, socket: Fd, rest: Uint8Array, flag: string): void {
  const deadline = monotonicMs(kernel) + patienceMs;
  for (let at = 0; at < rest.length; ) {
    if (kernel.poll([socket], [POLLOUT], remainingMs(kernel, deadline))?.[0] === 0) throw timedOut(flag);
    const sent = kernel.writeSomeOrErrno(socket, rest.subarray(at));
    if (typeof sent === 'number') at += sent;
    else if (sent !== 'EAGAIN') throw new RuntimeError({ kind: 'kernel', syscall: 'write', errno: sent });
  }
}

const remainingMs = (kernel: Kernel, deadline: number): number =>
  Math.max(0, Math.ceil(deadline - monotonicMs(kernel)));

function timedOut(flag: string): RuntimeError {
  const message = `nobody received the descriptor within ${patienceMs / 1000} s`;
  return new RuntimeError({ kind: 'kernel', operation: flag, message, syscall: 'poll', errno: 'ETIMEDOUT' });
}
