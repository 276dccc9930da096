/** --debug: what is logged and where; that nothing else changes, that no secret is told, that no descriptor of the log is left. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const log = () => join(bench.current.directory, 'log');
const secret = 's3cr3t';

interface LogEntry {
  readonly level: string;
  readonly msg: string;
  readonly time: string;
}

function records(): readonly LogEntry[] {
  const lines = readFileSync(log(), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as LogEntry);
}

const debug = (...args: string[]) =>
  bench.current.runt(['--debug', '--log', log(), '--log-format', 'json', ...args], { env: { HOST_SECRET: secret } });

function withSecrets(config: Config): void {
  config.process.env = [...config.process.env, `PASSWORD=${secret}`];
  config.annotations = { password: secret };
  config.hooks = { createRuntime: [{ path: '/bin/true', args: ['true', secret], env: [`PASSWORD=${secret}`] }] };
}

test('run: steps and answers of the kernel in JSON; the program is as without, and has no descriptor more', () => {
  bench.current.configure(['/bin/sh', '-c', 'ls /proc/self/fd; exit 7'], withSecrets);
  const result = debug('run', '--bundle', bench.current.bundle, 'a');
  expect(result).toEqual({ status: 7, stdout: '0\n1\n2\n3\n', stderr: '' });
  const seen = records();
  for (const { level, time } of seen) {
    expect(level).toBe('debug');
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  }
  const messages = seen.map(({ msg }) => msg);
  expect(messages[0]).toBe('run a');
  expect(messages).toContainEqual(expect.stringMatching(/^child: step mountRoot: /));
  expect(messages).toContainEqual(expect.stringMatching(/^child: pivotRoot\(\) = ok$/));
  expect(messages).toContainEqual(expect.stringMatching(/^child: execTail: .*execve \/bin\/sh$/));
  expect(messages).toContainEqual(expect.stringMatching(/^waitid.*/));
  expect(readFileSync(log(), 'utf8')).not.toContain(secret);
});

test('run without anything for the parent to do: the child in the runtime’s memory, the log goes on after it', () => {
  bench.current.configure(['/bin/true']);
  expect(debug('run', '--bundle', bench.current.bundle, 'a')).toEqual({ status: 0, stdout: '', stderr: '' });
  const messages = records().map(({ msg }) => msg);
  expect(messages).toContainEqual(expect.stringMatching(/^clone3Shared\(/));
  expect(messages.at(-1)).not.toMatch(/^child/);
});

test.each([
  ['without hooks', undefined],
  ['with a startContainer hook', [{ path: '/bin/sh', args: ['sh', '-c', 'ls /proc/self/fd > /data/hook'] }]],
])('create, start, exec, state, delete, %s: a created container holds no log', (_, hooks) => {
  bench.current.configure(['/bin/sleep', '100'], (config) => {
    config.root.readonly = false;
    if (hooks !== undefined) config.hooks = { startContainer: hooks };
  });
  const done = { status: 0, stdout: '', stderr: '' };
  const { binary, stateRoot, bundle } = bench.current;
  // Its streams are the container's: nobody could wait for their end.
  const args = [
    '--root',
    stateRoot,
    '--debug',
    '--log',
    log(),
    '--log-format',
    'json',
    'create',
    '--bundle',
    bundle,
    'a',
  ];
  expect(spawnSync(binary, args, { stdio: 'ignore' }).status).toBe(0);
  const { pid } = bench.current.state('a');
  const open = () => readdirSync(`/proc/${pid}/fd`).map((name) => readlinkSync(`/proc/${pid}/fd/${name}`));
  expect(open().filter((path) => path === log())).toEqual([]);
  expect(debug('start', 'a')).toEqual(done);
  expect(debug('exec', 'a', '/bin/sh', '-c', 'ls /proc/self/fd')).toEqual({ ...done, stdout: '0\n1\n2\n3\n' });
  expect(JSON.parse(debug('state', 'a').stdout)).toMatchObject({ status: 'running' });
  expect(open()).toHaveLength(3);
  expect(debug('delete', '--force', 'a')).toEqual(done);
  if (hooks !== undefined) {
    expect(readFileSync(join(bench.current.rootfs, 'data/hook'), 'utf8')).toBe('0\n1\n2\n3\n');
  }
  const messages = records().map(({ msg }) => msg);
  for (const first of ['create a', 'start a', 'exec a', 'state a', 'delete a']) expect(messages).toContain(first);
});

test('a failure is the last record, and one of its level', () => {
  bench.current.configure(['/nothing']);
  const result = debug('run', '--bundle', bench.current.bundle, 'a');
  expect(result.status).toBe(1);
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
  const levels = records().map(({ level }) => level);
  expect(levels.filter((level) => level === 'error')).toHaveLength(1);
  expect(levels.at(-1)).toBe('error');
});

test('without --log on stderr, in text', () => {
  bench.current.configure(['/bin/sh', '-c', 'echo out; echo err >&2'], withSecrets);
  const { status, stdout, stderr } = bench.current.runt(['--debug', 'run', '--bundle', bench.current.bundle, 'a']);
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'out\n' });
  const others = stderr.split('\n').filter((line) => !/^time="[^"]*" level=debug msg=".*"$/.test(line));
  expect(others).toEqual(['err', '']);
  expect(stderr).not.toContain(secret);
  expect(stderr).toContain('msg="run a"');
});

test('the log is never taken for a preserved descriptor', () => {
  bench.current.configure(['/bin/sh', '-c', 'ls /proc/self/fd']);
  const args = ['run', '--preserve-fds', '1', '--bundle', bench.current.bundle, 'a'];
  const plain = bench.current.runt(args);
  const logged = debug(...args);
  expect(plain.status).toBe(1);
  expect(logged).toEqual(plain);
  const { binary, stateRoot } = bench.current;
  const command = [binary, '--root', stateRoot, '--debug', '--log', log(), ...args];
  const given = spawnSync('sh', ['-c', 'exec 3< /dev/null; exec "$@"', 'sh', ...command], { encoding: 'utf8' });
  expect(given).toMatchObject({ status: 0, stdout: '0\n1\n2\n3\n4\n' });
});

test('a log that cannot be written is told once, and changes nothing', () => {
  bench.current.configure(['/bin/echo', 'out']);
  const closed = join(bench.current.directory, 'closed');
  mkdirSync(closed);
  const args = ['--debug', '--log', closed, 'run', '--bundle', bench.current.bundle, 'a'];
  expect(bench.current.runt(args)).toEqual({
    status: 0,
    stdout: 'out\n',
    stderr: expect.stringMatching(/^runt: warning: --debug: .*closed: .*EISDIR.*\n$/),
  });
});

test('without --debug nothing is logged', () => {
  bench.current.configure(['/bin/true']);
  writeFileSync(log(), '');
  expect(bench.current.runt(['--log', log(), 'run', '--bundle', bench.current.bundle, 'a']).status).toBe(0);
  expect(existsSync(log()) && readFileSync(log(), 'utf8')).toBe('');
});
