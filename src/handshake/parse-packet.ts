/**
 * One packet's text to what it means. Pure: the JSON parser is passed in. Two forms: the JSON of messages.ts, and the exec
 * tail's `T<index>:<errno number>`, which native code writes when no JavaScript may run any more (native/kernel.d.ts execTail).
 */
import type { ErrorFields, ErrorKind } from '../base/runtime-error.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { ChildMessage, ParentMessage } from './messages.ts';

/** The tail's operation number `index` failed. */
export interface TailFailure {
  readonly kind: 'tailFailed';
  readonly index: number;
  readonly errno: number;
}

export type Packet = ChildMessage | ParentMessage | TailFailure;

type JsonParser = (text: string) => { readonly value: unknown } | { readonly error: string };

const kinds: ReadonlySet<string> = new Set([
  ...['cloned', 'mapIds', 'giveResources', 'runHooks', 'giveLimits', 'setScheduling'],
  ...['console', 'ready', 'listener', 'namespaces', 'failed'],
  ...['idsMapped', 'resourcesGiven', 'hooksDone', 'limitsGiven', 'schedulingSet', 'giveNamespaces', 'go'],
]);
const errorKinds: ReadonlySet<string> = new Set<ErrorKind>(['usage', 'spec', 'state', 'kernel', 'hook', 'bug']);

/** The packets without content are compared as text: the common ones cost no parsing. */
const plain: { readonly [text: string]: Packet } = {
  '{"kind":"ready"}': { kind: 'ready' },
  '{"kind":"go"}': { kind: 'go' },
  '{"kind":"mapIds"}': { kind: 'mapIds' },
  '{"kind":"idsMapped"}': { kind: 'idsMapped' },
  '{"kind":"giveResources"}': { kind: 'giveResources' },
  '{"kind":"resourcesGiven"}': { kind: 'resourcesGiven' },
  '{"kind":"runHooks"}': { kind: 'runHooks' },
  '{"kind":"hooksDone"}': { kind: 'hooksDone' },
  '{"kind":"giveLimits"}': { kind: 'giveLimits' },
  '{"kind":"limitsGiven"}': { kind: 'limitsGiven' },
  '{"kind":"setScheduling"}': { kind: 'setScheduling' },
  '{"kind":"schedulingSet"}': { kind: 'schedulingSet' },
  '{"kind":"console"}': { kind: 'console' },
  '{"kind":"listener"}': { kind: 'listener' },
  '{"kind":"giveNamespaces"}': { kind: 'giveNamespaces' },
  '{"kind":"namespaces"}': { kind: 'namespaces' },
};

export function parsePacket(text: string, parseJson: JsonParser): Packet {
  const known = plain[text];
  if (known !== undefined) return known;
  if (text.charCodeAt(0) === 84) return parseTailFailure(text);
  const parsed = parseJson(text);
  if (!('value' in parsed) || typeof parsed.value !== 'object' || parsed.value === null) throw badPacket(text);
  const packet = parsed.value as { readonly kind?: unknown; readonly [key: string]: unknown };
  if (typeof packet.kind !== 'string' || !kinds.has(packet.kind)) throw badPacket(text);
  if (packet.kind === 'failed' && !isErrorFields(packet.error)) throw badPacket(text);
  if (packet.kind === 'cloned' && !Number.isSafeInteger(packet.pid)) throw badPacket(text);
  if (packet.warnings !== undefined && !isTexts(packet.warnings)) throw badPacket(text);
  return packet as Packet;
}

/** T<index>:<errno> */
function parseTailFailure(text: string): TailFailure {
  const colon = text.indexOf(':');
  const index = Number(text.slice(1, colon));
  const errno = Number(text.slice(colon + 1));
  if (colon < 2 || !Number.isSafeInteger(index) || !Number.isSafeInteger(errno)) throw badPacket(text);
  return { kind: 'tailFailed', index, errno };
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isErrorFields(value: unknown): value is ErrorFields {
  if (typeof value !== 'object' || value === null) return false;
  const kind = (value as { readonly kind?: unknown }).kind;
  return typeof kind === 'string' && errorKinds.has(kind);
}

function badPacket(text: string): RuntimeError {
  return new RuntimeError({ kind: 'bug', message: `unexpected packet in the handshake: ${text.slice(0, 200)}` });
}
