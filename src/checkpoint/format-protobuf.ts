/**
 * Writes protocol buffers: as much of the wire format as criu's messages need (varints and length-delimited fields). Pure.
 * [protobuf.dev/programming-guides/encoding]
 */
import { encodeUtf8 } from '../base/utf8.ts';

/** number: int32, uint32 or an enum; Uint8Array: a message that is written already. */
export type FieldValue = number | boolean | string | Uint8Array;

export interface Field {
  readonly number: number;
  readonly value: FieldValue;
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** The fields in the given order; one number may come several times. */
export function formatMessage(fields: readonly Field[]): Uint8Array {
  const bytes: number[] = [];
  for (const { number, value } of fields) {
    if (typeof value === 'number' || typeof value === 'boolean') {
      pushVarint(bytes, BigInt(number * 8 + VARINT));
      pushVarint(bytes, BigInt(value));
      continue;
    }
    const content = typeof value === 'string' ? encodeUtf8(value) : value;
    pushVarint(bytes, BigInt(number * 8 + LENGTH_DELIMITED));
    pushVarint(bytes, BigInt(content.length));
    for (const byte of content) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** A negative int32 is written as 64 bits with its sign extended. */
function pushVarint(bytes: number[], value: bigint): void {
  let rest = BigInt.asUintN(64, value);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
}
