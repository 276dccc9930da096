/**
 * The poll loop between us and a hook: state into its stdin, the end of its output kept, until the process ends or the deadline
 * passes. Nothing here can block: a pipe that polls as writable takes 4096 bytes at once. [man pipe.7] [man poll.2]
 */
import { orErrno } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

export interface Streams {
  readonly pidfd: Fd;
  readonly stdin: Fd;
  readonly stdout: Fd;
  readonly stderr: Fd;
  /** By nowMs; undefined: no limit. */
  readonly deadlineMs: number | undefined;
  readonly nowMs: () => number;
}

export interface Exchange {
  /** false: the deadline passed. */
  readonly isOver: boolean;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** PIPE_BUF, and what is kept of each output. */
const chunkBytes = 4096;
/** Rounds of reading after the end: what the hook wrote is in the pipe (64 KiB); a child of it may go on writing for ever. */
const drainRounds = 32;

interface Output {
  readonly fd: Fd;
  kept: Uint8Array;
  isOpen: boolean;
}

export function exchange(kernel: Kernel, streams: Streams, input: Uint8Array): Exchange {
  const outputs: Output[] = [streams.stdout, streams.stderr].map((fd) => ({
    fd,
    kept: new Uint8Array(),
    isOpen: true,
  }));
  let left = input;
  let isOver = false;
  while (!isOver) {
    const timeoutMs = remainingMs(streams);
    if (timeoutMs === 0) break;
    const open = outputs.filter((output) => output.isOpen);
    const fds = [streams.pidfd, ...open.map((output) => output.fd)];
    const events = fds.map(() => POLLIN);
    if (streams.stdin.isOpen) {
      fds.push(streams.stdin);
      events.push(POLLOUT);
    }
    const ready = kernel.poll(fds, events, timeoutMs);
    if (ready === undefined) continue;
    for (const [index, output] of open.entries()) collect(kernel, output, ready[index + 1] ?? 0);
    if (streams.stdin.isOpen && ready.at(-1) !== 0) left = feed(kernel, streams.stdin, left, ready.at(-1) ?? 0);
    isOver = ready[0] !== 0;
  }
  if (isOver) drain(kernel, outputs);
  return { isOver, stdout: outputs[0]?.kept ?? left, stderr: outputs[1]?.kept ?? left };
}

/** -1: no limit; 0: passed. poll takes at most 2^31-1 milliseconds, the loop comes back for the rest. */
function remainingMs(streams: Streams): number {
  if (streams.deadlineMs === undefined) return -1;
  return Math.min(Math.max(Math.ceil(streams.deadlineMs - streams.nowMs()), 0), 0x7fffffff);
}

/** Returns what is still to be written; closes stdin when that is nothing, or when nobody reads. */
function feed(kernel: Kernel, stdin: Fd, left: Uint8Array, events: number): Uint8Array {
  let rest = left;
  let isBroken = (events & POLLERR) !== 0;
  if (!isBroken && left.length > 0) {
    const chunk = left.subarray(0, chunkBytes);
    // A hook need not read its state: EPIPE is its right (SIGPIPE is ignored since our start).
    isBroken = orErrno(['EPIPE'], () => kernel.write(stdin, chunk)) !== undefined;
    rest = left.subarray(chunk.length);
  }
  if (isBroken || rest.length === 0) kernel.close(stdin);
  return rest;
}

function collect(kernel: Kernel, output: Output, events: number): void {
  if ((events & (POLLIN | POLLHUP | POLLERR)) === 0) return;
  const bytes = kernel.read(output.fd, chunkBytes);
  if (bytes.length === 0) output.isOpen = false;
  else output.kept = lastBytes(output.kept, bytes);
}

function lastBytes(kept: Uint8Array, added: Uint8Array): Uint8Array {
  const both = new Uint8Array(kept.length + added.length);
  both.set(kept);
  both.set(added, kept.length);
  return both.length <= chunkBytes ? both : both.slice(both.length - chunkBytes);
}

function drain(kernel: Kernel, outputs: readonly Output[]): void {
  for (const output of outputs) {
    for (let round = 0; round < drainRounds && output.isOpen; round++) {
      const ready = kernel.poll([output.fd], [POLLIN], 0);
      if (ready === undefined) continue;
      if (ready[0] === 0) break;
      collect(kernel, output, ready[0] ?? 0);
    }
  }
}
