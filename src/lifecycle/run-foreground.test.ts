/** The foreground loop against a scripted poll: statuses, signals, reaping, and a relay that neither spins nor blocks. */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { Fd } from '../kernel/fd.ts';
import {
  CLD_DUMPED,
  CLD_EXITED,
  CLD_KILLED,
  POLLHUP,
  POLLIN,
  POLLOUT,
  SIGCHLD,
  SIGKILL,
  SIGPIPE,
  SIGSTOP,
  SIGURG,
  SIGWINCH,
  WEXITED,
  WNOHANG,
} from '../kernel/flags.ts';
import type { Kernel, WaitResult } from '../kernel/kernel.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { type Foreground, prepareForeground, runForeground } from './run-foreground.ts';

const SIGTERM = 15;
const child = { pid: 100, pidfd: new Fd<'object'>(8, 'pidfd') };
const signals = new Fd<'object'>(9, 'signals');
const alone = { master: undefined, notify: undefined, warn: () => {} };
const plain: Foreground = { signals, isSubreaper: false, hostTerminal: undefined };
const exited = (status: number): WaitResult => ({ pid: 100, code: CLD_EXITED, status });

type Ready = { readonly [name: string]: number };

interface Script {
  readonly polls: readonly (Ready | undefined)[];
  readonly end?: WaitResult;
  readonly signals?: number[];
  readonly others?: (WaitResult | string)[];
  /** By name of the descriptor: text to read, '' for end of file, or an errno. */
  readonly input?: { [name: string]: (string | { errno: string })[] };
  readonly writes?: (number | string)[];
  readonly more?: Partial<Kernel>;
}

const savedTermios = Uint8Array.of(0, 0, 0, 0, 0xff, 1, 2, 3);

function play(script: Script) {
  const polls = [...script.polls];
  return stubKernel({
    poll(fds) {
      if (polls.length === 0) throw new Error('polled once more than the script says');
      const ready = polls.shift();
      return ready === undefined ? undefined : fds.map((fd) => ready[fd.path] ?? 0);
    },
    waitid: () => script.end ?? exited(0),
    waitidOrErrno: () => script.others?.shift() ?? 'ECHILD',
    readSignalfd: () => ({ signal: script.signals?.shift() ?? SIGTERM, pid: 1 }),
    pidfdSendSignal: () => undefined,
    read(fd) {
      const next = script.input?.[fd.path]?.shift() ?? { errno: 'EIO' };
      if (typeof next === 'string') return encodeUtf8(next);
      throw new RuntimeError({ kind: 'kernel', syscall: 'read', errno: next.errno });
    },
    writeSomeOrErrno: (_fd, data) => script.writes?.shift() ?? data.length,
    fcntl: () => 0,
    tcgets: () => savedTermios,
    tcsets: () => undefined,
    makeRaw: () => Uint8Array.of(9),
    ioctlTiocgwinsz: () => ({ rows: 5, columns: 6 }),
    ioctlTiocswinsz: () => undefined,
    close: () => undefined,
    ...script.more,
  });
}

describe('without a terminal', () => {
  test.each([
    [exited(0), 0],
    [exited(7), 7],
    [{ pid: 100, code: CLD_KILLED, status: 9 }, 137],
    [{ pid: 100, code: CLD_DUMPED, status: 11 }, 139],
  ])('%j is %i, in two calls', (end, status) => {
    const { kernel, calls } = play({ polls: [{ pidfd: POLLIN }], end });
    expect(runForeground(kernel, child, plain, alone)).toBe(status);
    expect(calls.map(([name]) => name)).toEqual(['poll', 'waitid']);
  });

  test('signals are forwarded by pidfd; an interrupted poll is polled again', () => {
    const { kernel, calls } = play({
      polls: [undefined, { signals: POLLIN }, { signals: POLLIN }, { pidfd: POLLIN }],
      signals: [SIGTERM, 34],
    });
    runForeground(kernel, child, plain, alone);
    expect(calls.filter(([name]) => name === 'pidfdSendSignal').map(([, , signal]) => signal)).toEqual([SIGTERM, 34]);
  });

  test('SIGCHLD reaps orphans until none is left, and is not forwarded', () => {
    const orphan = { pid: 7, code: CLD_EXITED, status: 1 };
    const { kernel, calls } = play({
      polls: [{ signals: POLLIN }, { pidfd: POLLIN }],
      signals: [SIGCHLD],
      others: [orphan, orphan, { pid: 0, code: 0, status: 0 }],
    });
    expect(runForeground(kernel, child, { ...plain, isSubreaper: true }, alone)).toBe(0);
    expect(calls.filter(([name]) => name === 'waitidOrErrno')).toHaveLength(3);
    expect(calls.some(([name]) => name === 'pidfdSendSignal')).toBe(false);
  });

  test('the child found while reaping the others is the end too', () => {
    const { kernel } = play({ polls: [{ signals: POLLIN }], signals: [SIGCHLD], others: [exited(4)] });
    expect(runForeground(kernel, child, { ...plain, isSubreaper: true }, alone)).toBe(4);
  });
});

describe('preparation', () => {
  const prepare = (terminal: boolean, subreaper: boolean, more: Partial<Kernel> = {}) => {
    const stub = stubKernel({
      sigprocmask: () => undefined,
      prctl: () => 0,
      signalfd: () => signals,
      ioctlTiocgwinsz: () => ({ rows: 1, columns: 1 }),
      ...more,
    });
    return { foreground: prepareForeground(stub.kernel, { terminal, subreaper }), calls: stub.calls };
  };

  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('terminal %s, subreaper %s: what is blocked is what is read', (terminal, subreaper) => {
    const { calls } = prepare(terminal, subreaper);
    const blocked = calls.find(([name]) => name === 'sigprocmask')?.[2] as number[];
    expect(calls.find(([name]) => name === 'signalfd')?.[1]).toEqual(blocked);
    for (const signal of [SIGKILL, SIGSTOP, SIGURG, SIGPIPE, 32, 33]) expect(blocked).not.toContain(signal);
    for (const signal of [1, 2, 3, 10, 12, SIGTERM, 18, 20, 34, 64]) expect(blocked).toContain(signal);
    expect(blocked.includes(SIGWINCH)).toBe(terminal);
    expect(blocked.includes(SIGCHLD)).toBe(subreaper);
    expect(calls.some(([name]) => name === 'prctl')).toBe(subreaper);
  });

  test('all three redirected: the controlling terminal', () => {
    const tty = new Fd<'host'>(33, '/dev/tty');
    const more = { ioctlTiocgwinsz: () => undefined, openat2OrErrno: (() => tty) as never };
    expect(prepare(true, false, more).foreground.hostTerminal).toBe(tty);
  });

  test('none at all is said before anything is created', () => {
    const more = { ioctlTiocgwinsz: () => undefined, openat2OrErrno: () => 'ENXIO' };
    expect(() => prepare(true, false, more)).toThrow(/^\/dev\/tty: process.terminal is true/);
  });
});

describe('with a terminal', () => {
  const master = new Fd<'object'>(20, 'master');
  const host = new Fd<'object'>(2, 'stderr');
  const foreground: Foreground = { signals, isSubreaper: false, hostTerminal: host };
  const run = (script: Script) => {
    const stub = play(script);
    const status = runForeground(stub.kernel, child, foreground, { ...alone, master });
    const polled = stub.calls.filter(([name]) => name === 'poll').map(([, fds]) => (fds as Fd[]).map((fd) => fd.path));
    const written = stub.calls
      .filter(([name]) => name === 'writeSomeOrErrno')
      .map(([, fd, data]) => [(fd as Fd).path, String.fromCharCode(...(data as Uint8Array))]);
    return { ...stub, status, polled, written };
  };

  test('raw and back, size at the start, master closed', () => {
    const { calls } = run({ polls: [{ pidfd: POLLIN }] });
    const sets = calls.filter(([name]) => name === 'tcsets');
    expect(sets).toEqual([
      ['tcsets', host, Uint8Array.of(9)],
      ['tcsets', host, savedTermios],
    ]);
    expect(calls).toContainEqual(['makeRaw', savedTermios, false]);
    expect(calls).toContainEqual(['ioctlTiocswinsz', master, 5, 6]);
    expect(calls.at(-1)).toEqual(['close', master]);
  });

  test('the terminal is restored whatever goes wrong', () => {
    const { kernel, calls } = play({
      polls: [{ signals: POLLIN }],
      more: {
        readSignalfd() {
          throw new RuntimeError({ kind: 'kernel', syscall: 'read', errno: 'EIO' });
        },
      },
    });
    expect(() => runForeground(kernel, child, foreground, { ...alone, master })).toThrow('EIO');
    expect(calls.filter(([name]) => name === 'tcsets').at(-1)).toEqual(['tcsets', host, savedTermios]);
  });

  test('SIGWINCH copies the size and is not forwarded', () => {
    const { calls } = run({ polls: [{ signals: POLLIN }, { pidfd: POLLIN }], signals: [SIGWINCH] });
    expect(calls.filter(([name]) => name === 'ioctlTiocswinsz')).toHaveLength(2);
    expect(calls.some(([name]) => name === 'pidfdSendSignal')).toBe(false);
  });

  test('bytes both ways', () => {
    const { written } = run({
      polls: [{ stdin: POLLIN }, { master: POLLOUT }, { master: POLLIN }, { stdout: POLLOUT }, { pidfd: POLLIN }],
      input: { stdin: ['typed'], master: ['shown'] },
    });
    expect(written).toEqual([
      ['master', 'typed'],
      ['stdout', 'shown'],
    ]);
  });

  test('the end of stdin ends the reading of it, not the container: no spinning', () => {
    const { polled } = run({
      polls: [{ stdin: POLLIN | POLLHUP }, {}, { pidfd: POLLIN }],
      input: { stdin: [''] },
    });
    expect(polled[0]).toContain('stdin');
    expect(polled[1]).not.toContain('stdin');
    expect(polled[2]).not.toContain('stdin');
  });

  // EIO: in the background of our terminal; ECONNRESET: of a socket.
  test.each(['EIO', 'ECONNRESET'])('a stdin that cannot be read (%s) is one that ended', (errno) => {
    const { polled } = run({ polls: [{ stdin: POLLIN }, { pidfd: POLLIN }], input: { stdin: [{ errno }] } });
    expect(polled[1]).not.toContain('stdin');
  });

  test('a child that closed its terminal and runs on is waited for without the master', () => {
    const { polled, status } = run({ polls: [{ master: POLLHUP }, {}, { pidfd: POLLIN }], end: exited(3) });
    expect(polled[1]).toEqual(['signals', 'pidfd']);
    expect(status).toBe(3);
  });

  test('partial writes go on where they stopped, a full master is waited for', () => {
    const { written, polled } = run({
      polls: [{ stdin: POLLIN }, { master: POLLOUT }, { master: POLLOUT }, { master: POLLOUT }, { pidfd: POLLIN }],
      input: { stdin: ['abcdef'] },
      writes: [2, 'EAGAIN', 4],
    });
    expect(written.map(([, text]) => text)).toEqual(['abcdef', 'cdef', 'cdef']);
    expect(polled[1], 'no second chunk while one is pending').not.toContain('stdin');
    expect(polled[4]).toContain('stdin');
  });

  test('with nobody to show it to, output is read and dropped', () => {
    const { status, written } = run({
      polls: [{ master: POLLIN }, { stdout: POLLOUT }, { master: POLLIN }, { pidfd: POLLIN }],
      input: { master: ['one', 'two'] },
      writes: ['EPIPE'],
      end: exited(0),
    });
    expect(status).toBe(0);
    expect(written).toEqual([['stdout', 'one']]);
  });

  test('what the child wrote last is shown after its end', () => {
    const { written } = run({
      polls: [{ pidfd: POLLIN }, { stdout: POLLOUT }, { stdout: POLLOUT }],
      input: { master: ['almost ', 'all', { errno: 'EIO' }] },
    });
    expect(written.map(([, text]) => text).join('')).toBe('almost all');
  });

  test('others who go on writing after its end are not waited for', () => {
    const many = Array.from({ length: 500 }, () => 'x');
    const polls = [{ pidfd: POLLIN }, ...many.map(() => ({ stdout: POLLOUT }))];
    expect(run({ polls, input: { master: many } }).written.length).toBeLessThanOrEqual(64);
  });
});

describe('a child that cannot be attended any more', () => {
  const failing = () => {
    throw new RuntimeError({ kind: 'kernel', syscall: 'poll', errno: 'ENOMEM' });
  };
  const stop = (more: Partial<Kernel>) => {
    const stub = play({ polls: [], more: { poll: failing, ...more } });
    expect(() => runForeground(stub.kernel, child, plain, alone)).toThrow(/ENOMEM/);
    return stub.calls;
  };
  test('is killed, and reaped without a wait that nothing ends: it may be what cannot be killed', () => {
    const waits: number[] = [];
    const waitidOrErrno: Kernel['waitidOrErrno'] = (_type, _id, options) => {
      waits.push(options);
      return 'ECHILD';
    };
    const calls = stop({ waitidOrErrno, pidfdSendSignal: () => 'EPERM' as never });
    expect(calls.filter(([name]) => name === 'pidfdSendSignal')).toEqual([['pidfdSendSignal', child.pidfd, SIGKILL]]);
    expect(waits).toEqual([WEXITED | WNOHANG]);
  });
});
