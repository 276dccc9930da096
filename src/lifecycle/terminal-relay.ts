/**
 * Bytes between our terminal and the child's pseudo-terminal, and the state of our own: raw while the child has it, restored
 * after. Each direction holds at most one chunk and reads the next when that is written, so neither end can make us store or
 * spin: a descriptor that is at its end is polled no more. [man ioctl_tty.2] [man termios.3] [man pty.7]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { F_SETFL, O_NONBLOCK, O_RDWR, POLLIN, POLLOUT } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

export interface TerminalRelay {
  readonly master: Fd;
  readonly hostTerminal: Fd | undefined;
  /** termios of our terminal as it was. */
  readonly saved: Uint8Array | undefined;
  readonly stdin: Stream;
  readonly stdout: Stream;
  /** False once no process has the child's side open any more. */
  isMasterOpen: boolean;
}

/** One direction: the descriptor on our side, and what was read and is not yet written. */
interface Stream {
  readonly fd: Fd;
  pending: Uint8Array;
  isOpen: boolean;
}

/** A pipe that polls as writable takes as much at once (PIPE_BUF). */
const chunkBytes = 4096;
/** What the kernel can hold for us when the child ends, and some: other processes may go on writing for ever. */
const drainRounds = 64;
const empty = new Uint8Array();

export function openTerminalRelay(kernel: Kernel, master: Fd, hostTerminal: Fd | undefined): TerminalRelay {
  // Only ours since the child closed its copy: nobody else is surprised by it.
  kernel.fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
  const relay: TerminalRelay = {
    master,
    hostTerminal,
    saved: hostTerminal === undefined ? undefined : kernel.tcgets(hostTerminal),
    stdin: { fd: new Fd<'object'>(0, 'stdin'), pending: empty, isOpen: true },
    stdout: { fd: new Fd<'object'>(1, 'stdout'), pending: empty, isOpen: true },
    isMasterOpen: true,
  };
  try {
    resizeTerminal(kernel, relay);
    if (hostTerminal !== undefined && relay.saved !== undefined) {
      // Output processing off as well: the child's terminal has made CR NL of its newlines already, also of those it wrote
      // before we could have changed that.
      kernel.tcsets(hostTerminal, kernel.makeRaw(relay.saved, false));
    }
    return relay;
  } catch (error) {
    closeTerminalRelay(kernel, relay, { drains: false });
    throw error;
  }
}

/** Size of our terminal to the child's, whose foreground group gets SIGWINCH. A terminal that is gone changes nothing. */
export function resizeTerminal(kernel: Kernel, relay: TerminalRelay): void {
  const { hostTerminal, master } = relay;
  if (hostTerminal === undefined) return;
  ignoringKernel(() => {
    const size = kernel.ioctlTiocgwinsz(hostTerminal);
    // A terminal that does not know its size (0 x 0, as under script(1)) has nothing to say against consoleSize.
    if (size !== undefined && size.rows > 0) kernel.ioctlTiocswinsz(master, size.rows, size.columns);
  });
}

/**
 * Writes out what the child left (drains: which takes as long as nobody reads it), restores our terminal, closes the master.
 * Never throws for a terminal that is gone.
 */
export function closeTerminalRelay(
  kernel: Kernel,
  relay: TerminalRelay,
  { drains }: { readonly drains: boolean },
): void {
  try {
    if (drains) ignoringKernel(() => drain(kernel, relay));
  } finally {
    const { hostTerminal, saved, master } = relay;
    if (hostTerminal !== undefined && saved !== undefined) ignoringKernel(() => kernel.tcsets(hostTerminal, saved));
    kernel.close(master);
  }
}

/** One poll over the caller's descriptors (for reading) and the relay's own, and one step. Returns the caller's revents. */
export function relayOnce(kernel: Kernel, relay: TerminalRelay, others: readonly Fd[]): readonly number[] | undefined {
  const fds = [...others];
  const events = others.map(() => POLLIN);
  const { stdin, stdout, master } = relay;
  const watch = (fd: Fd, wanted: number): number => {
    if (wanted === 0) return -1;
    events.push(wanted);
    return fds.push(fd) - 1;
  };
  const readsMaster = relay.isMasterOpen && stdout.pending.length === 0;
  const writesMaster = relay.isMasterOpen && stdin.pending.length > 0;
  const stdinAt = watch(stdin.fd, stdin.isOpen && relay.isMasterOpen && stdin.pending.length === 0 ? POLLIN : 0);
  const stdoutAt = watch(stdout.fd, stdout.pending.length > 0 ? POLLOUT : 0);
  // Never with no events at all: a hang-up is always reported and would make the loop spin.
  const masterAt = watch(master, (readsMaster ? POLLIN : 0) | (writesMaster ? POLLOUT : 0));
  const ready = kernel.poll(fds, events, -1);
  if (ready === undefined) return undefined;
  const isReady = (at: number): boolean => at !== -1 && ready[at] !== 0;
  if (isReady(stdoutAt)) flush(kernel, stdout);
  if (isReady(stdinAt)) stdin.pending = readFrom(kernel, stdin);
  if (isReady(masterAt)) {
    const revents = ready[masterAt] as number;
    if (writesMaster && (revents & POLLOUT) !== 0) writeMaster(kernel, relay);
    // A hang-up without data is read too: the EIO is what tells that it is the end.
    if (readsMaster && (revents & ~POLLOUT) !== 0) readMaster(kernel, relay);
  }
  return ready;
}

/** End of file closes the stream; so does every error of it: what our own stdin is, is no business of the program's. */
function readFrom(kernel: Kernel, stream: Stream): Uint8Array {
  let bytes: Uint8Array = empty;
  try {
    bytes = kernel.read(stream.fd, chunkBytes);
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.fields.kind !== 'kernel') throw error;
    if (error.fields.errno === 'EAGAIN') return empty;
  }
  if (bytes.length === 0) stream.isOpen = false;
  return bytes;
}

function readMaster(kernel: Kernel, relay: TerminalRelay): void {
  const bytes = orErrno(['EIO', 'EAGAIN'], () => kernel.read(relay.master, chunkBytes));
  if ('errno' in bytes) {
    if (bytes.errno === 'EIO') relay.isMasterOpen = false;
  } else if (bytes.length === 0) relay.isMasterOpen = false;
  // With nobody to show it to it is still read, so that the child does not stop for a full terminal.
  else if (relay.stdout.isOpen) relay.stdout.pending = bytes;
}

function writeMaster(kernel: Kernel, relay: TerminalRelay): void {
  const written = kernel.writeSomeOrErrno(relay.master, relay.stdin.pending);
  if (typeof written === 'number') relay.stdin.pending = relay.stdin.pending.subarray(written);
  else if (written !== 'EAGAIN') relay.stdin.pending = empty;
}

function flush(kernel: Kernel, stdout: Stream): void {
  const written = kernel.writeSomeOrErrno(stdout.fd, stdout.pending);
  if (typeof written === 'number') stdout.pending = stdout.pending.subarray(written);
  else if (written !== 'EAGAIN') {
    stdout.pending = empty;
    stdout.isOpen = false;
  }
}

/** The child is gone; what it wrote is in the pseudo-terminal until it is read. */
function drain(kernel: Kernel, relay: TerminalRelay): void {
  const { stdout } = relay;
  for (let round = 0; round < drainRounds; round++) {
    while (stdout.pending.length > 0) {
      kernel.poll([stdout.fd], [POLLOUT], -1);
      flush(kernel, stdout);
    }
    if (!relay.isMasterOpen || !stdout.isOpen) return;
    readMaster(kernel, relay);
    if (stdout.pending.length === 0) return;
  }
}

function ignoringKernel(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.fields.kind !== 'kernel') throw error;
  }
}
