/**
 * One question to rtnetlink and its whole answer. The kernel answers before write returns, so nothing here can wait for long.
 * [man netlink.7, rtnetlink.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { formatNetlink } from './format-netlink.ts';
import {
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  type NetlinkMessage,
  type NetlinkRequest,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLMSG_DONE,
  NLMSG_ERROR,
  SOL_NETLINK,
} from './netlink-message.ts';
import { parseAck, parseNetlink } from './parse-netlink.ts';

/** The most that the kernel puts into one datagram of a dump. */
const datagramBytes = 32768;

export interface NetlinkSocket {
  readonly fd: Fd<'object'>;
  /** Of the last request: an answer to an earlier one, whose reading failed, is known by its own. */
  sequence: number;
}

export interface NetlinkRefusal {
  /** By name. */
  readonly errno: string;
  /** The kernel's own words, if it has any. */
  readonly text: string | undefined;
}

/** Of the network namespace that the process is in now; it stays there. */
export function runOpenNetlink(kernel: Kernel): NetlinkSocket {
  const fd = kernel.socketNetlink();
  kernel.setsockoptNumber(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
  kernel.setsockoptNumber(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
  return { fd, sequence: 0 };
}

/** The messages that answer; a refusal as data. */
export function runNetlink(
  kernel: Kernel,
  socket: NetlinkSocket,
  request: NetlinkRequest,
): readonly NetlinkMessage[] | NetlinkRefusal {
  socket.sequence += 1;
  kernel.write(socket.fd, formatNetlink(request, socket.sequence));
  const answers: NetlinkMessage[] = [];
  // Without either flag the one message of the answer is the end.
  const isOpenEnded = (request.flags & (NLM_F_ACK | NLM_F_DUMP)) !== 0;
  for (;;) {
    const messages = parseNetlink(kernel.read(socket.fd, datagramBytes));
    if (messages.length === 0) throw new RuntimeError({ kind: 'kernel', message: 'the netlink socket was closed' });
    for (const message of messages) {
      if (message.sequence !== socket.sequence) continue;
      if (message.type === NLMSG_DONE) return answers;
      if (message.type === NLMSG_ERROR) {
        const { errno, text } = parseAck(message);
        return errno === 0 ? answers : { errno: kernel.errnoName(errno), text };
      }
      answers.push(message);
      if (!isOpenEnded) return answers;
    }
  }
}

/** The same where a refusal is an error: `pointer` names the property that asked. */
export function runNetlinkOrThrow(
  kernel: Kernel,
  socket: NetlinkSocket,
  request: NetlinkRequest,
  pointer: string,
): readonly NetlinkMessage[] {
  const answer = runNetlink(kernel, socket, request);
  if (!('errno' in answer)) return answer;
  throw refusalError(answer, pointer);
}

export function refusalError({ errno, text }: NetlinkRefusal, pointer: string): RuntimeError {
  return new RuntimeError({ kind: 'kernel', pointer, errno, ...(text === undefined ? {} : { message: text }) });
}
