import { describe, expect, test } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { type ChildMessage, messageRules, type ParentMessage } from './messages.ts';
import { parsePacket } from './parse-packet.ts';

const parseJson = (text: string) => {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { error: String(error) };
  }
};

const messages: readonly (ChildMessage | ParentMessage)[] = [
  { kind: 'cloned', pid: 7 },
  { kind: 'mapIds' },
  { kind: 'giveLimits' },
  { kind: 'limitsGiven' },
  { kind: 'setScheduling' },
  { kind: 'schedulingSet' },
  { kind: 'giveResources' },
  { kind: 'runHooks' },
  { kind: 'console' },
  { kind: 'ready' },
  { kind: 'listener' },
  { kind: 'ready', warnings: ['one', 'two'] },
  { kind: 'idsMapped' },
  { kind: 'resourcesGiven' },
  { kind: 'hooksDone' },
  { kind: 'namespaces' },
  { kind: 'giveNamespaces' },
  { kind: 'go' },
];

describe('every message survives the way', () => {
  test.each(messages)('$kind', (message) => {
    expect(parsePacket(formatJson(message), parseJson)).toEqual(message);
  });

  test('every kind of the table is tried above, but for failed', () => {
    const tried = new Set<string>(messages.map(({ kind }) => kind));
    for (const [kind, { answer }] of Object.entries(messageRules)) {
      if (kind !== 'failed') expect(tried.has(kind), kind).toBe(true);
      if (answer !== undefined) expect(tried.has(answer), answer).toBe(true);
    }
  });

  test('an error travels whole', () => {
    const error = new RuntimeError({
      kind: 'kernel',
      operation: 'mount a file system in the container',
      pointer: '/mounts/3',
      path: '/proc',
      syscall: 'fsopen',
      errno: 'EPERM',
      hint: 'a "hint"\nwith everything',
    });
    const packet = parsePacket(formatJson({ kind: 'failed', error: error.fields }), parseJson);
    expect(packet.kind === 'failed' && new RuntimeError(packet.error).message).toBe(error.message);
  });
});

test('the exec tail says which operation failed with which errno', () => {
  expect(parsePacket('T12:13', parseJson)).toEqual({ kind: 'tailFailed', index: 12, errno: 13 });
});

test.each([
  '{"kind":"ready","warnings":[1]}',
  '',
  'x',
  'T',
  'T:',
  'Tx:1',
  'T1:x',
  '[]',
  'null',
  '{}',
  '{"kind":"nonsense"}',
  '{"kind":"failed"}',
  '{"kind":"failed","error":{"kind":"other"}}',
  '{"kind":"cloned","pid":"1"}',
])('%j is not a packet', (text) => {
  expect(() => parsePacket(text, parseJson)).toThrow('unexpected packet');
});
