/** Order, failures and texts of hooks. [spec config.md#posix-platform-hooks] */
import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../base/utf8.ts';
import { Fd } from '../kernel/fd.ts';
import { CLD_EXITED, CLD_KILLED, P_PIDFD, POLLIN, SIGKILL } from '../kernel/flags.ts';
import type { Hook } from '../spec/config-types.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { formatHookState } from './format-hook-state.ts';
import { runHooks } from './run-hooks.ts';

interface Fate {
  readonly code?: number;
  readonly status?: number;
  readonly stderr?: string;
  /** Of the report pipe. */
  readonly report?: string;
  readonly hangs?: boolean;
}

/** The parent's side: each clone3 is one hook, whose fate is given. */
function parent(fates: readonly Fate[]) {
  let started = 0;
  let next = 20;
  let now = 0;
  let pipes: Fd[] = [];
  const open = new Set<Fd>();
  const make = (path: string): Fd<'object'> => {
    const fd = new Fd<'object'>(next++, path);
    open.add(fd);
    return fd;
  };
  const fate = (): Fate => fates[started - 1] ?? {};
  let hasRead = false;
  const stub = stubKernel({
    pipe2() {
      const pair = [make('reader'), make('writer')] as const;
      pipes = [...pipes, ...pair];
      return pair;
    },
    clone3() {
      started++;
      hasRead = false;
      return { pid: 100 + started, pidfd: make('pidfd') };
    },
    poll(fds, _events, timeoutMs) {
      if (timeoutMs > 0) now += timeoutMs;
      const stderr = pipes.at(-4);
      return fds.map((fd) => {
        if (fd.path === 'pidfd') return fate().hangs === true ? 0 : POLLIN;
        return fd === stderr && fate().stderr !== undefined && !hasRead ? POLLIN : 0;
      });
    },
    read(fd) {
      if (fd === pipes.at(-4)) {
        hasRead = true;
        return encodeUtf8(fate().stderr ?? '');
      }
      return encodeUtf8(fate().report ?? '');
    },
    close(fd) {
      open.delete(fd);
      fd.release();
    },
    clockGettime: () => [Math.floor(now / 1000), (now % 1000) * 1e6],
    kill: () => undefined,
    pidfdSendSignal: () => undefined,
    waitid: () => ({ pid: 1, code: fate().code ?? CLD_EXITED, status: fate().status ?? 0 }),
  });
  return { ...stub, open, started: () => started };
}

const hook = (change: Partial<Hook> = {}): Hook => ({ path: '/hook', ...change });
const state = '{}';

test('none: no call at all', () => {
  const { kernel, calls } = parent([]);
  expect(runHooks(kernel, 'createRuntime', undefined, state)).toEqual([]);
  expect(runHooks(kernel, 'createRuntime', [], state)).toEqual([]);
  expect(calls).toEqual([]);
});

test('all that succeed are run, reaped by pidfd, and every descriptor is closed', () => {
  const { kernel, calls, open, started } = parent([{}, {}]);
  expect(runHooks(kernel, 'createRuntime', [hook(), hook()], state)).toEqual([]);
  expect(started()).toBe(2);
  expect(open.size).toBe(0);
  expect(calls.filter(([name]) => name === 'waitid').map(([, kind]) => kind)).toEqual([P_PIDFD, P_PIDFD]);
});

describe('failures', () => {
  test.each([
    [
      { status: 3, stderr: 'no\nway\u001b' },
      'error running createRuntime hook #0: exit status 3, /hook, stdout: , stderr: no\\nway',
    ],
    [{ code: CLD_KILLED, status: 9 }, 'error running createRuntime hook #0: killed by signal 9, /hook'],
    [
      { report: 'execve ENOENT', status: 127 },
      'error running createRuntime hook #0: /hook: no such file or directory (ENOENT from execve(2))',
    ],
    [
      { report: 'execve ETXTBSY', status: 127 },
      'error running createRuntime hook #0: /hook: text file busy (ETXTBSY from execve(2))',
    ],
    [{ hangs: true }, 'error running createRuntime hook #0: hook ran past specified timeout of 2.0s, /hook'],
  ])('%j', (fate, message) => {
    const { kernel, open, started } = parent([fate, {}]);
    expect(() => runHooks(kernel, 'createRuntime', [hook({ timeout: 2 }), hook()], state)).toThrow(
      `/hooks/createRuntime/0: ${message}`,
    );
    expect(started(), 'the hooks after it are not run').toBe(1);
    expect(open.size).toBe(0);
  });

  test('a timeout kills the whole group, by number only while its leader is not reaped', () => {
    const { kernel, calls } = parent([{ hangs: true }]);
    expect(() => runHooks(kernel, 'poststart', [hook({ timeout: 1 })], state)).toThrow('timeout of 1.0s');
    const names = calls.map(([name]) => name);
    expect(calls.find(([name]) => name === 'kill')).toEqual(['kill', -101, SIGKILL]);
    expect(names.indexOf('kill')).toBeLessThan(names.indexOf('waitid'));
  });

  test('poststop goes on and only warns [spec runtime.md#lifecycle]', () => {
    const { kernel, started } = parent([{ status: 1 }, {}, { status: 2 }]);
    const warnings = runHooks(kernel, 'poststop', [hook(), hook(), hook()], state);
    expect(started()).toBe(3);
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toContain('error running poststop hook #2: exit status 2');
  });
});

/** The hook's side: exit throws, as nothing may come after it. */
function child(errno: string) {
  let next = 20;
  return stubKernel({
    pipe2: () => [new Fd<'object'>(next++, 'reader'), new Fd<'object'>(next++, 'writer')],
    clone3: () => ({ pid: 0, pidfd: undefined }),
    setpgid: () => undefined,
    ignoreSignal: () => undefined,
    sigprocmask: () => undefined,
    fchdir: () => undefined,
    dup2: () => undefined,
    closeRange: () => undefined,
    execve: () => errno,
    write: () => undefined,
    close: () => undefined,
    exit() {
      throw new Error('exited');
    },
  });
}

describe('in the child', () => {
  const calledWith = (change: Partial<Hook>, options = {}) => {
    const { kernel, calls } = child('ENOENT');
    expect(() => runHooks(kernel, 'startContainer', [hook(change)], state, options)).toThrow('exited');
    return calls;
  };
  const execOf = (calls: unknown[][]) => calls.find(([name]) => name === 'execve');

  test('exactly the given environment; argv as given, or the path', () => {
    expect(execOf(calledWith({ args: ['a', 'b'], env: ['X=1'] }))).toEqual(['execve', '/hook', ['a', 'b'], ['X=1']]);
    expect(execOf(calledWith({}))).toEqual(['execve', '/hook', ['/hook'], []]);
    expect(execOf(calledWith({}, { defaultEnv: ['D=1'] }))).toEqual(['execve', '/hook', ['/hook'], ['D=1']]);
    expect(execOf(calledWith({ env: ['X=1'] }, { defaultEnv: ['D=1'] }))?.[3]).toEqual(['X=1']);
  });

  test('own group, default signals, pipes on 0 to 2, nothing else survives', () => {
    const names = calledWith({}).map(([name]) => name);
    const order = ['setpgid', 'ignoreSignal', 'sigprocmask', 'dup2', 'closeRange', 'execve', 'write', 'exit'];
    expect(order.map((name) => names.indexOf(name))).toEqual(
      order.map((name) => names.indexOf(name)).sort((a, b) => a - b),
    );
    const calls = calledWith({});
    expect(calls.filter(([name]) => name === 'dup2').map(([, , number]) => number)).toEqual([0, 1, 2]);
    expect(calls.find(([name]) => name === 'closeRange')).toEqual(['closeRange', 3, 0xffffffff, 4]);
    expect(calls.filter(([name]) => name === 'ignoreSignal')).toHaveLength(29);
    expect(calls.find(([name]) => name === 'write')?.[2]).toBe('execve ENOENT');
  });
});

test('the state is the specification’s', () => {
  const facts = { ociVersion: '1.3.0', id: 'c', bundle: '/b', annotations: { k: 'v' } };
  expect(formatHookState({ ...facts, status: 'created', pid: 7 })).toBe(
    '{"ociVersion":"1.3.0","id":"c","status":"created","pid":7,"bundle":"/b","annotations":{"k":"v"}}',
  );
  expect(formatHookState({ ...facts, annotations: undefined, status: 'stopped', pid: undefined })).toBe(
    '{"ociVersion":"1.3.0","id":"c","status":"stopped","bundle":"/b"}',
  );
});
