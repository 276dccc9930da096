/** `run`: what a caller sees of a foreground and of a detached container. [spec runtime.md#lifecycle] */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();

test('relays output and the exit status', () => {
  bench.current.configure(['/bin/sh', '-c', 'echo out; echo err >&2; exit 7']);
  expect(bench.current.run('a')).toEqual({ status: 7, stdout: 'out\n', stderr: 'err\n' });
});

test('answers 128 + signal when the process dies of a signal', () => {
  bench.current.configure(['/bin/sh', '-c', 'kill -9 $$'], (config) => {
    config.linux.namespaces = config.linux.namespaces.filter((each: { type: string }) => each.type !== 'pid');
  });
  expect(bench.current.run('a').status).toBe(137);
});

test('passes stdin through', () => {
  bench.current.configure(['/bin/cat']);
  expect(bench.current.run('a', { input: 'hello\n' })).toEqual({ status: 0, stdout: 'hello\n', stderr: '' });
});

test('gives the process its arguments and environment exactly, and nothing of its own environment', () => {
  bench.current.configure(['/bin/sh', '-c', 'printf "%s|" "$@"; env', 'name', 'a b', '', '*'], (config) => {
    config.process.env = ['PATH=/bin', 'EMPTY=', 'TEXT=a=b c'];
  });
  const { stdout } = bench.current.run('a', { env: { SECRET: 'x' } });
  const [args, ...lines] = stdout.split('\n');
  expect(args?.startsWith('a b||*|')).toBe(true);
  const environment = [args?.slice('a b||*|'.length), ...lines].filter(
    (line) => line !== '' && !/^(PWD|SHLVL|_)=/.test(line ?? ''),
  );
  expect(environment.sort()).toEqual(['EMPTY=', 'HOME=/root', 'PATH=/bin', 'TEXT=a=b c']);
});

test('looks args[0] up in the PATH of the container', () => {
  bench.current.configure(['true']);
  expect(bench.current.run('a')).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('is process 1 of its namespace, with only the standard descriptors open and no signal blocked or ignored', () => {
  const output = bench.current.script('echo $$; ls /proc/self/fd');
  expect(output.split('\n').slice(0, 5)).toEqual(['1', '0', '1', '2', '3']);
  // Not by a shell, which changes its own signals.
  bench.current.configure(['/bin/grep', '-E', '^Sig(Blk|Ign|Cgt):|^NoNewPrivs:', '/proc/self/status']);
  const none = '0'.repeat(16);
  expect(bench.current.run('a').stdout).toBe(`SigBlk:\t${none}\nSigIgn:\t${none}\nSigCgt:\t${none}\nNoNewPrivs:\t1\n`);
});

test('takes the bundle from the working directory when --bundle is absent', () => {
  bench.current.configure(['/bin/true']);
  expect(bench.current.runt(['run', 'a'], { cwd: bench.current.bundle }).status).toBe(0);
});

test('--detach returns when the process runs; --pid-file holds its pid', () => {
  bench.current.configure(['/bin/sleep', '100']);
  const pidFile = join(bench.current.directory, 'pid');
  expect(bench.current.detached(['run', '-d', '-b', bench.current.bundle, '--pid-file', pidFile, 'a'])).toMatchObject({
    status: 0,
    stderr: '',
  });
  const state = bench.current.state('a');
  expect(state.status).toBe('running');
  expect(readFileSync(pidFile, 'utf8')).toBe(String(state.pid));
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('--keep leaves the container behind, stopped, until it is deleted', () => {
  bench.current.configure(['/bin/true']);
  expect(bench.current.runt(['run', '--keep', '-b', bench.current.bundle, 'a']).status).toBe(0);
  expect(bench.current.state('a')).toMatchObject({ status: 'stopped', pid: 0 });
  expect(bench.current.runt(['delete', 'a'])).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('forwards signals to the process', async () => {
  bench.current.configure(['/bin/sh', '-c', 'trap "echo got; exit 3" TERM; echo ready; while :; do sleep 0.05; done']);
  const child = spawn(
    bench.current.binary,
    ['--root', bench.current.stateRoot, 'run', '-b', bench.current.bundle, 'a'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
    if (output === 'ready\n') child.kill('SIGTERM');
  });
  const status = await new Promise((resolve) => child.on('exit', resolve));
  expect({ status, output }).toEqual({ status: 3, output: 'ready\ngot\n' });
});

test('preserves descriptors that are asked for, and closes all others', () => {
  bench.current.configure(['/bin/sh', '-c', 'cat <&3; ls /proc/self/fd']);
  const command = `exec 3<${bench.current.directory}/three 4</dev/null 9</dev/null; exec ${bench.current.binary} --root ${bench.current.stateRoot} run --preserve-fds 1 -b ${bench.current.bundle} a`;
  writeFileSync(join(bench.current.directory, 'three'), 'text\n');
  const result = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  expect(result).toMatchObject({ status: 0, stdout: 'text\n0\n1\n2\n3\n4\n' });
});

test('leaves the bundle as it was', () => {
  bench.current.script('true');
  expect(existsSync(join(bench.current.bundle, 'config.json'))).toBe(true);
});

test('a program that cannot be executed after all: no pid file is left', () => {
  const { current } = bench;
  writeFileSync(join(current.rootfs, 'bin/broken'), '\x7fELF and nothing more', { mode: 0o755 });
  current.configure(['/bin/broken']);
  const pidFile = join(current.directory, 'pid');
  const result = current.runt(['run', '--pid-file', pidFile, '-b', current.bundle, 'a']);
  expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining('ENOEXEC') });
  expect(existsSync(pidFile)).toBe(false);
});
