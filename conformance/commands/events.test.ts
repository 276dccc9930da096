/** events: what a container uses, read from outside. OOM kills need the memory controller: vm/events.sh. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };

function start(args: readonly string[] = ['/bin/sleep', '100']): void {
  bench.current.configure(args);
  expect(bench.current.create('a')).toEqual(done);
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
}

function remove(): void {
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
}

interface Watcher {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly errors: () => string;
  /** Resolves with the exit code. */
  readonly end: Promise<number | null>;
}

function watch(...args: string[]): Watcher {
  const child = spawn(bench.current.binary, ['--root', bench.current.stateRoot, 'events', ...args, 'a'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let rest = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() as string;
    lines.push(...parts);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  return { child, lines, errors: () => errors, end: once(child, 'close').then(([code]) => code as number | null) };
}

test('--stats: one event at once; the numbers are those of the cgroup’s files', () => {
  start(['/bin/sh', '-c', 'sleep 100 & i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; wait']);
  const usageOf = () => Number(/usage_usec (\d+)/.exec(readFileSync('/sys/fs/cgroup/a/cpu.stat', 'utf8'))?.[1]) * 1000;
  const before = usageOf();
  const { status, stdout, stderr } = bench.current.runt(['events', '--stats', 'a']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^\{"type":"stats","id":"a","data":\{"cpu":\{.*\}\}\n$/);
  const { data } = JSON.parse(stdout);
  expect(data.cpu.usage.total).toBeGreaterThanOrEqual(before);
  expect(data.cpu.usage.total).toBeLessThanOrEqual(usageOf());
  expect(data.cpu.usage.kernel + data.cpu.usage.user).toBeGreaterThan(0);
  expect(data.pids.current).toBeGreaterThanOrEqual(1);
  expect(Object.keys(data)).toEqual([
    'cpu',
    'cpuset',
    'memory',
    'pids',
    'blkio',
    'hugetlb',
    'intel_rdt',
    'network_interfaces',
  ]);
  remove();
});

test('a created container has statistics, a stopped one is refused in runc’s words', () => {
  bench.current.configure(['/bin/sleep', '100']);
  expect(bench.current.create('a')).toEqual(done);
  expect(bench.current.runt(['events', '--stats', 'a'])).toMatchObject({ status: 0, stderr: '' });
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  bench.current.runt(['kill', 'a', 'KILL']);
  const deadline = Date.now() + 5000;
  while (bench.current.state('a').status !== 'stopped' && Date.now() < deadline);
  for (const args of [['--stats'], []]) {
    expect(bench.current.runt(['events', ...args, 'a'])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('container with id a is not running'),
    });
  }
  expect(bench.current.runt(['delete', 'a'])).toEqual(done);
});

test('--interval: again and again, and the end with the container', async () => {
  start();
  const began = Date.now();
  const watcher = watch('--interval', '100ms');
  const deadline = Date.now() + 5000;
  while (watcher.lines.length < 3 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(Date.now() - began).toBeGreaterThanOrEqual(300);
  remove();
  expect(await watcher.end).toBe(0);
  expect(watcher.lines.length).toBeGreaterThanOrEqual(3);
  for (const line of watcher.lines) expect(JSON.parse(line)).toMatchObject({ type: 'stats', id: 'a' });
});

test('it ends at once, long before the interval, when the container ends by itself', async () => {
  start(['/bin/sleep', '1']);
  const began = Date.now();
  const watcher = watch('--interval=1h');
  expect(await watcher.end).toBe(0);
  expect(Date.now() - began).toBeLessThan(5000);
  expect(watcher.lines).toEqual([]);
  expect(bench.current.runt(['delete', 'a'])).toEqual(done);
});

test('it ends quietly when nobody reads any more, also while it waits', async () => {
  start();
  const watcher = watch('--interval=1h');
  await new Promise((resolve) => setTimeout(resolve, 200));
  watcher.child.stdout?.destroy();
  expect(await watcher.end).toBe(0);
  expect(watcher.errors()).not.toContain('EPIPE');
  remove();
});

test('it waits without working: no processor time is used between intervals', async () => {
  start();
  const watcher = watch('--interval=1h');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const ticks = () => readFileSync(`/proc/${watcher.child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13);
  const before = ticks();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(ticks()).toEqual(before);
  expect(readFileSync(`/proc/${watcher.child.pid}/status`, 'utf8')).toMatch(/State:\tS/);
  remove();
  expect(await watcher.end).toBe(0);
});

test.each([
  ['0s', 'duration interval must be greater than 0'],
  ['-5s', 'duration interval must be greater than 0'],
  ['5', 'is not a duration: "5"'],
  ['soon', 'is not a duration: "soon"'],
])('--interval=%s is refused', (interval, message) => {
  expect(bench.current.runt(['events', `--interval=${interval}`, 'a'])).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining(message),
  });
});
