/**
 * A D-Bus server behind a kernel's socket calls, for tests: it answers what the test says, time passes only while nothing
 * comes.
 */
import type { DbusValue } from '../cgroup/dbus-message.ts';
import { formatDbusCall } from '../cgroup/format-dbus-message.ts';
import { parseDbusBody, parseDbusLength, parseDbusMessage } from '../cgroup/parse-dbus-message.ts';
import { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';

export interface Asked {
  readonly serial: number;
  readonly path: string;
  readonly member: string;
  readonly signature: string;
  readonly arguments: readonly DbusValue[];
}

export interface FakeDbus {
  readonly methods: Partial<Kernel>;
  /** What was asked, in order. */
  readonly asked: readonly Asked[];
  /** What was said before the first message. */
  readonly greeting: () => string;
  /** Milliseconds that were waited. */
  readonly waited: () => number;
}

export interface FakeDbusOptions {
  /** What the server says to the greeting; undefined: nothing, for ever. */
  readonly welcome?: string | undefined;
  /** Answers to one call: whole messages. */
  readonly answer: (asked: Asked) => readonly Uint8Array[];
  readonly connect?: (path: string) => undefined | string;
  /** Bytes for each read(2). */
  readonly chunkBytes?: number;
  /** Comes when nothing else does: a server that never stops talking. */
  readonly noise?: (() => Uint8Array) | undefined;
}

export function fakeDbus(options: FakeDbusOptions): FakeDbus {
  const { welcome, answer, connect = () => undefined, chunkBytes = 1 << 20, noise } = options;
  let nowMs = 1000;
  let greeting = '';
  let greeted = false;
  let received = new Uint8Array(0);
  let outgoing = new Uint8Array(0);
  const asked: Asked[] = [];
  const say = (bytes: Uint8Array) => {
    outgoing = joined(outgoing, bytes);
  };
  const hear = (bytes: Uint8Array): void => {
    received = joined(received, bytes);
    if (!greeted) {
      const text = String.fromCharCode(...received);
      const end = text.indexOf('BEGIN\r\n');
      if (end < 0) return;
      greeting = text.slice(0, end + 7);
      received = received.slice(end + 7);
      greeted = true;
      if (welcome !== undefined) say(ascii(welcome));
    }
    for (let length = parseDbusLength(received); length !== undefined && received.length >= length; ) {
      const message = parseDbusMessage(received.slice(0, length));
      received = received.slice(length);
      const values = parseDbusBody(message, message.signature);
      const call = {
        serial: message.serial,
        path: message.path ?? '',
        member: message.member ?? '',
        signature: message.signature,
        arguments: values,
      };
      asked.push(call);
      for (const bytes of answer(call)) say(bytes);
      length = parseDbusLength(received);
    }
  };
  const methods: Partial<Kernel> = {
    socketUnix: () => new Fd<'object'>(50, 'socket'),
    close: (fd) => {
      fd.release();
    },
    connectUnixOrErrno: (_fd, path) => connect(path),
    clockGettime: () => [Math.floor(nowMs / 1000), (nowMs % 1000) * 1_000_000],
    poll: (fds, events, timeoutMs) => {
      if (fds.length > 0 && events[0] === 4) return [4];
      if (fds.length > 0 && outgoing.length === 0 && noise !== undefined) say(noise());
      if (fds.length > 0 && outgoing.length > 0) {
        nowMs += 1;
        return [1];
      }
      nowMs += timeoutMs;
      return [0];
    },
    read: () => {
      const bytes = outgoing.slice(0, chunkBytes);
      outgoing = outgoing.slice(chunkBytes);
      return bytes;
    },
    writeSomeOrErrno: (_fd, data) => {
      const part = data.slice(0, chunkBytes);
      hear(part);
      return part.length;
    },
  };
  return { methods, asked, greeting: () => greeting, waited: () => nowMs - 1000 };
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (each) => each.charCodeAt(0));

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

type Field = readonly [code: number, type: string, value: string | number];

/** type: METHOD_RETURN 2, ERROR 3, SIGNAL 4. */
function message(type: number, fields: readonly Field[], signature: string, values: readonly DbusValue[]): Uint8Array {
  const body = bodyOf(signature, values);
  const header: number[] = [];
  const all: readonly Field[] = signature === '' ? fields : [...fields, [8, 'g', signature]];
  for (const [code, fieldType, value] of all) {
    while (header.length % 8 !== 0) header.push(0);
    header.push(code, 1, fieldType.charCodeAt(0), 0);
    if (typeof value === 'number') header.push(...word(value));
    else if (fieldType === 'g') header.push(value.length, ...ascii(value), 0);
    else header.push(...word(value.length), ...ascii(value), 0);
  }
  const start = [0x6c, type, 1, 1, ...word(body.length), ...word(77), ...word(header.length), ...header];
  while (start.length % 8 !== 0) start.push(0);
  return new Uint8Array([...start, ...body]);
}

/** The end of a call with these arguments is their encoding: the golden bytes of format-dbus-message.test.ts vouch for it. */
function bodyOf(signature: string, values: readonly DbusValue[]): Uint8Array {
  const names = { destination: 'a', path: '/', interface: 'a.b', member: 'c' };
  return parseDbusMessage(formatDbusCall({ ...names, signature, arguments: values }, 1)).body;
}

const word = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];

export function dbusReturn(asked: Asked, signature: string, ...values: DbusValue[]): Uint8Array {
  return message(2, [[5, 'u', asked.serial]], signature, values);
}

export function dbusError(asked: Asked, name: string, text: string): Uint8Array {
  const fields: Field[] = [
    [4, 's', name],
    [5, 'u', asked.serial],
  ];
  return message(3, fields, 's', [text]);
}

export function dbusJobRemoved(job: string, unit: string, result: string): Uint8Array {
  const fields: Field[] = [
    [1, 'o', '/org/freedesktop/systemd1'],
    [2, 's', 'org.freedesktop.systemd1.Manager'],
    [3, 's', 'JobRemoved'],
  ];
  return message(4, fields, 'uoss', [7, job, unit, result]);
}
