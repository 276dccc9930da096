/**
 * A synchronous connection to a D-Bus server: opens the socket, proves who we are, sends calls, waits for their answers and
 * for one kind of signal. Every wait has the connection's deadline: a bus that is slow, silent or endless costs its caller
 * that time and no more, and the error says so. [D-Bus specification, "Authentication Protocol"] [man unix.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import type { Fd } from '../kernel/fd.ts';
import { POLLIN, POLLOUT, SOCK_NONBLOCK, SOCK_STREAM } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { monotonicMs } from '../kernel/monotonic-clock.ts';
import { type DbusCall, type DbusMessage, type DbusReply, ERROR, METHOD_RETURN } from './dbus-message.ts';
import { formatDbusCall } from './format-dbus-message.ts';
import { parseDbusBody, parseDbusLength, parseDbusMessage } from './parse-dbus-message.ts';

export interface DbusConnection {
  readonly socket: Fd<'object'>;
  /** Of the socket, for messages. */
  readonly path: string;
  /** CLOCK_MONOTONIC, whole milliseconds. */
  deadlineMs: number;
  /** Of the last message sent. */
  serial: number;
  /** What was received and not read yet. */
  pending: Uint8Array;
  /** Called with each message that is not the awaited answer. */
  onMessage: (message: DbusMessage) => void;
}

const READ_BYTES = 16384;
/** What a server may say before it takes us: a few short lines. */
const LINES_LIMIT_BYTES = 4096;
/** While the queue of a busy server is full, connect(2) can only be tried again: nothing tells when there is room. */
const RETRY_MS = 50;

/** undefined: nobody listens there. uid undefined: the server takes the one that the kernel tells it (another user namespace). */
export function runOpenDbus(
  kernel: Kernel,
  path: string,
  { uid, timeoutMs }: { readonly uid: number | undefined; readonly timeoutMs: number },
): DbusConnection | undefined {
  const socket = kernel.socketUnix(SOCK_STREAM + SOCK_NONBLOCK);
  const connection: DbusConnection = {
    socket,
    path,
    deadlineMs: nowMs(kernel) + timeoutMs,
    serial: 0,
    pending: new Uint8Array(0),
    onMessage: () => {},
  };
  try {
    if (!connect(kernel, connection, path)) {
      kernel.close(socket);
      return undefined;
    }
    authenticate(kernel, connection, uid);
    return connection;
  } catch (error) {
    kernel.close(socket);
    throw error;
  }
}

/** From now on every wait together may take this long. */
export function setDbusDeadline(kernel: Kernel, connection: DbusConnection, timeoutMs: number): void {
  connection.deadlineMs = nowMs(kernel) + timeoutMs;
}

function connect(kernel: Kernel, connection: DbusConnection, path: string): boolean {
  for (;;) {
    const errno = kernel.connectUnixOrErrno(connection.socket, path);
    if (errno === undefined) return true;
    if (errno === 'ENOENT' || errno === 'ECONNREFUSED') return false;
    if (errno !== 'EAGAIN') throw new RuntimeError({ kind: 'kernel', path, syscall: 'connect', errno });
    if (remainingMs(kernel, connection) <= RETRY_MS) throw timedOut(connection, 'its queue stays full');
    kernel.poll([], [], RETRY_MS);
  }
}

/**
 * EXTERNAL: the server compares what we say with what the kernel tells it of us. The NUL first is for servers that take
 * credentials with it. Everything is sent at once; what refuses us answers with another word than OK.
 */
function authenticate(kernel: Kernel, connection: DbusConnection, uid: number | undefined): void {
  const identity = uid === undefined ? 'AUTH EXTERNAL\r\nDATA\r\n' : `AUTH EXTERNAL ${hexOf(String(uid))}\r\n`;
  send(kernel, connection, encodeUtf8(`\0${identity}BEGIN\r\n`));
  for (;;) {
    const line = receiveLine(kernel, connection);
    if (line.startsWith('OK')) return;
    if (line.startsWith('DATA')) continue;
    throw new RuntimeError({
      kind: 'kernel',
      message: `the bus refused us: ${JSON.stringify(line.slice(0, 80))}`,
      hint: 'it takes the same user only; check DBUS_SESSION_BUS_ADDRESS and XDG_RUNTIME_DIR',
    });
  }
}

const hexOf = (digits: string): string => Array.from(digits, (each) => each.charCodeAt(0).toString(16)).join('');

function receiveLine(kernel: Kernel, connection: DbusConnection): string {
  for (;;) {
    const end = connection.pending.indexOf(0x0a);
    if (end >= 0) {
      const line = String.fromCharCode(...connection.pending.subarray(0, end));
      connection.pending = connection.pending.subarray(end + 1);
      return line.trimEnd();
    }
    if (connection.pending.length > LINES_LIMIT_BYTES) {
      throw new RuntimeError({ kind: 'kernel', message: 'the bus does not speak D-Bus' });
    }
    receiveMore(kernel, connection);
  }
}

/** The answer's arguments have the signature `returns`; any other is an error. */
export function runDbusCall(kernel: Kernel, connection: DbusConnection, call: DbusCall, returns: string): DbusReply {
  const serial = nextSerial(connection);
  send(kernel, connection, formatDbusCall(call, serial));
  for (;;) {
    const message = runReceiveDbus(kernel, connection);
    if (message.replySerial !== serial || (message.type !== METHOD_RETURN && message.type !== ERROR)) {
      connection.onMessage(message);
    } else if (message.type === ERROR) {
      return { error: message.errorName ?? '', text: errorText(message) };
    } else {
      return { values: parseDbusBody(message, returns) };
    }
  }
}

/** Nothing is answered. */
export function runDbusNotice(kernel: Kernel, connection: DbusConnection, call: DbusCall): void {
  send(kernel, connection, formatDbusCall(call, nextSerial(connection), false));
}

/** The next message, whatever it is. */
export function runReceiveDbus(kernel: Kernel, connection: DbusConnection): DbusMessage {
  for (;;) {
    const length = parseDbusLength(connection.pending);
    if (length !== undefined && connection.pending.length >= length) {
      const bytes = connection.pending.subarray(0, length);
      connection.pending = connection.pending.subarray(length);
      // Also when messages never stop coming.
      if (remainingMs(kernel, connection) <= 0) throw timedOut(connection, 'messages came, but not the answer');
      return parseDbusMessage(bytes);
    }
    receiveMore(kernel, connection);
  }
}

function errorText(message: DbusMessage): string {
  if (!message.signature.startsWith('s')) return '';
  const [text] = parseDbusBody({ ...message, signature: 's' }, 's');
  return (text as string).slice(0, 400).replaceAll('\n', ' ');
}

function nextSerial(connection: DbusConnection): number {
  connection.serial += 1;
  return connection.serial;
}

function send(kernel: Kernel, connection: DbusConnection, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const written = kernel.writeSomeOrErrno(connection.socket, bytes.subarray(at));
    if (typeof written === 'number') at += written;
    else if (written === 'EAGAIN') awaitReady(kernel, connection, POLLOUT);
    else throw new RuntimeError({ kind: 'kernel', syscall: 'write', errno: written });
  }
}

function receiveMore(kernel: Kernel, connection: DbusConnection): void {
  awaitReady(kernel, connection, POLLIN);
  const more = kernel.read(connection.socket, READ_BYTES);
  if (more.length === 0) throw new RuntimeError({ kind: 'kernel', message: 'the bus closed the connection' });
  if (connection.pending.length === 0) {
    connection.pending = more;
    return;
  }
  const joined = new Uint8Array(connection.pending.length + more.length);
  joined.set(connection.pending);
  joined.set(more, connection.pending.length);
  connection.pending = joined;
}

/** Returns once the socket is ready; an interruption by a signal is only another round. */
function awaitReady(kernel: Kernel, connection: DbusConnection, event: number): void {
  for (;;) {
    const remaining = remainingMs(kernel, connection);
    if (remaining <= 0) throw timedOut(connection, 'no answer');
    const seen = kernel.poll([connection.socket], [event], remaining);
    if (seen !== undefined && seen[0] !== 0) return;
  }
}

function timedOut(connection: DbusConnection, what: string): RuntimeError {
  return new RuntimeError({
    kind: 'kernel',
    path: connection.path,
    message: `timed out: ${what}`,
    hint: 'systemd or its bus is stuck or overloaded; see: systemctl status',
  });
}

function remainingMs(kernel: Kernel, connection: DbusConnection): number {
  return connection.deadlineMs - nowMs(kernel);
}

/** Whole, as poll takes them. */
const nowMs = (kernel: Kernel): number => Math.floor(monotonicMs(kernel));
