/** NOTIFY_SOCKET: a container tells that it is up, runt passes it on. [man sd_notify.3] */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };
const program = join(process.env.RUNT_TEST_WORKSPACE ?? '', 'notify');

beforeAll(() => {
  execFileSync('cc', ['-O1', '-static', '-o', program, fileURLToPath(new URL('notify.c', import.meta.url))]);
});
beforeEach(() => {
  copyFileSync(program, join(bench.current.rootfs, 'bin/notify'));
});

const address = () => join(bench.current.directory, 'manager');

interface Manager {
  readonly output: () => string[];
  readonly end: Promise<string[]>;
}

/** Listens before it returns; ends after three datagrams: readiness, pid, barrier. */
async function startManager(where = address(), count = 3): Promise<Manager> {
  const child = spawn(program, ['listen', where, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const output = () => text.trim().split('\n').slice(1);
  const end = new Promise<string[]>((resolve) => child.on('close', () => resolve(output())));
  const deadline = Date.now() + 5000;
  while (!text.includes('listening')) {
    if (Date.now() > deadline) throw new Error('no service manager');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { output, end };
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly afterMs: number;
}

function runt(args: readonly string[], env: Record<string, string> = { NOTIFY_SOCKET: address() }): Promise<Ended> {
  const began = Date.now();
  // Detached containers must not hold pipes of ours open.
  const stdio = args.includes('--detach') || args[0] === 'create' ? 'ignore' : 'pipe';
  const child = spawn(bench.current.binary, ['--root', bench.current.stateRoot, ...args], {
    stdio: ['ignore', stdio, stdio],
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  return new Promise((resolve) =>
    child.on('close', (status) => resolve({ status, stdout, stderr, afterMs: Date.now() - began })),
  );
}

const service = (script: string) => bench.current.configure(['/bin/sh', '-c', script]);

test('start stays until the container is up, and tells its pid', async () => {
  service('sleep 0.5; notify say "STATUS=soon" "STATUS=up\\nREADY=1"; sleep 100');
  const manager = await startManager();
  expect(await runt(['create', '-b', bench.current.bundle, 'a'])).toMatchObject({ status: 0 });
  const started = await runt(['start', 'a']);
  expect(started).toMatchObject(done);
  expect(started.afterMs).toBeGreaterThanOrEqual(500);
  const { pid } = bench.current.state('a');
  expect(await manager.end).toEqual(['READY=1\\n fds=0', `MAINPID=${pid}\\n fds=0`, 'BARRIER=1 fds=1']);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('run --detach as well; the socket in the container is its own, and read-only is where it lies', async () => {
  service('echo x > /run/notify/y || notify say READY=1; exec sleep 100');
  const manager = await startManager();
  expect(await runt(['run', '--detach', '-b', bench.current.bundle, 'a'])).toMatchObject({ status: 0 });
  const { pid } = bench.current.state('a');
  expect(await manager.end).toContain(`MAINPID=${pid}\\n fds=0`);
  expect(existsSync(join(bench.current.stateRoot, 'a/notify/notify.sock'))).toBe(true);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('run in the foreground tells its own pid, which ends with the container', async () => {
  service('notify say READY=1; echo out; exit 3');
  const manager = await startManager();
  expect(await runt(['run', '-b', bench.current.bundle, 'a'])).toMatchObject({
    status: 3,
    stdout: 'out\n',
    stderr: '',
  });
  expect(await manager.end).toEqual([
    'READY=1\\n fds=0',
    expect.stringMatching(/^MAINPID=[0-9]+\\n fds=0$/),
    'BARRIER=1 fds=1',
  ]);
});

test('a container that ends without being up ends the wait', async () => {
  service('notify say STATUS=failed READY=0; exit 0');
  const manager = await startManager(address(), 1);
  expect(await runt(['create', '-b', bench.current.bundle, 'a'])).toMatchObject({ status: 0 });
  expect(await runt(['start', 'a'])).toMatchObject(done);
  expect(manager.output()).toEqual([]);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
  // Ends the manager.
  execFileSync(program, ['say', 'x'], { env: { NOTIFY_SOCKET: address() } });
  expect(await manager.end).toEqual(['x fds=0']);
});

test('delete --force ends a container whose start waits', async () => {
  service('exec sleep 100');
  const manager = await startManager(address(), 1);
  expect(await runt(['create', '-b', bench.current.bundle, 'a'])).toMatchObject({ status: 0 });
  const starting = runt(['start', 'a']);
  const deadline = Date.now() + 5000;
  while (bench.current.state('a').status !== 'running') if (Date.now() > deadline) throw new Error('it did not start');
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
  expect(await starting).toMatchObject(done);
  execFileSync(program, ['say', 'x'], { env: { NOTIFY_SOCKET: address() } });
  await manager.end;
});

test('an abstract address', async () => {
  service('notify say READY=1; exec sleep 100');
  const name = `@runt-test-${process.pid}`;
  const manager = await startManager(name);
  const started = await runt(['run', '--detach', '-b', bench.current.bundle, 'a'], { NOTIFY_SOCKET: name });
  expect(started).toMatchObject({ status: 0 });
  expect(await manager.end).toContain('BARRIER=1 fds=1');
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('exec is told nothing, and without NOTIFY_SOCKET nobody is', async () => {
  service('exec sleep 100');
  expect(await runt(['create', '-b', bench.current.bundle, 'a'])).toMatchObject({ status: 0 });
  expect(await runt(['start', 'a'], {})).toMatchObject(done);
  expect(await runt(['exec', 'a', '/bin/notify', 'say', 'x'])).toMatchObject({
    status: 1,
    stdout: 'no NOTIFY_SOCKET\n',
  });
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
  service('ls -d /run/notify; notify say x');
  expect((await runt(['run', '-b', bench.current.bundle, 'a'], {})).stdout).toContain('no NOTIFY_SOCKET');
});

test('a manager that is not there is an error before anything is started', async () => {
  service('exec sleep 100');
  const refused = { status: 1, stderr: expect.stringContaining(`NOTIFY_SOCKET: ${address()}: no such file`) };
  expect(await runt(['run', '-b', bench.current.bundle, 'a'])).toMatchObject(refused);
  expect(existsSync(join(bench.current.stateRoot, 'a'))).toBe(false);
  expect(await runt(['create', '-b', bench.current.bundle, 'a'])).toMatchObject({ status: 0 });
  expect(await runt(['start', 'a'])).toMatchObject(refused);
  expect(bench.current.state('a').status).toBe('created');
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});
