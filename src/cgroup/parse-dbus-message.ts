/**
 * Bytes from the other side -> D-Bus messages and their values. The other side is systemd or a bus, but what it sends is
 * checked like any input: lengths against what is there, nesting, padding, sizes. Pure. [D-Bus specification, "Marshaling"]
 */
import { decodeUtf8 } from '../base/utf8.ts';
import { alignmentOf, type DbusMessage, type DbusValue, endOfType, malformed, typesOf } from './dbus-message.ts';

/** The fixed part and the length of the header fields. */
const PROLOGUE_BYTES = 16;
/** systemd's answers have a hundred bytes; signals of others, which are skipped, may have more. The specification allows 128 MiB. */
export const messageLimitBytes = 16 << 20;

/** The whole message's length, once its first 16 bytes are there; undefined: not yet. Throws on what is no message. */
export function parseDbusLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < PROLOGUE_BYTES) return undefined;
  const littleEndian = endianness(bytes);
  const view = viewOf(bytes);
  const body = view.getUint32(4, littleEndian);
  const fields = view.getUint32(12, littleEndian);
  const total = padded(PROLOGUE_BYTES + fields, 8) + body;
  if (total > messageLimitBytes) throw malformed(`it is said to have ${total} bytes`);
  return total;
}

/** bytes: exactly one message, as long as parseDbusLength says. */
export function parseDbusMessage(bytes: Uint8Array): DbusMessage {
  const littleEndian = endianness(bytes);
  const view = viewOf(bytes);
  const headerBytes = padded(PROLOGUE_BYTES + view.getUint32(12, littleEndian), 8);
  const reader = new Reader(bytes.subarray(0, headerBytes), littleEndian);
  reader.at = 12;
  const fields = new Map<number, DbusValue>();
  for (const field of reader.value('a(yv)') as readonly DbusValue[]) {
    const [code, variant] = field as readonly [number, { signature: string; value: DbusValue }];
    const expected = fieldTypes[code];
    if (expected === undefined) continue; // to be ignored, says the specification
    if (variant.signature !== expected) throw malformed(`header field ${code} is of type "${variant.signature}"`);
    fields.set(code, variant.value);
  }
  const text = (code: number): string | undefined => fields.get(code) as string | undefined;
  return {
    type: bytes[1] as number,
    serial: view.getUint32(8, littleEndian),
    replySerial: fields.get(FIELD_REPLY_SERIAL) as number | undefined,
    errorName: text(4),
    path: text(1),
    interface: text(2),
    member: text(3),
    signature: text(8) ?? '',
    body: bytes.subarray(headerBytes),
    littleEndian,
  };
}

const FIELD_REPLY_SERIAL = 5;
/** path, interface, member, error name, reply serial, destination, sender, signature, number of descriptors */
const fieldTypes: readonly (string | undefined)[] = [undefined, 'o', 's', 's', 's', 'u', 's', 's', 'g', 'u'];

/** The message's arguments. Throws when they do not have the expected signature. */
export function parseDbusBody(message: DbusMessage, expected: string): readonly DbusValue[] {
  if (message.signature !== expected) {
    throw malformed(`the arguments are of type "${message.signature}" instead of "${expected}"`);
  }
  const reader = new Reader(message.body, message.littleEndian);
  return typesOf(expected).map((type) => reader.value(type));
}

function endianness(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x6c && bytes[0] !== 0x42) throw malformed(`it begins with byte ${bytes[0]}`);
  if (bytes[3] !== 1) throw malformed(`it is of protocol version ${bytes[3]}`);
  return bytes[0] === 0x6c;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const padded = (length: number, boundary: number): number => Math.ceil(length / boundary) * boundary;

/** Variants may hold variants without end. */
const DEPTH_LIMIT = 32;

class Reader {
  at = 0;
  private depth = 0;
  private readonly bytes: Uint8Array;
  private readonly littleEndian: boolean;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.view = viewOf(bytes);
  }

  value(type: string): DbusValue {
    this.align(alignmentOf(type));
    switch (type[0]) {
      case 'y':
        return this.view.getUint8(this.take(1));
      case 'n':
        return this.view.getInt16(this.take(2), this.littleEndian);
      case 'q':
        return this.view.getUint16(this.take(2), this.littleEndian);
      case 'i':
        return this.view.getInt32(this.take(4), this.littleEndian);
      case 'u':
      case 'h':
        return this.unsigned();
      case 'b':
        return this.boolean();
      case 'x':
        return this.view.getBigInt64(this.take(8), this.littleEndian);
      case 't':
        return this.view.getBigUint64(this.take(8), this.littleEndian);
      case 'd':
        return this.view.getFloat64(this.take(8), this.littleEndian);
      case 's':
      case 'o':
        return this.text(this.unsigned());
      case 'g':
        return this.text(this.view.getUint8(this.take(1)));
      default:
        return this.container(type);
    }
  }

  private container(type: string): DbusValue {
    this.depth += 1;
    if (this.depth > DEPTH_LIMIT) throw malformed('a value is nested too deeply');
    try {
      if (type[0] === 'v') return this.variant();
      if (type[0] === 'a') return this.array(type.slice(1));
      return typesOf(type.slice(1, -1)).map((each) => this.value(each));
    } finally {
      this.depth -= 1;
    }
  }

  private variant(): DbusValue {
    const signature = this.value('g') as string;
    if (endOfType(signature, 0) !== signature.length) throw malformed('a variant is not of one complete type');
    return { signature, value: this.value(signature) };
  }

  private array(element: string): DbusValue {
    const length = this.unsigned();
    this.align(alignmentOf(element));
    const start = this.take(length);
    if (element === 'y') return this.bytes.slice(start, start + length);
    const end = this.at;
    this.at = start;
    const values: DbusValue[] = [];
    while (this.at < end) values.push(this.value(element));
    if (this.at !== end) throw malformed('an array ends within an element');
    return values;
  }

  private unsigned(): number {
    return this.view.getUint32(this.take(4), this.littleEndian);
  }

  private boolean(): boolean {
    const value = this.unsigned();
    if (value > 1) throw malformed(`a boolean is ${value}`);
    return value === 1;
  }

  private text(length: number): string {
    const start = this.take(length + 1);
    if (this.bytes[start + length] !== 0) throw malformed('a string does not end with NUL');
    const bytes = this.bytes.subarray(start, start + length);
    if (bytes.includes(0)) throw malformed('a string has NUL in it');
    return decodeUtf8(bytes);
  }

  private align(boundary: number): void {
    const next = padded(this.at, boundary);
    while (this.at < next) {
      if (this.bytes[this.take(1)] !== 0) throw malformed('its padding is not zero');
    }
  }

  /** Where the next `length` bytes begin. */
  private take(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start) throw malformed('it ends too early');
    this.at = start + length;
    return start;
  }
}
