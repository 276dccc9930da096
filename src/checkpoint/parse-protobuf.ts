/**
 * Reads protocol buffers strictly: what is cut off, too long or of an unknown wire type is refused; fields that nobody asks for
 * are kept and ignored, because a newer criu may say more. Pure. [protobuf.dev/programming-guides/encoding]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { decodeUtf8 } from '../base/utf8.ts';

/** By field number, in the order of the message. bigint: a varint, 64 bits without sign. */
export type ParsedMessage = ReadonlyMap<number, readonly (bigint | Uint8Array)[]>;

const longestVarint = 10;
/** [protobuf] 2^29 - 1. */
const largestField = 536870911n;

export function parseMessage(bytes: Uint8Array): ParsedMessage {
  const fields = new Map<number, (bigint | Uint8Array)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let index = 0; index < longestVarint; index += 1) {
      const byte = bytes[at];
      if (byte === undefined) throw malformed('is cut off');
      at += 1;
      value |= BigInt(byte & 127) << BigInt(7 * index);
      if (byte < 128) {
        if (value >= 1n << 64n) break;
        return value;
      }
    }
    throw malformed('has a number of more than 64 bits');
  };
  const take = (length: bigint): Uint8Array => {
    if (length > BigInt(bytes.length - at)) throw malformed('is cut off');
    const start = at;
    at += Number(length);
    return bytes.subarray(start, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const number = key >> 3n;
    if (number === 0n || number > largestField) throw malformed(`has the field number ${number}`);
    const wireType = Number(key & 7n);
    let value: bigint | Uint8Array;
    if (wireType === 0) value = varint();
    else if (wireType === 1) value = take(8n);
    else if (wireType === 2) value = take(varint());
    else if (wireType === 5) value = take(4n);
    else throw malformed(`has the wire type ${wireType}`);
    const known = fields.get(Number(number));
    if (known === undefined) fields.set(Number(number), [value]);
    else known.push(value);
  }
  return fields;
}

/** The last one counts, as the format says; undefined: not there. */
export function readInt32(message: ParsedMessage, field: number): number | undefined {
  const value = message.get(field)?.at(-1);
  if (value === undefined) return undefined;
  if (typeof value !== 'bigint') throw malformed(`has no number in field ${field}`);
  return Number(BigInt.asIntN(32, value));
}

export function readBool(message: ParsedMessage, field: number): boolean | undefined {
  const value = readInt32(message, field);
  return value === undefined ? undefined : value !== 0;
}

export function readText(message: ParsedMessage, field: number): string | undefined {
  const value = readBytes(message, field);
  return value === undefined ? undefined : decodeUtf8(value);
}

export function readMessage(message: ParsedMessage, field: number): ParsedMessage | undefined {
  const value = readBytes(message, field);
  return value === undefined ? undefined : parseMessage(value);
}

function readBytes(message: ParsedMessage, field: number): Uint8Array | undefined {
  const value = message.get(field)?.at(-1);
  if (value === undefined) return undefined;
  if (typeof value === 'bigint') throw malformed(`has a number in field ${field}`);
  return value;
}

export function malformed(what: string): RuntimeError {
  return new RuntimeError({ kind: 'kernel', message: `a message from criu ${what}` });
}
