/** The terminal of a container: rule B5, its socket, and which flags go together. */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { DEVPTS_SUPER_MAGIC, POLLOUT, S_IFCHR, S_IFREG } from '../kernel/flags.ts';
import type { Kernel, Stat } from '../kernel/kernel.ts';
import { TMPFS_MAGIC } from '../testing/fake-world.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { applyConsole, applyConsoleStdio, openDevpts } from './apply-console.ts';
import { checkTerminalFlags } from './check-terminal-flags.ts';
import { runConsoleSocket, sendDescriptor } from './run-console-socket.ts';

const devpts = new Fd<'root'>(10, '/dev/pts');
const ptmx = { mode: S_IFCHR | 0o666, rdevMajor: 5, rdevMinor: 2, ino: 2, uid: 0, gid: 5 };

function terminal(change: Partial<Stat> = {}, more: Partial<Kernel> = {}) {
  const open = new Set<number>();
  const make = (number: number, path: string): Fd<'object'> => {
    open.add(number);
    return new Fd<'object'>(number, path);
  };
  const stub = stubKernel({
    openat2OrErrno: (() => make(20, 'ptmx')) as never,
    fstat: (fd) => (fd.number === 20 ? { ...ptmx, ...change } : { mode: S_IFCHR, uid: 0, gid: 5 }) as Stat,
    ioctlTiocsptlck: () => undefined,
    ioctlTiocgptpeer: () => make(21, 'slave'),
    ioctlTiocswinsz: () => undefined,
    ioctlTiocsctty: () => undefined,
    dup2: () => undefined,
    fchown: () => undefined,
    close: (fd) => {
      open.delete(fd.number);
      fd.release();
    },
    ...more,
  });
  return { ...stub, open };
}

test('slave only through its master, unlocked, sized, given to the user', () => {
  const { kernel, calls } = terminal();
  const { master, slave } = applyConsole(kernel, { devpts, size: { rows: 3, columns: 4 }, uid: 7 });
  const names = calls.map(([name]) => name);
  expect(names.indexOf('ioctlTiocsptlck')).toBeLessThan(names.indexOf('ioctlTiocgptpeer'));
  expect(calls.filter(([name]) => name === 'openat2OrErrno').map((call) => call[2])).toEqual(['ptmx']);
  expect(calls).toContainEqual(['ioctlTiocswinsz', master, 3, 4]);
  expect(calls).toContainEqual(['fchown', slave, 7, 5]);
});

test('no size, no owner to change: no call', () => {
  const names = terminal();
  applyConsole(names.kernel, { devpts, size: undefined, uid: 0 });
  expect(names.calls.map(([name]) => name)).not.toContain('ioctlTiocswinsz');
  expect(names.calls.map(([name]) => name)).not.toContain('fchown');
});

test.each([
  ['a file', { mode: S_IFREG }],
  ['another device', { rdevMinor: 3 }],
  ['another major', { rdevMajor: 1 }],
  ['a node with the same numbers elsewhere', { ino: 77 }],
])('ptmx is %s: refused and closed', (_, change) => {
  const { kernel, open } = terminal(change);
  expect(() => applyConsole(kernel, { devpts, size: undefined, uid: 0 })).toThrow('it is not the ptmx of a devpts');
  expect(open.size).toBe(0);
});

test.each(['EPERM', 'EINVAL', 'EROFS'])('an owner that cannot be set (%s) is no failure', (errno) => {
  const fchown = (): never => {
    throw new RuntimeError({ kind: 'kernel', syscall: 'fchownat', errno });
  };
  expect(applyConsole(terminal({}, { fchown }).kernel, { devpts, size: undefined, uid: 7 }).slave.number).toBe(21);
});

test('a failure on the way closes the master', () => {
  const ioctlTiocgptpeer = (): never => {
    throw new RuntimeError({ kind: 'kernel', syscall: 'ioctl', errno: 'EIO' });
  };
  const { kernel, open } = terminal({}, { ioctlTiocgptpeer });
  expect(() => applyConsole(kernel, { devpts, size: undefined, uid: 0 })).toThrow(/^set up the terminal/);
  expect(open.size).toBe(0);
});

test('controlling terminal first, then 0, 1, 2, then closed', () => {
  const { kernel, calls } = terminal();
  applyConsoleStdio(kernel, new Fd<'object'>(21, 'slave'));
  expect(calls.map(([name, , last]) => [name, last])).toEqual([
    ['ioctlTiocsctty', 0],
    ['dup2', 0],
    ['dup2', 1],
    ['dup2', 2],
    ['close', undefined],
  ]);
});

test.each([
  ['ENOENT', () => 'ENOENT' as const, 0],
  ['ENODEV', () => new Fd<'root'>(30, 'dev/pts'), TMPFS_MAGIC],
])('/dev/pts that is no devpts: %s', (errno, open, magic) => {
  const { kernel } = stubKernel({
    openat2OrErrno: open as never,
    fstatfs: () => magic,
    close: () => undefined,
  });
  expect(() => openDevpts(kernel, devpts)).toThrow(new RegExp(`/dev/pts: .*${errno}.*needs a mount of type devpts`));
});

test('/dev/pts that is one', () => {
  const open = (() => new Fd<'root'>(30, 'dev/pts')) as never;
  expect(
    openDevpts(stubKernel({ openat2OrErrno: open, fstatfs: () => DEVPTS_SUPER_MAGIC }).kernel, devpts).number,
  ).toBe(30);
});

describe('flags', () => {
  const allocate = 'cannot allocate tty if runt will detach without setting console socket';
  const use = 'cannot use console socket if runt will not detach or allocate tty';
  test.each([
    [false, false, undefined, undefined],
    [false, true, undefined, undefined],
    [true, false, undefined, undefined],
    [true, true, '/s', undefined],
    [true, true, undefined, allocate],
    [true, true, '', allocate],
    [false, false, '/s', use],
    [false, true, '/s', use],
    [true, false, '/s', use],
  ])('terminal %s, detach %s, socket %s', (isTerminal, detach, consoleSocket, text) => {
    const check = (): void => checkTerminalFlags({ terminal: isTerminal, detach, consoleSocket });
    if (text === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(text);
  });
});

describe('socket', () => {
  const long = `/${'d'.repeat(120)}/s`;
  const socketKernel = (answers: (string | undefined)[], open: unknown = new Fd<'host'>(40, 'dir')) =>
    stubKernel({
      socketUnix: () => new Fd<'object'>(30, 'socket'),
      connectUnixOrErrno: () => answers.shift(),
      openat2OrErrno: (() => open) as never,
      close: (fd) => {
        fd.release();
      },
    });

  test('a short path', () => {
    const { kernel, calls } = socketKernel([undefined]);
    expect(runConsoleSocket(kernel, '--console-socket', '/s').number).toBe(30);
    expect(calls).toHaveLength(2);
  });

  test('a path beyond 107 bytes goes through a descriptor of its directory', () => {
    const { kernel, calls } = socketKernel(['ENAMETOOLONG', undefined]);
    runConsoleSocket(kernel, '--console-socket', long);
    expect(calls[2]?.[2]).toBe(`/${'d'.repeat(120)}`);
    expect(calls[3]?.[2]).toBe('/proc/self/fd/40/s');
    expect(calls.at(-1)?.[0]).toBe('close');
  });

  test.each([
    [['ENOENT'], undefined, 'ENOENT'],
    [['ECONNREFUSED'], undefined, 'ECONNREFUSED'],
    [['ENAMETOOLONG'], 'ENOTDIR', 'ENOTDIR'],
    [['ENAMETOOLONG', 'ENAMETOOLONG'], new Fd<'host'>(40, 'dir'), 'ENAMETOOLONG'],
  ])('%j is an error of the flag', (answers, open, errno) => {
    const { kernel, calls } = socketKernel([...answers], open);
    expect(() => runConsoleSocket(kernel, '--pidfd-socket', long)).toThrow(
      new RegExp(`^--pidfd-socket: /d+/s: .*${errno}`),
    );
    expect(calls.at(-1)?.[0]).toBe('close');
  });

  test('an empty path', () => {
    expect(() => runConsoleSocket(stubKernel({}).kernel, '--console-socket', '')).toThrow(
      '--console-socket: the path is empty',
    );
  });

  const gift = { flag: '--console-socket', descriptor: new Fd<'object'>(50, 'master'), name: '/dev/ptmx' };

  test('the descriptor with its name', () => {
    const { kernel, calls } = stubKernel({ poll: () => [POLLOUT], sendmsg: () => 9 });
    sendDescriptor(kernel, devpts, gift);
    expect(calls[1]).toEqual(['sendmsg', devpts, '/dev/ptmx', [gift.descriptor]]);
  });

  test('a receiver that does not receive: five seconds, also when interrupted', () => {
    const waits: number[] = [];
    let now = 0;
    const { kernel } = stubKernel({
      poll(_fds, _events, timeoutMs) {
        waits.push(timeoutMs);
        now += 2000;
        return waits.length < 3 ? undefined : [0];
      },
      clockGettime: () => [now / 1000, 0],
    });
    expect(() => sendDescriptor(kernel, devpts, gift)).toThrow(/^--console-socket: nobody received.*ETIMEDOUT/);
    expect(waits).toEqual([5000, 5000, 3000]);
  });

  /** A state with megabytes of annotations, to an agent that reads on, or does not. */
  test.each([
    ['reads on', [3, 'EAGAIN', 4], undefined],
    ['reads no more', [3, 'EAGAIN', 'EAGAIN', 'EAGAIN'], /nobody received.*ETIMEDOUT/],
    ['went away in the middle', [3, 'EPIPE'], /broken pipe/],
  ] as const)('more than fits at once, and a receiver that %s', (_name, answers, error) => {
    const left = [...answers];
    const written: string[] = [];
    let now = 0;
    const { kernel } = stubKernel({
      poll: () => {
        now += 1000;
        return [now > 5000 ? 0 : POLLOUT];
      },
      clockGettime: () => [now / 1000, 0],
      sendmsg: () => 2,
      writeSomeOrErrno: (_fd, data) => {
        const answer = left.shift() ?? 'EAGAIN';
        if (typeof answer === 'number') written.push(String.fromCharCode(...data.subarray(0, answer)));
        return answer;
      },
    });
    const send = () => sendDescriptor(kernel, devpts, gift);
    if (error !== undefined) return expect(send).toThrow(error);
    send();
    expect(written.join('')).toBe('ev/ptmx');
  });

  test.each([
    ['is free again', ['EAGAIN', 'EAGAIN', undefined], undefined],
    ['stays full', ['EAGAIN'], /connect.*full for 5 s|full for 5 s.*connect|EAGAIN.*full for 5 s/],
  ])('a queue that %s', (_name, answers, error) => {
    const left = [...answers];
    let now = 0;
    const { kernel } = stubKernel({
      socketUnix: () => new Fd<'object'>(30, 'socket'),
      connectUnixOrErrno: () => (left.length > 1 ? left.shift() : left[0]),
      poll: (_fds, _events, timeoutMs) => {
        now += timeoutMs;
        return [];
      },
      clockGettime: () => [now / 1000, 0],
      close: () => {},
    });
    const connect = () => runConsoleSocket(kernel, '--console-socket', '/s').number;
    if (error === undefined) expect(connect()).toBe(30);
    else expect(connect).toThrow(error);
  });

  test('a peer that went away', () => {
    const sendmsg = (): never => {
      throw new RuntimeError({ kind: 'kernel', syscall: 'sendmsg', errno: 'EPIPE' });
    };
    expect(() => sendDescriptor(stubKernel({ poll: () => [POLLOUT], sendmsg }).kernel, devpts, gift)).toThrow(
      '--console-socket: broken pipe (EPIPE from sendmsg(2))',
    );
  });
});
