/** config.json process.*: each property as the container's process sees it. [spec config.md#process] */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();

const all = (config: Config, sets: readonly string[], names: readonly string[]): void => {
  config.process.capabilities = Object.fromEntries(sets.map((set) => [set, [...names]]));
};

test('user, groups, umask', () => {
  expect(
    bench.current.script('id -u; id -g; id -G; umask', (config) => {
      config.process.user = { uid: 1000, gid: 100, additionalGids: [5, 6], umask: 0o77 };
    }),
  ).toBe('1000\n100\n100 5 6\n0077\n');
});

test('umask is 0022 when it is not given', () => {
  expect(bench.current.script('umask')).toBe('0022\n');
});

test('cwd, also one that does not exist yet', () => {
  expect(bench.current.script('pwd', (config) => Object.assign(config.process, { cwd: '/tmp' }))).toBe('/tmp\n');
  expect(
    bench.current.script('pwd', (config) => {
      config.process.cwd = '/made/for/you';
      config.root.readonly = false;
    }),
  ).toBe('/made/for/you\n');
});

test.each(['/proc/self/fd/3', '/proc/thread-self/fd/7', '/proc/self/fd/9/../..'])(
  'cwd %s does not lead out of the container',
  (cwd) => {
    bench.current.configure(['/bin/pwd'], (config) => {
      config.process.cwd = cwd;
    });
    const result = bench.current.run('a');
    expect(result).toMatchObject({ stdout: '' });
    expect(result.status).not.toBe(0);
  },
);

test('capabilities: the five sets exactly, for root and for a user', () => {
  const status = 'grep ^Cap /proc/self/status';
  const parse = (text: string) =>
    Object.fromEntries(
      text
        .trim()
        .split('\n')
        .map((line) => line.split(':\t')),
    );
  const chown = (1n << 0n).toString(16).padStart(16, '0');
  const none = '0'.repeat(16);
  expect(
    parse(bench.current.script(status, (config) => all(config, ['bounding', 'effective', 'permitted'], ['CAP_CHOWN']))),
  ).toEqual({ CapInh: none, CapPrm: chown, CapEff: chown, CapBnd: chown, CapAmb: none });
  const asUser = (sets: readonly string[]) =>
    parse(
      bench.current.script(status, (config) => {
        all(config, sets, ['CAP_CHOWN']);
        config.process.user = { uid: 1000, gid: 1000 };
      }),
    );
  expect(asUser(['bounding', 'effective', 'permitted'])).toEqual({
    CapInh: none,
    CapPrm: none,
    CapEff: none,
    CapBnd: chown,
    CapAmb: none,
  });
  expect(asUser(['bounding', 'effective', 'permitted', 'inheritable', 'ambient'])).toEqual({
    CapInh: chown,
    CapPrm: chown,
    CapEff: chown,
    CapBnd: chown,
    CapAmb: chown,
  });
  expect(parse(bench.current.script(status, (config) => all(config, [], [])))).toEqual({
    CapInh: none,
    CapPrm: none,
    CapEff: none,
    CapBnd: none,
    CapAmb: none,
  });
});

// [shows config.md#linux-process/1 runtime.md#warnings/1]
test('an unknown capability is a warning that names it, and the container runs', () => {
  bench.current.configure(['/bin/true'], (config) => {
    config.process.capabilities.bounding.push('CAP_NOTHING');
  });
  const result = bench.current.run('a');
  expect(result.status).toBe(0);
  expect(result.stderr).toContain('CAP_NOTHING');
});

// [shows config.md#posix-process/3 config.md#posix-process/5 config.md#posix-process/7]
test('rlimits', () => {
  expect(
    bench.current.script('ulimit -n; ulimit -Hn; ulimit -c', (config) => {
      config.process.rlimits = [
        { type: 'RLIMIT_NOFILE', soft: 100, hard: 200 },
        { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
      ];
    }),
  ).toBe('100\n200\n0\n');
});

test('tight limits do not break the start', () => {
  for (const type of ['RLIMIT_FSIZE', 'RLIMIT_MSGQUEUE', 'RLIMIT_DATA', 'RLIMIT_CORE']) {
    expect(
      bench.current.script('echo ok', (config) => {
        config.process.rlimits = [
          { type, soft: type === 'RLIMIT_DATA' ? 1 << 20 : 1, hard: type === 'RLIMIT_DATA' ? 1 << 20 : 1 << 19 },
        ];
      }),
      type,
    ).toBe('ok\n');
  }
});

// [shows config.md#linux-process/3 config.md#linux-process/4]
test('oomScoreAdj is set, and left alone when absent', () => {
  expect(
    bench.current.script('cat /proc/self/oom_score_adj', (config) =>
      Object.assign(config.process, { oomScoreAdj: 500 }),
    ),
  ).toBe('500\n');
  expect(bench.current.script('cat /proc/self/oom_score_adj')).toBe(readFileSync('/proc/self/oom_score_adj', 'utf8'));
});

test('noNewPrivileges, both ways', () => {
  for (const value of [true, false]) {
    expect(
      bench.current.script('grep NoNewPrivs /proc/self/status', (config) =>
        Object.assign(config.process, { noNewPrivileges: value }),
      ),
    ).toBe(`NoNewPrivs:\t${value ? 1 : 0}\n`);
  }
});

test('terminal: a pty of the container, with the size asked for, relayed by run', () => {
  bench.current.configure(
    [
      '/bin/sh',
      '-c',
      'tty; stty size; ls -l /dev/console | cut -c1-10; test -t 0 && test -t 1 && test -t 2 && echo terminal',
    ],
    (config) => {
      config.process.terminal = true;
      config.process.consoleSize = { height: 40, width: 100 };
    },
  );
  // script(1) gives run a terminal of its own.
  const { binary, stateRoot, bundle } = bench.current;
  const command = `'${binary}' --root '${stateRoot}' run -b '${bundle}' a`;
  const result = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', input: '' });
  // script(1) ends its input by an end-of-file character, which a raw terminal hands on and the container's echoes.
  const lines = result.stdout.replaceAll('\r', '').replaceAll('^@', '').trim().split('\n');
  expect(lines[0]).toMatch(/^\/dev\/(console|pts\/0)$/);
  expect(lines.slice(1)).toEqual(['40 100', 'crw--w----', 'terminal']);
  expect(result.status).toBe(0);
});

test('a terminal without a terminal to relay to is refused with what to do', () => {
  bench.current.configure(['/bin/true'], (config) => {
    config.process.terminal = true;
  });
  const result = bench.current.run('a');
  expect(result).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('process.terminal') });
});

test('create with a terminal needs a console socket, and says so', () => {
  bench.current.configure(['/bin/sh'], (config) => {
    config.process.terminal = true;
  });
  expect(bench.current.create('a')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('without setting console socket'),
  });
});

test('a process that cannot be executed fails with the words that engines look for', () => {
  for (const [args, text] of [
    [['nothing-like-that'], 'executable file not found in $PATH'],
    [['/nothing/there'], 'no such file or directory'],
    [['/etc/passwd'], 'permission denied'],
    [['/etc'], 'is a directory'],
  ] as const) {
    bench.current.configure(args);
    const result = bench.current.run('a');
    expect(result, text).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining(text) });
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
  }
});

test('the host’s memory of the runtime is not visible: environ of a created container is its own', () => {
  bench.current.configure(['/bin/sleep', '100']);
  expect(bench.current.create('a').status).toBe(0);
  const { pid } = bench.current.state('a');
  expect(() => readFileSync(join('/proc', String(pid), 'environ'), 'utf8')).not.toThrow();
  expect(bench.current.runt(['delete', '-f', 'a']).status).toBe(0);
});

// [shows config.md#linux-process/2]
test('a capability that runt does not have itself is a warning that names it', () => {
  bench.current.configure(['/bin/grep', 'CapBnd', '/proc/self/status'], (config) => {
    config.process.capabilities = { bounding: ['CAP_KILL', 'CAP_NET_RAW'] };
  });
  const { binary, stateRoot, bundle } = bench.current;
  const without = [
    '-all',
    '+kill',
    '+setpcap',
    '+sys_admin',
    '+setuid',
    '+setgid',
    '+sys_chroot',
    '+mknod',
    '+net_admin',
  ]
    .concat(['+dac_override', '+fowner', '+chown', '+bpf', '+sys_resource'])
    .join(',');
  const result = spawnSync(
    'setpriv',
    [`--bounding-set=${without}`, '--inh-caps=-all', binary, '--root', stateRoot, 'run', '--bundle', bundle, 'a'],
    { encoding: 'utf8' },
  );
  expect(result).toMatchObject({
    status: 0,
    stdout: 'CapBnd:\t0000000000000020\n',
    stderr: expect.stringMatching(/^runt: warning: \/process\/capabilities: not granted.*: CAP_NET_RAW\n$/),
  });
});

test("streams that are the host's /dev/null become the container's", () => {
  const script =
    'a=$(stat -L -c %d:%i /proc/1/fd/0); b=$(stat -L -c %d:%i /proc/1/fd/1); c=$(stat -c %d:%i /dev/null); echo $a $b $c >&2; chmod 666 /proc/self/fd/0';
  bench.current.configure(['/bin/sh', '-c', script]);
  const before = statSync('/dev/null');
  const { status, stderr } = bench.current.detached(['run', '--bundle', bench.current.bundle, 'a']);
  expect(status).toBe(0);
  // The mode that it has: a change that reaches the host shows in the time alone, and harms nobody.
  expect(statSync('/dev/null').ctimeMs).toBe(before.ctimeMs);
  const seen = stderr.trim().split(' ');
  expect(seen).toEqual([seen[2], seen[2], seen[2]]);
});
