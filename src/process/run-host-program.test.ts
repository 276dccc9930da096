/** A program of the host, against a stub: where it is looked for, what it is given, what its end becomes. */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { Fd } from '../kernel/fd.ts';
import { CLD_EXITED, S_IFDIR, S_IFREG, SIGKILL } from '../kernel/flags.ts';
import type { Kernel, Stat } from '../kernel/kernel.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { runHostProgram } from './run-host-program.ts';

interface World {
  readonly isChild?: boolean;
  readonly path?: string;
  readonly output?: Uint8Array[];
  readonly report?: string;
  readonly execErrno?: string;
}

class Exited extends Error {}

function world({ isChild = false, path = '/none:/dir:.:/bin', output = [], report = '', execErrno = 'EACCES' }: World) {
  const chunks = [...output];
  let pipes = 0;
  const methods: Partial<Kernel> = {
    environ: () => [`PATH=${path}`, 'HOME=/root'],
    statxOrErrno: (_fd, name) => {
      if (name === '/dir/ps') return { mode: S_IFDIR | 0o755 } as Stat;
      return name === '/bin/ps' ? ({ mode: S_IFREG | 0o755 } as Stat) : 'ENOENT';
    },
    faccessat2: () => undefined,
    pipe2: () => {
      pipes += 1;
      const name = pipes === 1 ? 'output' : 'report';
      return [new Fd<'object'>(pipes * 10, `${name} read`), new Fd<'object'>(pipes * 10 + 1, `${name} write`)];
    },
    clone3: () => (isChild ? { pid: 0, pidfd: undefined } : { pid: 7, pidfd: new Fd<'object'>(30, 'pidfd') }),
    read: (fd) => (fd.path === 'output read' ? (chunks.shift() ?? new Uint8Array()) : encodeUtf8(report)),
    waitid: () => ({ pid: 7, code: CLD_EXITED, status: 3 }),
    pidfdSendSignal: () => undefined,
    close: (fd) => {
      fd.release();
    },
    ignoreSignal: () => {},
    sigprocmask: () => {},
    openat2: () => new Fd(40, 'null'),
    dup2: () => {},
    closeRange: () => {},
    execve: () => execErrno,
    write: () => {},
    exit: () => {
      throw new Exited();
    },
  };
  return stubKernel(methods);
}

const namesOf = (calls: unknown[][]) => calls.map(([name]) => name);

describe('the parent', () => {
  test('gathers all output, reaps, closes everything', () => {
    const { kernel, calls } = world({ output: [encodeUtf8('ab'), encodeUtf8('c')] });
    expect(runHostProgram(kernel, 'ps', ['-ef'])).toEqual({
      code: CLD_EXITED,
      status: 3,
      output: encodeUtf8('abc'),
    });
    expect(namesOf(calls).filter((name) => name === 'close')).toHaveLength(5);
  });

  test('a program that cannot be executed is named with the errno', () => {
    const { kernel } = world({ report: 'ENOEXEC' });
    expect(() => runHostProgram(kernel, 'ps', [])).toThrow('/bin/ps: exec format error (ENOEXEC from execve(2))');
  });

  test('one that writes without end is killed and reaped', () => {
    const { kernel, calls } = world({ output: Array.from({ length: 65 }, () => new Uint8Array(1 << 20)) });
    expect(() => runHostProgram(kernel, 'ps', [])).toThrow('/bin/ps: it wrote more than');
    expect(calls.find(([name]) => name === 'pidfdSendSignal')?.[2]).toBe(SIGKILL);
    expect(namesOf(calls)).toContain('waitid');
  });

  test.each(['', '/none', '.:bin', '/dir'])('not in PATH %j: refused before anything is started', (path) => {
    const { kernel, calls } = world({ path });
    expect(() => runHostProgram(kernel, 'ps', [])).toThrow('exec: "ps": executable file not found in $PATH');
    expect(namesOf(calls)).not.toContain('clone3');
  });
});

describe('the child', () => {
  test('null device in, pipe out, nothing else, default signals, our environment; tells the errno', () => {
    const { kernel, calls } = world({ isChild: true });
    expect(() => runHostProgram(kernel, 'ps', ['-o', 'pid'])).toThrow(Exited);
    expect(calls.filter(([name]) => name === 'dup2').map(([, , number]) => number)).toEqual([0, 1, 2]);
    expect(calls.find(([name]) => name === 'execve')?.slice(1)).toEqual([
      '/bin/ps',
      ['ps', '-o', 'pid'],
      ['PATH=/none:/dir:.:/bin', 'HOME=/root'],
    ]);
    expect(calls.find(([name]) => name === 'write')?.[2]).toBe('EACCES');
    const order = namesOf(calls);
    expect(order.indexOf('closeRange')).toBeGreaterThan(order.lastIndexOf('dup2'));
    expect(order.indexOf('execve')).toBeGreaterThan(order.indexOf('closeRange'));
  });

  test('a failure before execve is told as well', () => {
    const { kernel, calls } = world({ isChild: true });
    const failing = new Proxy(kernel, {
      get: (target, name) =>
        name === 'dup2'
          ? () => {
              throw new RuntimeError({ kind: 'kernel', syscall: 'dup2', errno: 'EMFILE' });
            }
          : target[name as keyof Kernel],
    });
    expect(() => runHostProgram(failing, 'ps', [])).toThrow(Exited);
    expect(calls.find(([name]) => name === 'write')?.[2]).toBe('EMFILE');
  });
});
