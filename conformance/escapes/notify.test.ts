/**
 * The container's end of NOTIFY_SOCKET in hostile hands, and a service manager that does not listen: runt keeps none of their
 * descriptors, waits for nobody longer than for the container, and passes nothing on but readiness.
 */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Result, useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };
const workspace = process.env.RUNT_TEST_WORKSPACE ?? '';
const manager = () => join(bench.current.directory, 'manager');

beforeAll(() => {
  const compile = (source: string, name: string) =>
    execFileSync('cc', [
      '-O1',
      '-static',
      '-o',
      join(workspace, name),
      fileURLToPath(new URL(source, import.meta.url)),
    ]);
  compile('hostile-notify.c', 'hostile-notify');
  compile('../config/notify.c', 'notify');
});
beforeEach(() => {
  copyFileSync(join(workspace, 'hostile-notify'), join(bench.current.rootfs, 'bin/hostile-notify'));
  copyFileSync(join(workspace, 'notify'), join(bench.current.rootfs, 'bin/notify'));
});

const service = (script: string, sharesPids = false) =>
  bench.current.configure(['/bin/sh', '-c', script], (config) => {
    if (sharesPids)
      config.linux.namespaces = config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'pid');
  });

/** What NOTIFY_SOCKET names: one that is read until `count` datagrams came, or one whose queue is full. */
async function startManager(
  ...args: string[]
): Promise<{ readonly kill: () => Promise<void>; readonly text: () => string }> {
  const program = join(workspace, args[0] === 'deaf' ? 'hostile-notify' : 'notify');
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  await new Promise<void>((resolve) =>
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
      resolve();
    }),
  );
  const kill = async () => {
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
  };
  return { kill, text: () => text };
}

interface Running {
  readonly pid: number;
  readonly end: Promise<Result>;
}

function runt(...args: string[]): Running {
  const isDetached = args.includes('--detach') || args[0] === 'start';
  const output = isDetached ? 'ignore' : 'pipe';
  const child = spawn(bench.current.binary, ['--root', bench.current.stateRoot, ...args], {
    stdio: ['ignore', output, 'pipe'],
    env: { PATH: process.env.PATH ?? '', NOTIFY_SOCKET: manager() },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const end = new Promise<Result>((resolve) => child.on('exit', (status) => resolve({ status, stdout, stderr })));
  return { pid: child.pid ?? 0, end };
}

async function within<T>(ms: number, what: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = setTimeout(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`not within ${ms} ms`);
  });
  try {
    return await Promise.race([what, late]);
  } finally {
    timer.abort();
    late.catch(() => {});
  }
}

test('descriptors that come with a datagram are not kept', async () => {
  service('hostile-notify fds; exec sleep 100');
  const { kill } = await startManager('listen', manager(), '1');
  const { pid, end } = runt('run', '-b', bench.current.bundle, 'a');
  try {
    const opened = () => readdirSync(`/proc/${pid}/fd`).length;
    const before = Date.now();
    let most = 0;
    while (Date.now() - before < 1500) {
      most = Math.max(most, opened());
      await setTimeout(20);
    }
    expect(most).toBeLessThan(40);
  } finally {
    expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
    await end;
    await kill();
  }
});

test('who goes on talking when the process has ended keeps no start waiting', async () => {
  service('hostile-notify flood', true);
  const { kill } = await startManager('listen', manager(), '1');
  try {
    const { end } = runt('run', '--detach', '-b', bench.current.bundle, 'a');
    expect(await within(8000, end)).toMatchObject({ status: 0, stderr: '' });
  } finally {
    expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
    await kill();
  }
});

test('a datagram that is too long says nothing', async () => {
  service('hostile-notify large; exec sleep 100');
  const { kill, text } = await startManager('listen', manager(), '3');
  const { end } = runt('run', '-b', bench.current.bundle, 'a');
  try {
    await setTimeout(500);
    expect(text()).toBe('listening\n');
  } finally {
    expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
    await end;
    await kill();
  }
});

test('a service manager that reads nothing: a warning, after a while', async () => {
  service('notify say READY=1; exec sleep 100');
  const { kill } = await startManager('deaf', manager());
  try {
    const { end } = runt('run', '--detach', '-b', bench.current.bundle, 'a');
    const { status, stderr } = await within(12_000, end);
    expect(status).toBe(0);
    expect(stderr).toMatch(/NOTIFY_SOCKET: the service manager was not told: .*within 5 s/);
  } finally {
    expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
    await kill();
  }
});

test('a container that may mount can write where its socket lies, and is deleted with all of it', async () => {
  const script = [
    'mount -o remount,bind,rw /run/notify',
    'mkdir -p /run/notify/a/b/c /run/notify/d && ln -s / /run/notify/a/b/c/link && echo x > /run/notify/a/file',
    'chmod 0 /run/notify/a/b && echo written > /dev/shm/x; exec sleep 100',
  ];
  bench.current.configure(['/bin/sh', '-c', script.join('\n')], (config) => {
    for (const set of ['bounding', 'effective', 'permitted'] as const) {
      config.process.capabilities[set].push('CAP_SYS_ADMIN', 'CAP_DAC_OVERRIDE');
    }
  });
  const { kill } = await startManager('listen', manager(), '1');
  const { end } = runt('run', '-b', bench.current.bundle, 'a');
  const written = join(bench.current.stateRoot, 'a/notify/d');
  try {
    for (let round = 0; round < 300 && !existsSync(written); round++) await setTimeout(10);
    expect(existsSync(written)).toBe(true);
    expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
  } finally {
    bench.current.runt(['kill', 'a', 'KILL']);
    await end;
    await kill();
  }
});
