/**
 * What travels on D-Bus, as data: values, messages, and how a signature is cut into complete types. Pure.
 * [D-Bus specification, "Type System" and "Message Protocol"]
 */
import { RuntimeError } from '../base/runtime-error.ts';

/**
 * By type: y n q i u numbers; x t bigint (numbers are accepted to send); d number; b boolean; s o g string; ay bytes;
 * other arrays, structs and dictionary entries lists; v a variant.
 */
export type DbusValue = string | number | bigint | boolean | Uint8Array | DbusVariant | readonly DbusValue[];

export interface DbusVariant {
  /** One complete type. */
  readonly signature: string;
  readonly value: DbusValue;
}

export interface DbusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** Of the arguments together; "" for none. */
  readonly signature: string;
  readonly arguments: readonly DbusValue[];
}

/** A D-Bus error is an answer, told apart by its name. */
export type DbusReply = { readonly values: readonly DbusValue[] } | { readonly error: string; readonly text: string };

/** METHOD_CALL 1, METHOD_RETURN 2, ERROR 3, SIGNAL 4; other numbers are to be ignored. */
export interface DbusMessage {
  readonly type: number;
  readonly serial: number;
  readonly replySerial: number | undefined;
  readonly errorName: string | undefined;
  readonly path: string | undefined;
  readonly interface: string | undefined;
  readonly member: string | undefined;
  readonly signature: string;
  /** The arguments, undecoded: only a message that somebody waits for is. */
  readonly body: Uint8Array;
  readonly littleEndian: boolean;
}

export const METHOD_CALL = 1;
export const METHOD_RETURN = 2;
export const ERROR = 3;
export const SIGNAL = 4;

/** The specification allows 32 of arrays and 32 of structs; nothing that we speak of needs more than a handful. */
const DEPTH_LIMIT = 32;

/** Where the complete type that begins at `start` ends. Throws on what is no type. */
export function endOfType(signature: string, start: number, depth = 0): number {
  if (depth > DEPTH_LIMIT) throw malformed('a type is nested too deeply');
  const code = signature[start];
  if (code === undefined) throw malformed(`the signature "${signature}" ends too early`);
  if (isBasic(code) || code === 'v') return start + 1;
  if (code === 'a') return endOfType(signature, start + 1, depth + 1);
  if (code !== '(' && code !== '{') throw malformed(`the signature "${signature}" has no type at ${start}`);
  const close = code === '(' ? ')' : '}';
  let at = start + 1;
  if (signature[at] === close) throw malformed(`the signature "${signature}" has an empty struct`);
  while (signature[at] !== close) at = endOfType(signature, at, depth + 1);
  return at + 1;
}

/** The complete types of a signature, in order. */
export function typesOf(signature: string): readonly string[] {
  const types: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const end = endOfType(signature, at);
    types.push(signature.slice(at, end));
    at = end;
  }
  return types;
}

const basic = 'ybnqiuxtdsogh';
const isBasic = (code: string): boolean => basic.includes(code);

/** By a type's first letter: its boundary in bytes. */
export function alignmentOf(type: string): number {
  switch (type[0]) {
    case 'n':
    case 'q':
      return 2;
    case 'y':
    case 'g':
    case 'v':
      return 1;
    case 'x':
    case 't':
    case 'd':
    case '(':
    case '{':
      return 8;
    default:
      return 4;
  }
}

/** kind 'kernel': what the other side sent, or what we were to send, is not D-Bus. */
export function malformed(what: string): RuntimeError {
  return new RuntimeError({ kind: 'kernel', message: `not a D-Bus message: ${what}` });
}
