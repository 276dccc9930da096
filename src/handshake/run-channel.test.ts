/** What the table of messages says is looked at when a packet comes: its descriptors, and the answer to a question. */
import { expect, test } from 'vitest';
import { Fd } from '../kernel/fd.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { type Question, runAsk, runReceive } from './run-channel.ts';

const { parseJson } = createFakeKernel({ files: {} }).kernel;
const socket = new Fd<'object'>(3, 'socket');

function receiving(data: string, fds: readonly Fd<'object'>[] = []) {
  return stubKernel({ recvmsg: () => ({ data, fds }), sendmsg: () => 1, close: () => {}, parseJson });
}

test.each([
  ['{"kind":"console"}', 1],
  ['{"kind":"listener"}', 1],
  ['{"kind":"cloned","pid":7}', 1],
  ['{"kind":"ready"}', 0],
  ['{"kind":"go"}', 0],
  ['T3:1', 0],
])('%s comes with %d descriptor(s), no more and no fewer', (data, expected) => {
  for (const count of [0, 1, 2]) {
    const fds = [new Fd<'object'>(8, 'first'), new Fd<'object'>(9, 'second')].slice(0, count);
    const { kernel, calls } = receiving(data, fds);
    if (count === expected) {
      expect(runReceive(kernel, socket)?.fds).toEqual(fds);
    } else {
      expect(() => runReceive(kernel, socket)).toThrow(`came with ${count} descriptor(s)`);
      expect(calls.filter(([name]) => name === 'close')).toEqual(fds.map((fd) => ['close', fd]));
    }
  }
});

test.each<[Question, string]>([
  ['mapIds', 'idsMapped'],
  ['giveResources', 'resourcesGiven'],
  ['runHooks', 'hooksDone'],
  ['giveLimits', 'limitsGiven'],
  ['setScheduling', 'schedulingSet'],
])('%s is answered with %s, and with nothing else', (question, answer) => {
  expect(runAsk(receiving(`{"kind":"${answer}"}`).kernel, socket, question)).toBe(true);
  expect(runAsk(receiving('').kernel, socket, question)).toBe(false);
  expect(() => runAsk(receiving('{"kind":"go"}').kernel, socket, question)).toThrow(`${question} was answered with go`);
});
