/**
 * The socket pair between runtime and child: SOCK_SEQPACKET, one message for each packet, at most messageLimitBytes.
 * Both ends are close-on-exec, so the end of file says that the peer died or became the container's program.
 * [man unix.7, sendmsg.2, recvmsg.2]
 */
import { formatJson } from '../base/format-json.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { SOCK_SEQPACKET } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import {
  type ChildMessage,
  type ChildMessageKind,
  type MessageRule,
  messageLimitBytes,
  messageRules,
  type ParentMessage,
} from './messages.ts';
import { type Packet, parsePacket } from './parse-packet.ts';

export interface Channel {
  readonly parent: Fd<'object'>;
  readonly child: Fd<'object'>;
}

export interface Received {
  readonly packet: Packet;
  readonly fds: readonly Fd<'object'>[];
}

export function runOpenChannel(kernel: Kernel): Channel {
  const [parent, child] = kernel.socketpair(SOCK_SEQPACKET);
  return { parent, child };
}

/** false: the peer is gone (EPIPE, ECONNRESET), and whoever reads next will see the end of file and say why. */
export function runSend(
  kernel: Kernel,
  socket: Fd,
  message: ChildMessage | ParentMessage,
  fds: readonly Fd[] = [],
): boolean {
  try {
    kernel.sendmsg(socket, formatJson(message), fds);
    return true;
  } catch (error) {
    if (!isPeerGone(error)) throw error;
    return false;
  }
}

/** undefined: end of file. */
export function runReceive(kernel: Kernel, socket: Fd): Received | undefined {
  const message = receive(kernel, socket);
  if (message === undefined || message.data === '') return undefined;
  const packet = parsePacket(message.data, (text) => kernel.parseJson(text));
  const { length } = message.fds;
  const rule = ruleOf[packet.kind];
  // Packets of the parent and of the exec tail bring none.
  const expected = rule === undefined ? 0 : rule.descriptors;
  if (expected !== undefined && length !== expected) {
    for (const fd of message.fds) kernel.close(fd);
    throw new RuntimeError({ kind: 'bug', message: `handshake: ${packet.kind} came with ${length} descriptor(s)` });
  }
  return { packet, fds: message.fds };
}

const ruleOf: { readonly [kind in Packet['kind']]?: MessageRule } = messageRules;

function receive(kernel: Kernel, socket: Fd) {
  try {
    return kernel.recvmsg(socket, messageLimitBytes);
  } catch (error) {
    // A peer that died with unread packets of ours.
    if (isPeerGone(error)) return undefined;
    throw error;
  }
}

function isPeerGone(error: unknown): boolean {
  if (!(error instanceof RuntimeError)) return false;
  return error.fields.errno === 'EPIPE' || error.fields.errno === 'ECONNRESET';
}

export type Question = {
  readonly [kind in ChildMessageKind]: (typeof messageRules)[kind]['answer'] extends undefined ? never : kind;
}[ChildMessageKind];

/** The child asks and waits: true when the answer came, false when the parent is gone (the child then ends). */
export function runAsk(kernel: Kernel, socket: Fd, question: Question): boolean {
  runSend(kernel, socket, { kind: question });
  const received = runReceive(kernel, socket);
  if (received === undefined) return false;
  if (received.packet.kind === messageRules[question].answer) return true;
  throw new RuntimeError({ kind: 'bug', message: `handshake: ${question} was answered with ${received.packet.kind}` });
}
