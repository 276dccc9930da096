import { describe, expect, it } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import type { GlobalOptions } from '../base/request.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import { soundRecord } from '../testing/state-records.ts';
import { killContainer } from './kill-container.ts';

const globals: GlobalOptions = {
  root: undefined,
  log: undefined,
  logFormat: 'text',
  debug: false,
  cgroupManager: 'cgroupfs',
  rootless: 'auto',
};
const init = { pid: 100, startTime: 12400, pidNamespace: 4026532000, ownPidNamespace: true };

function kill(record: object | string, request: { signal?: string; all?: boolean; id?: string } = {}) {
  const text = typeof record === 'string' ? record : formatJson(record);
  const fake = createFakeKernel({ files: { run: { runt: { web: { 'state.json': text } } } } });
  let message = '';
  try {
    killContainer(fake.kernel, globals, {
      id: request.id ?? 'web',
      signal: request.signal ?? 'TERM',
      all: request.all ?? false,
    });
  } catch (error) {
    message = (error as Error).message;
  }
  const sent = fake.trace.filter((line) => line.startsWith('pidfdSendSignal'));
  return { message, sent, trace: fake.trace };
}

describe('kill', () => {
  it('sends through the pidfd, after looking who it is', () => {
    const { message, sent, trace } = kill(soundRecord);
    expect(message).toBe('');
    expect(sent).toEqual(['pidfdSendSignal(<pidfd of 100>, 15)']);
    const order = [
      'pidfdOpen',
      'openat2OrErrno(<.>, "/proc/100/stat"',
      'readlinkat(<.>, "/proc/100/ns/pid")',
      'pidfdSendSignal',
    ];
    const places = order.map((start) => trace.findIndex((line) => line.startsWith(start)));
    expect(places).not.toContain(-1);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });

  it.each([
    ['a reused pid', { ...soundRecord, init: { ...init, startTime: 1 } }],
    ['another pid namespace', { ...soundRecord, init: { ...init, pidNamespace: 1 } }],
    ['another boot', { ...soundRecord, bootId: 'other' }],
    ['no such process', { ...soundRecord, init: { ...init, pid: 4000000 } }],
    ['no process yet', { ...soundRecord, phase: 'creating', init: undefined }],
  ])('%s: nothing is signalled', (_, record) => {
    expect(kill(record)).toMatchObject({ message: 'container not running: web', sent: [] });
    expect(kill(record, { all: true })).toMatchObject({ message: '', sent: [] });
  });

  it.each([
    ['a damaged record', formatJson({ ...soundRecord, init: { ...init, pid: 1 } }), {}, '/init/pid'],
    ['not JSON', '{', {}, 'state.json'],
    ['an unknown signal', formatJson(soundRecord), { signal: 'FOO' }, 'unknown signal "FOO"'],
    ['another container', formatJson(soundRecord), { id: 'other' }, 'container does not exist'],
    ['an id that is a path', formatJson(soundRecord), { id: '..' }, 'invalid container ID format'],
  ])('%s: refused, nothing is signalled', (_, text, request, expected) => {
    const result = kill(text, request);
    expect(result.message).toContain(expected);
    expect(result.sent).toEqual([]);
  });
});
