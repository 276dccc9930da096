/**
 * A method call -> the bytes of one D-Bus message, little-endian. Pure. [D-Bus specification, "Marshaling"]
 */
import { assert } from '../base/assert.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { alignmentOf, type DbusCall, type DbusValue, type DbusVariant, METHOD_CALL, typesOf } from './dbus-message.ts';

const PROTOCOL_VERSION = 1;
const NO_REPLY_EXPECTED = 1;
const FIELD = { path: 1, interface: 2, member: 3, destination: 6, signature: 8 };

/** serial: not 0, different for each message of a connection. wantsReply false: the other side answers nothing. */
export function formatDbusCall(call: DbusCall, serial: number, wantsReply = true): Uint8Array {
  const body = new Writer();
  putAll(body, call.signature, call.arguments);
  const fields: DbusValue[] = [
    [FIELD.path, { signature: 'o', value: call.path }],
    [FIELD.interface, { signature: 's', value: call.interface }],
    [FIELD.member, { signature: 's', value: call.member }],
    [FIELD.destination, { signature: 's', value: call.destination }],
  ];
  if (call.signature !== '') fields.push([FIELD.signature, { signature: 'g', value: call.signature }]);
  const message = new Writer();
  for (const byte of [LITTLE_ENDIAN, METHOD_CALL, wantsReply ? 0 : NO_REPLY_EXPECTED, PROTOCOL_VERSION]) {
    message.byte(byte);
  }
  put(message, 'u', body.length);
  put(message, 'u', serial);
  put(message, 'a(yv)', fields);
  message.align(8);
  message.bytes(body.taken());
  return message.taken();
}

const LITTLE_ENDIAN = 0x6c; // 'l'

function putAll(writer: Writer, signature: string, values: readonly DbusValue[]): void {
  const types = typesOf(signature);
  assert(types.length === values.length, `D-Bus: ${values.length} values for the signature "${signature}"`);
  for (let index = 0; index < types.length; index += 1) {
    put(writer, types[index] as string, values[index] as DbusValue);
  }
}

function put(writer: Writer, type: string, value: DbusValue): void {
  writer.align(alignmentOf(type));
  switch (type[0]) {
    case 'y':
      writer.byte(value as number);
      return;
    case 'b':
      writer.number(value === true ? 1 : 0, 4);
      return;
    case 'n':
    case 'q':
      writer.number(value as number, 2);
      return;
    case 'i':
    case 'u':
      writer.number(value as number, 4);
      return;
    case 'x':
    case 't':
      writer.integer64(BigInt(value as number | bigint));
      return;
    case 'd':
      writer.double(value as number);
      return;
    case 's':
    case 'o':
      putText(writer, value as string, 4);
      return;
    case 'g':
      putText(writer, value as string, 1);
      return;
    case 'v':
      putText(writer, (value as DbusVariant).signature, 1);
      put(writer, (value as DbusVariant).signature, (value as DbusVariant).value);
      return;
    case 'a':
      putArray(writer, type.slice(1), value);
      return;
    default:
      putAll(writer, type.slice(1, -1), value as readonly DbusValue[]);
  }
}

function putText(writer: Writer, text: string, lengthBytes: 1 | 4): void {
  const bytes = encodeUtf8(text);
  assert(lengthBytes === 4 || bytes.length < 256, 'D-Bus: a signature is longer than 255 bytes');
  writer.number(bytes.length, lengthBytes);
  writer.bytes(bytes);
  writer.byte(0);
}

/** The length counts from the first element, after its padding. */
function putArray(writer: Writer, element: string, value: DbusValue): void {
  const lengthAt = writer.length;
  writer.number(0, 4);
  writer.align(alignmentOf(element));
  const start = writer.length;
  if (value instanceof Uint8Array) writer.bytes(value);
  else for (const each of value as readonly DbusValue[]) put(writer, element, each);
  writer.patch(lengthAt, writer.length - start);
}

/** Bytes that grow. */
class Writer {
  length = 0;
  private buffer = new Uint8Array(256);

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  bytes(more: Uint8Array): void {
    this.reserve(more.length);
    this.buffer.set(more, this.length);
    this.length += more.length;
  }

  number(value: number, size: 1 | 2 | 4): void {
    for (let shift = 0; shift < size * 8; shift += 8) this.byte((value >>> shift) & 0xff);
  }

  integer64(value: bigint): void {
    const bits = BigInt.asUintN(64, value);
    this.number(Number(bits & 0xffffffffn), 4);
    this.number(Number(bits >> 32n), 4);
  }

  double(value: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.bytes(bytes);
  }

  align(boundary: number): void {
    while (this.length % boundary !== 0) this.byte(0);
  }

  patch(at: number, value: number): void {
    for (let index = 0; index < 4; index += 1) this.buffer[at + index] = (value >>> (index * 8)) & 0xff;
  }

  taken(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + more));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}
