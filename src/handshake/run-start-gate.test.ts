/** The gate in JavaScript (native/src/gate.rs is the same without it): who asks for namespaces gets them, and the wait goes on. */
import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { runAskNamespaces, runWaitAtStartGate } from './run-start-gate.ts';

const listener = new Fd<'object'>(3, 'listener');
const directory = new Fd<'host'>(4, '/run/runt/web');
const kept = [new Fd<'object'>(5, 'user'), new Fd<'object'>(6, 'mnt')];

test('init waits for go; others are answered or forgotten', () => {
  const packets = ['{"kind":"giveNamespaces"}', '', '{"kind":"giveNamespaces"}', '{"kind":"go"}'];
  let number = 10;
  const { kernel, calls } = stubKernel({
    accept4: () => new Fd<'object'>(number++, 'connection'),
    recvmsg: () => ({ data: packets.shift() ?? '', fds: [] }),
    sendmsg: () => 0,
    close: () => {},
  });
  expect(runWaitAtStartGate(kernel, listener, kept).number).toBe(13);
  const sent = calls.filter(([name]) => name === 'sendmsg').map(([, fd, data, fds]) => [(fd as Fd).number, data, fds]);
  expect(sent).toEqual([
    [10, '{"kind":"namespaces"}', kept],
    [12, '{"kind":"namespaces"}', kept],
  ]);
  expect(calls.filter(([name]) => name === 'close').map(([, fd]) => (fd as Fd).number)).toEqual([10, 11, 12]);
});

function ask(answer: { data: string; fds: readonly Fd<'object'>[] } | undefined, connected?: string) {
  const { kernel, calls } = stubKernel({
    socketUnix: () => new Fd<'object'>(7, 'connection'),
    connectUnixOrErrno: () => connected,
    sendmsg: () => 0,
    poll: () => (answer === undefined ? undefined : [1]),
    recvmsg: () => answer ?? { data: '', fds: [] },
    close: () => {},
  });
  const run = () => runAskNamespaces(kernel, directory);
  return { run, calls };
}

test('exec is given what init has', () => {
  const { run, calls } = ask({ data: '{"kind":"namespaces"}', fds: kept });
  expect(run()).toEqual(kept);
  expect(calls.map(([name]) => name)).toEqual([
    'socketUnix',
    'connectUnixOrErrno',
    'sendmsg',
    'poll',
    'recvmsg',
    'close',
  ]);
});

test.each(['ECONNREFUSED', 'ENOENT'])('a gate that is gone (%s): it was started meanwhile', (errno) => {
  const { run, calls } = ask(undefined, errno);
  expect(run()).toBeUndefined();
  expect(calls.at(-1)?.[0]).toBe('close');
});

test('init goes through the gate, or ends, before it answers', () => {
  expect(ask({ data: '', fds: [] }).run()).toBeUndefined();
});

test('an init that is stopped: no wait without an end', () => {
  const { run, calls } = ask(undefined);
  expect(run).toThrow(RuntimeError);
  expect(run).toThrow('does not answer');
  expect(calls.find(([name]) => name === 'poll')?.[3]).toBeGreaterThan(0);
  expect(calls.at(-1)?.[0]).toBe('close');
});
