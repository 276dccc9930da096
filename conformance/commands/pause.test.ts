/** pause and resume: everything in the container stands still, and what every other command says of it meanwhile. */
import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };

/** A container whose processes, two of them, write a line every 10 ms. */
function startTicker(): void {
  const tick = 'while :; do echo x >> /data/ticks; sleep 0.01; done';
  bench.current.configure(['/bin/sh', '-c', `(${tick}) & ${tick}`], (config) => {
    config.root.readonly = false;
  });
  expect(bench.current.detached(['run', '-d', '-b', bench.current.bundle, 'a'])).toEqual(done);
  waitFor(() => ticks() > 0, 'the first tick');
}

function ticks(): number {
  return statSync(join(bench.current.rootfs, 'data/ticks'), { throwIfNoEntry: false })?.size ?? 0;
}

function waitFor(condition: () => boolean, what: string): void {
  const deadline = Date.now() + 5000;
  while (!condition()) if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
}

function pass(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

// [shows runtime.md#state/5]
test('pause stops every process, resume lets it continue', () => {
  startTicker();
  expect(bench.current.runt(['pause', 'a'])).toEqual(done);
  const before = ticks();
  pass(100);
  expect(ticks()).toBe(before);
  expect(bench.current.state('a')).toMatchObject({ status: 'paused', pid: expect.any(Number) });
  expect(bench.current.state('a').pid).toBeGreaterThan(1);
  expect(bench.current.runt(['list']).stdout.split('\n')[1]).toMatch(/^a +\d+ +paused /);
  expect(bench.current.runt(['resume', 'a'])).toEqual(done);
  waitFor(() => ticks() > before, 'a tick after resume');
  expect(bench.current.state('a')).toMatchObject({ status: 'running' });
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('a paused container: exec, pause, start and delete are refused, KILL ends it', () => {
  startTicker();
  expect(bench.current.runt(['pause', 'a'])).toEqual(done);
  const refused = (args: readonly string[], status: number, message: string) =>
    expect(bench.current.runt(args)).toMatchObject({ status, stdout: '', stderr: expect.stringContaining(message) });
  refused(['exec', 'a', '/bin/true'], 255, 'cannot exec in a paused container (use --ignore-paused to override)');
  refused(['pause', 'a'], 1, 'container not running');
  refused(['start', 'a'], 1, 'cannot start a container in the paused state');
  refused(['delete', 'a'], 1, 'cannot delete container a that is not stopped: paused');
  expect(bench.current.runt(['kill', 'a', 'TERM'])).toEqual(done);
  expect(bench.current.state('a').status).toBe('paused');
  expect(bench.current.runt(['kill', 'a', 'KILL'])).toEqual(done);
  waitFor(() => bench.current.state('a').status === 'stopped', 'the end');
  refused(['resume', 'a'], 1, 'container not paused');
  refused(['pause', 'a'], 1, 'container not running');
  expect(bench.current.runt(['delete', 'a'])).toEqual(done);
});

test('delete --force removes a paused container', () => {
  startTicker();
  expect(bench.current.runt(['pause', 'a'])).toEqual(done);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('exec --ignore-paused waits until the container is resumed', async () => {
  startTicker();
  expect(bench.current.runt(['pause', 'a'])).toEqual(done);
  const { binary, stateRoot } = bench.current;
  const child = spawn(binary, ['--root', stateRoot, 'exec', '--ignore-paused', 'a', '/bin/sh', '-c', 'exit 7'], {
    stdio: 'ignore',
  });
  let code: number | null | undefined;
  const ended = new Promise<void>((resolve) => {
    child.on('exit', (status) => {
      code = status;
      resolve();
    });
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(code).toBe(undefined);
  expect(bench.current.runt(['resume', 'a'])).toEqual(done);
  await ended;
  expect(code).toBe(7);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('a created container is paused and resumed, and then started', () => {
  bench.current.configure(['/bin/sleep', '100']);
  expect(bench.current.create('a')).toEqual(done);
  expect(bench.current.runt(['pause', 'a'])).toEqual(done);
  expect(bench.current.state('a').status).toBe('paused');
  expect(bench.current.runt(['start', 'a']).stderr).toContain('cannot start a container in the paused state');
  expect(bench.current.runt(['resume', 'a'])).toEqual(done);
  expect(bench.current.state('a').status).toBe('created');
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('pauses and resumes at once never leave it half stopped', async () => {
  startTicker();
  const { binary, stateRoot } = bench.current;
  const call = (command: string): Promise<number | null> =>
    new Promise((resolve) => {
      spawn(binary, ['--root', stateRoot, command, 'a'], { stdio: 'ignore' }).on('exit', resolve);
    });
  for (let round = 0; round < 5; round += 1)
    await Promise.all(['pause', 'resume', 'pause', 'resume', 'pause'].map(call));
  const { status, pid } = bench.current.state('a');
  const events = readFileSync(`/sys/fs/cgroup/${cgroupOf(pid)}/cgroup.events`, 'utf8');
  expect(events).toContain(status === 'paused' ? 'frozen 1' : 'frozen 0');
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

function cgroupOf(pid: number): string {
  return /0::\/(.*)/.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? '';
}

test('what cannot be paused says why', () => {
  expect(bench.current.runt(['pause', 'nothing'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('container does not exist'),
  });
  bench.current.configure(['/bin/sleep', '100']);
  const bundle = ['-b', bench.current.bundle, 'a'];
  expect(bench.current.detached(['--cgroup-manager=disabled', 'run', '-d', ...bundle])).toEqual(done);
  expect(bench.current.runt(['pause', 'a'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('--cgroup-manager=disabled'),
  });
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});
