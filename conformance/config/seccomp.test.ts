/** linux.seccomp in force: actions, arguments, errno values, flags, ENOSYS for newer calls, the cache. [spec config-linux.md#seccomp] */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();

const profile =
  (rules: readonly object[], extra: object = {}) =>
  (config: Config) => {
    config.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'].slice(0, 2),
      syscalls: rules,
      ...extra,
    };
    config.linux.seccomp.architectures = [process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64'];
  };

test('mode 2 is in force', () => {
  expect(bench.current.script('grep ^Seccomp: /proc/self/status', profile([]))).toBe('Seccomp:\t2\n');
});

test('ERRNO with the default and with a given errno', () => {
  expect(
    bench.current.script(
      'mkdir /tmp/x 2>&1; true',
      profile([{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }]),
    ),
  ).toContain('Operation not permitted');
  expect(
    bench.current.script(
      'mkdir /tmp/x 2>&1; true',
      profile([{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }]),
    ),
  ).toContain('No space left');
});

test('KILL ends the process with SIGSYS', () => {
  bench.current.configure(
    ['/bin/sh', '-c', 'mkdir /tmp/x; echo $?'],
    profile([{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_KILL_PROCESS' }]),
  );
  expect(bench.current.run('a').stdout).toBe('159\n');
});

test.each([true, false])('an allow-list with only what the process needs, noNewPrivileges %s', (noNewPrivileges) => {
  const names = [
    'execve',
    'exit_group',
    'write',
    'arch_prctl',
    'brk',
    'mmap',
    'mprotect',
    'munmap',
    'uname',
    'readlink',
    'readlinkat',
    'set_tid_address',
    'set_robust_list',
    'rseq',
    'prlimit64',
    'getrandom',
    'getuid',
    'getgid',
    'setuid',
    'setgid',
    'newfstatat',
    'fstat',
    'ioctl',
    'writev',
    'getpid',
    'getppid',
    'rt_sigprocmask',
    'rt_sigaction',
    'rt_sigreturn',
    'geteuid',
    'getegid',
    'stat',
    'getcwd',
    'clock_gettime',
    'prctl',
  ];
  // Without no_new_privs the filter is in force while credentials are dropped: what that needs must be allowed by the profile [man seccomp.2].
  const credentials = [
    'capset',
    'capget',
    'setgroups',
    'setresuid',
    'setresgid',
    'close_range',
    'fchdir',
    'dup3',
    'execveat',
    'close',
    'umask',
    'sendto',
    'futex',
  ];
  bench.current.configure(['/bin/echo', 'ok'], (config) => {
    profile([{ names: [...names, ...credentials], action: 'SCMP_ACT_ALLOW' }], { defaultAction: 'SCMP_ACT_ERRNO' })(
      config,
    );
    config.process.noNewPrivileges = noNewPrivileges;
  });
  expect(bench.current.run('a')).toEqual({ status: 0, stdout: 'ok\n', stderr: '' });
});

test('arguments are compared', () => {
  // kill(pid, 10) refused, kill(pid, 12) not.
  const rules = [{ names: ['kill'], action: 'SCMP_ACT_ERRNO', args: [{ index: 1, value: 10, op: 'SCMP_CMP_EQ' }] }];
  expect(bench.current.script('trap "" USR1 USR2; kill -10 $$ 2>&1; kill -12 $$ && echo sent', profile(rules))).toMatch(
    /not permitted[\s\S]*sent/,
  );
});

test('a name nobody knows is skipped', () => {
  expect(
    bench.current.script('echo ok', profile([{ names: ['nothing_like_that', 'mkdir'], action: 'SCMP_ACT_ERRNO' }])),
  ).toBe('ok\n');
});

// [shows config-linux.md#seccomp/2 config-linux.md#seccomp/12]
test.each([
  ['action', { syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTHING' }] }],
  ['architecture', { architectures: ['SCMP_ARCH_NOTHING'] }],
  [
    'operator',
    {
      syscalls: [
        { names: ['mkdir'], action: 'SCMP_ACT_ERRNO', args: [{ index: 0, value: 1, op: 'SCMP_CMP_NOTHING' }] },
      ],
    },
  ],
  [
    'argument index',
    { syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }] }] },
  ],
  ['errno on an action without one', { syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_KILL', errnoRet: 1 }] }],
  ['flag', { flags: ['SECCOMP_FILTER_FLAG_NOTHING'] }],
])('a wrong %s is refused with its pointer', (_name, change) => {
  bench.current.configure(['/bin/true'], (config) => {
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', ...change };
  });
  expect(bench.current.run('a')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('/linux/seccomp'),
  });
});

test('flags', () => {
  for (const flags of [
    ['SECCOMP_FILTER_FLAG_LOG'],
    ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'],
    ['SECCOMP_FILTER_FLAG_TSYNC'],
    [],
  ]) {
    expect(bench.current.script('echo ok', profile([], { flags })), flags.join()).toBe('ok\n');
  }
});

test('the compiled filter is cached, and the second container uses it', () => {
  const change = profile([{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }]);
  bench.current.script('true', change);
  const cache = join(bench.current.stateRoot, '.cache/seccomp');
  expect(existsSync(cache)).toBe(true);
  expect(readdirSync(cache)).toHaveLength(1);
  expect(bench.current.script('mkdir /tmp/x 2>&1; true', change)).toContain('Operation not permitted');
  expect(readdirSync(cache)).toHaveLength(1);
});

test('the cache is no container', () => {
  const { stateRoot } = bench.current;
  bench.current.configure(['/bin/true'], (config) => {
    config.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_LOG' }],
    };
  });
  expect(bench.current.run('a')).toMatchObject({ status: 0 });
  expect(existsSync(`${stateRoot}/.cache`)).toBe(true);
  expect(bench.current.runt(['list', '-q'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
});

test('exec is filtered as well', () => {
  bench.current.configure(['/bin/sleep', '100'], profile([{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }]));
  expect(bench.current.detached(['run', '-d', '-b', bench.current.bundle, 'a']).status).toBe(0);
  expect(bench.current.runt(['exec', 'a', 'mkdir', '/tmp/x']).stderr).toContain('Operation not permitted');
  expect(bench.current.runt(['delete', '-f', 'a']).status).toBe(0);
});
