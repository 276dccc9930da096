/** --debug on the fake kernel: every call and its answer, no secret, the same container; and silence where its descriptor ends. */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { createContainer } from '../lifecycle/create-container.ts';
import type { Config } from '../spec/config-types.ts';
import { createRequest, globals, hostFiles, plainConfig } from '../testing/containers.ts';
import { type Half, runTwoHalves } from '../testing/run-two-halves.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { cwdFd, Fd } from './fd.ts';
import { formatAnswer, formatCall } from './format-call.ts';
import type { Kernel, TailOperation } from './kernel.ts';
import { traceKernel } from './trace-kernel.ts';

const secret = 's3cr3t';
const process = plainConfig.process as NonNullable<Config['process']>;
const config: Config = {
  ...plainConfig,
  process: { ...process, env: [`PASSWORD=${secret}`], args: ['/bin/sh', secret] },
  annotations: { key: secret },
  mounts: [
    ...(plainConfig.mounts ?? []),
    { destination: '/m', type: 'tmpfs', source: 'tmpfs', options: [`mode=${secret}`] },
  ],
  hooks: { createRuntime: [{ path: '/bin/hook', args: ['hook', secret], env: [`PASSWORD=${secret}`] }] },
};

/** create on the fake kernel: what each half said by --debug. */
function create(traced: boolean): { parent: Half; child: Half; said: string[] } {
  let said: string[] = [];
  const run = (kernel: Kernel) => {
    said = [];
    const sink = { number: 200, say: (text: string) => said.push(text) };
    createContainer(traced ? traceKernel(kernel, sink) : kernel, globals, createRequest);
  };
  const halves = runTwoHalves({ files: hostFiles(config), run });
  // The child's half was the last to run.
  return { ...halves, said };
}

test('the container is the same, call by call', () => {
  const [plain, traced] = [create(false), create(true)];
  for (const half of ['parent', 'child'] as const) {
    expect(traced[half].end).toBe(plain[half].end);
    expect(traced[half].fake.trace).toEqual(plain[half].fake.trace);
    expect(traced[half].fake.world()).toEqual(plain[half].fake.world());
  }
});

test('steps and answers are told, secrets are not', () => {
  const { said } = create(true);
  const text = said.join('\n');
  expect(text).toContain('child: step mountRoot: mount the root file system');
  expect(text).toMatch(/^openat2OrErrno\(<\.>, "\/bundle", \d+, 0, 0\) = <\/bundle>$/m);
  expect(text).toMatch(/^child: fsconfig\(<.*>, \d, "mode", \d+ characters, undefined\) = ok$/m);
  // A created container holds nothing of the log's while it waits: the closing of its descriptor is the last word.
  expect(said.at(-1)).toMatch(/^child: closeRange\(/);
  expect(text).not.toContain(secret);
});

test('an error is told with its errno, and goes on to who asked', () => {
  const said: string[] = [];
  const { kernel } = stubKernel({
    mkdirat: () => {
      throw new RuntimeError({ kind: 'kernel', syscall: 'mkdirat', errno: 'EROFS' });
    },
  });
  const traced = traceKernel({ mkdirat: kernel.mkdirat } as Kernel, { number: 9, say: (text) => said.push(text) });
  expect(() => traced.mkdirat(cwdFd, 'a', 0o700)).toThrow('EROFS');
  expect(said).toEqual([expect.stringMatching(/^mkdirat\(<.*>, "a", 448\) = EROFS$/)]);
});

describe('it falls silent when the number of its descriptor', () => {
  const fd = new Fd<'object'>(3, 'x');
  const after = (act: (kernel: Kernel) => void): number => {
    const said: string[] = [];
    const methods = { dup2: () => {}, closeRange: () => {}, setsid: () => {} } as unknown as Kernel;
    const traced = traceKernel(methods, { number: 200, say: (text) => said.push(text) });
    act(traced);
    const before = said.length;
    traced.setsid();
    return said.length - before;
  };
  test.each<[string, number, (kernel: Kernel) => void]>([
    ['is closed', 0, (kernel) => kernel.closeRange(4, 0xffffffff, 0)],
    ['is closed, as the last of a range', 0, (kernel) => kernel.closeRange(4, 200, 0)],
    ['is replaced', 0, (kernel) => kernel.dup2(fd, 200)],
    ['is only marked: it does not', 1, (kernel) => kernel.closeRange(3, 0xffffffff, 4)],
    ['lies beside what is closed: it does not', 1, (kernel) => kernel.closeRange(201, 0xffffffff, 0)],
    ['lies beside what is replaced: it does not', 1, (kernel) => kernel.dup2(fd, 2)],
  ])('%s', (_, expected, act) => {
    expect(after(act)).toBe(expected);
  });
});

test('a child in the same memory: who speaks is told apart, and its silence is not the parent’s', () => {
  const said: string[] = [];
  const methods = {
    setsid: () => {},
    closeRange: () => {},
    clone3Shared: (_flags: number, _signal: number, _cgroup: unknown, life: () => never) => {
      try {
        life();
      } catch {
        // The stub's child ends by an exception.
      }
      return { pid: 7, pidfd: new Fd<'object'>(9, 'pidfd') };
    },
  } as unknown as Kernel;
  const traced = traceKernel(methods, { number: 200, say: (text) => said.push(text) });
  traced.clone3Shared(0, 17, undefined, () => {
    traced.setsid();
    traced.closeRange(3, 300, 0);
    traced.setsid();
    throw new Error('ended');
  });
  traced.setsid();
  expect(said).toEqual([
    'child: setsid() = ok',
    'clone3Shared(0, 17, undefined) = {pid: 7, pidfd: <pidfd>}',
    'setsid() = ok',
  ]);
});

describe('what is shown of a call', () => {
  const state = new Fd<'host'>(5, '/run/runt/web/state.json');
  const limit = new Fd<'cgroup'>(6, '/sys/fs/cgroup/web/memory.max');
  test.each<[string, string, readonly unknown[], string]>([
    ['a limit', 'write', [limit, '67108864'], 'write(</sys/fs/cgroup/web/memory.max>, "67108864") = ok'],
    ['a record', 'write', [state, `{"env":["${secret}"]}`], 'write(</run/runt/web/state.json>, 18 characters) = ok'],
    ['a short text elsewhere', 'write', [state, secret], 'write(</run/runt/web/state.json>, 6 characters) = ok'],
    ['JSON into a limit', 'write', [limit, `{${secret}}`], 'write(</sys/fs/cgroup/web/memory.max>, 8 characters) = ok'],
    [
      'a mount option',
      'fsconfig',
      [limit, 1, 'password', secret, undefined],
      'fsconfig(</sys/fs/cgroup/web/memory.max>, 1, "password", 6 characters, undefined) = ok',
    ],
    [
      'a message',
      'sendmsg',
      [state, `{"kind":"${secret}"}`, [state]],
      'sendmsg(</run/runt/web/state.json>, 17 characters, [</run/runt/web/state.json>]) = ok',
    ],
    [
      'a program of the host',
      'execve',
      ['/bin/hook', [secret], [`A=${secret}`]],
      'execve("/bin/hook", 1 items, 1 items) = ok',
    ],
    ['bytes', 'write', [state, new Uint8Array(3)], 'write(</run/runt/web/state.json>, 3 bytes) = ok'],
    [
      'a key of the host’s',
      'fsetxattr',
      [state, 'user.a', new Uint8Array(3)],
      'fsetxattr(</run/runt/web/state.json>, "user.a", 3 bytes) = ok',
    ],
  ])('%s', (_, method, args, expected) => {
    expect(formatCall(method, args, 'ok')).toBe(expected);
  });

  test('answers', () => {
    expect(formatAnswer('readAll', secret)).toBe('6 characters');
    expect(formatAnswer('mkdiratOrErrno', 'EEXIST')).toBe('EEXIST');
    expect(formatAnswer('mkdiratOrErrno', undefined)).toBe('ok');
    expect(formatAnswer('readlinkat', 'pid:[1]')).toBe('pid:[1]');
    expect(formatAnswer('recvmsg', { data: secret, fds: [] })).toBe('{data: 6 characters, fds: []}');
    expect(formatAnswer('clone3', { pid: 7, pidfd: limit })).toBe('{pid: 7, pidfd: </sys/fs/cgroup/web/memory.max>}');
    expect(formatAnswer('readDirectory', [secret, 'b'])).toBe('2 items');
  });

  test('start: the tail is a list of names', () => {
    const operations: readonly TailOperation[] = [
      ['umask', 18],
      ['execve', -1, '/bin/sh', [secret], [secret]],
    ];
    const said: string[] = [];
    const methods = { execTail: () => undefined as never } as unknown as Kernel;
    traceKernel(methods, { number: 9, say: (text) => said.push(text) }).execTail(undefined, 1, operations);
    expect(said).toEqual(['execTail: umask, execve /bin/sh']);
  });
});
