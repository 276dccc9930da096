/** The relay against a container and a service manager that do what they like. */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { receiveReadiness, relayReadiness, tellManager } from './notify-relay.ts';

const fd = (name: string) => new Fd<'object'>(9, name);
const relay = () => ({ socket: fd('socket'), manager: fd('manager') });

describe('one datagram', () => {
  test.each<[string, Uint8Array, boolean]>([
    ['readiness', encodeUtf8('STATUS=x\nREADY=1\n'), true],
    ['no text', Uint8Array.from([0xff, 0xfe, 10, ...encodeUtf8('READY=1')]), true],
    ['nothing', new Uint8Array(), false],
    ['as long as may be', encodeUtf8(`READY=1${'\n'.repeat(4089)}`), true],
    ['longer', encodeUtf8(`READY=1${'\n'.repeat(4090)}`), false],
  ])('%s', (_name, datagram, expected) => {
    const { kernel } = stubKernel({ read: (_fd, lengthBytes) => datagram.slice(0, lengthBytes) });
    expect(receiveReadiness(kernel, fd('socket'))).toBe(expected);
  });
});

test('the process has ended and others talk without end: nobody waits for them', () => {
  let datagrams = 0;
  const { kernel } = stubKernel({
    poll: () => [1, 1],
    read: () => {
      datagrams += 1;
      return encodeUtf8('STATUS=still here');
    },
    close: () => {},
  });
  relayReadiness(kernel, relay(), { pidfd: fd('pidfd'), pid: 7 }, () => {});
  expect(datagrams).toBe(1024);
});

describe('the service manager', () => {
  const tell = (methods: Partial<Kernel>, waits = true) => {
    const warnings: string[] = [];
    const sent: string[] = [];
    const { kernel } = stubKernel({
      poll: () => [4],
      sendmsg: (_fd, data) => {
        sent.push(data);
        return data.length;
      },
      pipe2: () => [fd('end'), fd('sent')],
      close: (each) => {
        each.release();
      },
      ...methods,
    });
    tellManager(kernel, fd('manager'), 7, { waits, warn: (text) => warnings.push(text) });
    return { warnings, sent };
  };
  const all = ['READY=1\n', 'MAINPID=7\n', 'BARRIER=1'];
  const failing = (errno: string) => () => {
    throw new RuntimeError({ kind: 'kernel', syscall: 'sendmsg', errno });
  };

  test('is told, and waited for', () => expect(tell({})).toEqual({ warnings: [], sent: all }));

  test('takes no barrier', () => {
    const poll: Kernel['poll'] = (fds) => [fds[0]?.path === 'end' ? 0 : 4];
    expect(tell({ poll })).toEqual({ warnings: [expect.stringContaining('no barrier within 30 s')], sent: all });
    expect(tell({ poll }, false)).toEqual({ warnings: [], sent: all });
  });

  test.each<[string, Partial<Kernel>, RegExp]>([
    ['reads nothing', { poll: () => [0] }, /was not told: manager: it took no message within 5 s/],
    ['is full each time that it said it was not', { sendmsg: failing('EAGAIN') }, /was not told: .* within 5 s/],
    ['went away', { sendmsg: failing('ECONNREFUSED') }, /was not told: .*ECONNREFUSED/],
  ])('%s: a warning', (_name, methods, warning) => {
    expect(tell(methods)).toEqual({ warnings: [expect.stringMatching(warning)], sent: [] });
  });
});
