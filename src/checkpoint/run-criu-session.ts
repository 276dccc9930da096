/**
 * One request to a `criu swrk` process and its answer, and in between what criu tells us on the way (notifications), each of which
 * waits for our word. Knows the protocol, not what a notification is for. [criu.org/RPC]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type CriuRequest, type CriuResponse, requestTypes } from './criu-messages.ts';
import { formatCriuRequest } from './format-criu-request.ts';
import { parseCriuResponse } from './parse-criu-response.ts';

export interface Notification {
  /** 'post-dump', 'setup-namespaces', 'post-restore', 'orphan-pts-master', ... */
  readonly script: string;
  /** The root process, where there is one: its number in criu's pid namespace. */
  readonly pid: number;
  readonly fds: readonly Fd<'object'>[];
}

/** criu's answers are far smaller; its own limit is 1 KiB for most. */
const messageLimitBytes = 65536;

/**
 * Throws when criu says no, ends without an answer, or when a notification's handler throws: criu is told so, and takes back what
 * it did once the socket is closed. Descriptors that the handler does not take are closed.
 */
export function runCriuSession(
  kernel: Kernel,
  socket: Fd,
  request: CriuRequest,
  onNotification: (notification: Notification) => void,
): CriuResponse {
  send(kernel, socket, request);
  for (;;) {
    const { response, fds } = receive(kernel, socket, request);
    if (!response.success) throw criuFailure(request, response);
    if (response.type !== requestTypes.NOTIFY) {
      closeAll(kernel, fds);
      if (response.type === requestTypes[request.type]) return response;
      throw new RuntimeError({
        kind: 'kernel',
        message: `unable to parse the response of criu: type ${response.type}`,
      });
    }
    const { script, pid } = response.notification ?? { script: '', pid: 0 };
    try {
      onNotification({ script, pid, fds });
    } catch (error) {
      send(kernel, socket, { type: 'NOTIFY', notifySuccess: false });
      throw error;
    } finally {
      closeAll(kernel, fds);
    }
    send(kernel, socket, { type: 'NOTIFY', notifySuccess: true });
  }
}

function closeAll(kernel: Kernel, fds: readonly Fd[]): void {
  for (const fd of fds) if (fd.isOpen) kernel.close(fd);
}

function send(kernel: Kernel, socket: Fd, request: CriuRequest): void {
  try {
    kernel.write(socket, formatCriuRequest(request));
  } catch (error) {
    // Why it is gone is told by what it said last, which is still to be read.
    if (!isGone(error)) throw error;
  }
}

function receive(kernel: Kernel, socket: Fd, request: CriuRequest) {
  try {
    const { data, fds } = kernel.recvmsgBytes(socket, messageLimitBytes);
    if (data.length > 0) return { response: parseCriuResponse(data), fds };
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  throw new RuntimeError({ kind: 'kernel', message: `criu ended without an answer to ${request.type}` });
}

function isGone(error: unknown): boolean {
  if (!(error instanceof RuntimeError)) return false;
  return error.fields.errno === 'EPIPE' || error.fields.errno === 'ECONNRESET';
}

/** runc's words; criu's own sentence where it has one. */
function criuFailure(request: CriuRequest, { type, errno, message }: CriuResponse): RuntimeError {
  const name = Object.entries(requestTypes).find(([, number]) => number === type)?.[0] ?? request.type;
  const own = message === undefined || message === '' ? '' : `: ${message.replace(/\s+/g, ' ').trim()}`;
  return new RuntimeError({ kind: 'kernel', message: `criu failed: type ${name} errno ${errno}${own}` });
}
