/** The loop between us and a hook, against a scripted poll: nothing it does may block, spin or wait for grandchildren. */
import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { Fd } from '../kernel/fd.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from '../kernel/flags.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { exchange, type Streams } from './run-hook-streams.ts';

type Revents = { readonly [name: string]: number };

/** Each entry of the script is one poll: what is ready, by name. */
function world(script: readonly Revents[], output: { [name: string]: string[] } = {}) {
  let at = 0;
  const written: Uint8Array[] = [];
  const timeouts: number[] = [];
  const { kernel, calls } = stubKernel({
    poll(fds, events, timeoutMs) {
      timeouts.push(timeoutMs);
      const ready = script[at++] ?? {};
      for (const [index, fd] of fds.entries()) if (fd.path === 'stdin') expect(events[index]).toBe(POLLOUT);
      return fds.map((fd) => ready[fd.path] ?? 0);
    },
    read: (fd) => encodeUtf8(output[fd.path]?.shift() ?? ''),
    write(_fd, data) {
      if ((data as Uint8Array).length === 13)
        throw new RuntimeError({ kind: 'kernel', syscall: 'write', errno: 'EPIPE' });
      written.push(data as Uint8Array);
    },
    close: (fd) => {
      fd.release();
    },
  });
  const streams: Streams = {
    pidfd: new Fd<'object'>(10, 'pidfd'),
    stdin: new Fd<'object'>(11, 'stdin'),
    stdout: new Fd<'object'>(12, 'stdout'),
    stderr: new Fd<'object'>(13, 'stderr'),
    deadlineMs: 2000,
    nowMs: () => 0,
  };
  return { kernel, calls, streams, written, timeouts };
}

test('state in chunks that cannot block, then end of file, then the end', () => {
  const { kernel, streams, written } = world([
    { stdin: POLLOUT },
    { stdin: POLLOUT },
    { stdin: POLLOUT },
    { pidfd: POLLIN },
  ]);
  const result = exchange(kernel, streams, new Uint8Array(10000));
  expect(result.isOver).toBe(true);
  expect(written.map((each) => each.length)).toEqual([4096, 4096, 1808]);
  expect(streams.stdin.isOpen).toBe(false);
});

test.each([
  ['nobody reads any more', { stdin: POLLERR }, 100],
  ['EPIPE', { stdin: POLLOUT }, 13],
])('%s: that is the right of a hook', (_, ready, size) => {
  const { kernel, streams, written } = world([ready, { pidfd: POLLIN }]);
  expect(exchange(kernel, streams, new Uint8Array(size)).isOver).toBe(true);
  expect(written).toEqual([]);
  expect(streams.stdin.isOpen).toBe(false);
});

test('a hook that never reads more than a pipe holds is over when it ends', () => {
  const { kernel, streams, written } = world([{ stdin: POLLOUT }, { pidfd: POLLIN }]);
  expect(exchange(kernel, streams, new Uint8Array(100000)).isOver).toBe(true);
  expect(written).toHaveLength(1);
});

test('the last 4 KiB of each output are kept', () => {
  const { kernel, streams } = world([{ stdout: POLLIN }, { stdout: POLLIN, stderr: POLLIN }, { pidfd: POLLIN }], {
    stdout: ['a'.repeat(4000), 'b'.repeat(1000)],
    stderr: ['oops'],
  });
  const { stdout, stderr } = exchange(kernel, streams, new Uint8Array());
  expect(String.fromCharCode(...stdout)).toBe('a'.repeat(3096) + 'b'.repeat(1000));
  expect(String.fromCharCode(...stderr)).toBe('oops');
});

test('what is still in the pipe at the end is read, what grandchildren hold open is not waited for', () => {
  const { kernel, streams, timeouts } = world(
    [{ pidfd: POLLIN }, { stdout: POLLIN }, {}, { stderr: POLLIN | POLLHUP }, { stderr: POLLHUP }],
    { stdout: ['late'], stderr: ['last'] },
  );
  const { stdout, stderr } = exchange(kernel, streams, new Uint8Array());
  expect(String.fromCharCode(...stdout)).toBe('late');
  expect(String.fromCharCode(...stderr)).toBe('last');
  expect(timeouts.slice(1).every((each) => each === 0)).toBe(true);
});

test('a grandchild that writes for ever is left', () => {
  const script: Revents[] = [{ pidfd: POLLIN }, ...Array.from({ length: 1000 }, () => ({ stdout: POLLIN }))];
  const { kernel, streams, calls } = world(script, { stdout: Array.from({ length: 1000 }, () => 'x') });
  exchange(kernel, streams, new Uint8Array());
  expect(calls.length).toBeLessThan(200);
});

test('an output that is closed is polled no more: no spinning on its hang-up', () => {
  const { kernel, streams, calls } = world([
    { stdout: POLLHUP },
    { stderr: POLLHUP },
    { stdin: POLLOUT },
    { pidfd: POLLIN },
  ]);
  exchange(kernel, streams, new Uint8Array(1));
  const polled = calls.filter(([name]) => name === 'poll').map(([, fds]) => (fds as Fd[]).map((fd) => fd.path));
  expect(polled[1]).not.toContain('stdout');
  expect(polled[2]).toEqual(['pidfd', 'stdin']);
  expect(polled[3]).toEqual(['pidfd']);
});

test('the deadline counts from the start, over interruptions and activity', () => {
  const { streams } = world([]);
  const timeouts: number[] = [];
  let now = 0;
  const { kernel } = stubKernel({
    poll(fds, _events, timeoutMs) {
      timeouts.push(timeoutMs);
      now += 700;
      return timeouts.length === 2 ? undefined : fds.map(() => 0);
    },
  });
  expect(exchange(kernel, { ...streams, nowMs: () => now }, new Uint8Array()).isOver).toBe(false);
  expect(timeouts).toEqual([2000, 1300, 600]);
});

test('a timeout beyond what poll takes is cut, none is for ever', () => {
  const { kernel, streams, timeouts } = world([{ pidfd: POLLIN }]);
  exchange(kernel, { ...streams, deadlineMs: 1e12 }, new Uint8Array());
  expect(timeouts[0]).toBe(0x7fffffff);
  const other = world([{ pidfd: POLLIN }]);
  exchange(other.kernel, { ...other.streams, deadlineMs: undefined }, new Uint8Array());
  expect(other.timeouts[0]).toBe(-1);
});
