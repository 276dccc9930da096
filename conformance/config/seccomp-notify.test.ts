/** SCMP_ACT_NOTIFY: a real agent is given the listener and answers. [spec config-linux.md#containerprocessstate] */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };
const agentBinary = join(process.env.RUNT_TEST_WORKSPACE ?? '', 'seccomp-agent');

beforeAll(() => {
  execFileSync('cc', ['-O1', '-o', agentBinary, fileURLToPath(new URL('seccomp-agent.c', import.meta.url))]);
});

const socket = () => join(bench.current.directory, 'agent.sock');

interface Agent {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** All that it printed, once it has ended. */
  readonly end: Promise<string>;
  readonly saw: (text: string) => Promise<void>;
}

/** Listens before it returns. */
async function startAgent(answers: number): Promise<Agent> {
  const child = spawn(agentBinary, [socket(), String(answers)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  const end = new Promise<string>((resolve) => child.on('close', () => resolve(output)));
  const saw = async (text: string) => {
    const deadline = Date.now() + 10_000;
    while (!output.includes(text)) {
      if (Date.now() > deadline) throw new Error(`the agent did not say ${text}, but ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await saw('listening');
  return { child, output: () => output, end, saw };
}

const notify =
  (names: readonly string[] = ['mkdir', 'mkdirat'], change: (config: Config) => void = () => {}) =>
  (config: Config) => {
    config.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      listenerPath: socket(),
      listenerMetadata: 'for the test',
      syscalls: [{ names, action: 'SCMP_ACT_NOTIFY' }],
    };
    config.annotations = { key: 'value' };
    change(config);
  };

/** run, without blocking this process: the agent's output is read meanwhile. */
function runAsync(args: readonly string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(bench.current.binary, ['--root', bench.current.stateRoot, ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  child.stdin.end();
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

function parseState(output: string) {
  const [, line = ''] = output.split('\n');
  return JSON.parse(line);
}

const script = 'mkdir /dev/shm/real && echo made; mkdir /dev/shm/denied 2>&1; mkdir /dev/shm/pretend && ls /dev/shm';

// [shows config-linux.md#seccomp/3..5 config-linux.md#seccomp/7 config-linux.md#the-container-process-state/1..5]
test.each([
  ['with noNewPrivileges', true],
  ['without', false],
])('run %s: the agent is told of the process and answers its calls', async (_, noNewPrivileges) => {
  const agent = await startAgent(3);
  bench.current.configure(
    ['/bin/sh', '-c', script],
    notify(['mkdir', 'mkdirat'], (config) => {
      config.process.noNewPrivileges = noNewPrivileges;
    }),
  );
  const result = await runAsync(['run', '--bundle', bench.current.bundle, 'a']);
  expect(result).toEqual({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(/^made\nmkdir: .*Permission denied\nreal\n$/),
  });
  const output = await agent.end;
  const state = parseState(output);
  expect(state).toEqual({
    ociVersion: expect.stringMatching(/^1\./),
    fds: ['seccompFd'],
    pid: expect.any(Number),
    metadata: 'for the test',
    state: {
      ociVersion: state.ociVersion,
      id: 'a',
      status: 'created',
      pid: state.pid,
      bundle: bench.current.bundle,
      annotations: { key: 'value' },
    },
  });
  expect(output).toContain(
    'descriptors 1\nclosed\nmkdir /dev/shm/real\nmkdir /dev/shm/denied\nmkdir /dev/shm/pretend\nend\n',
  );
});

// [shows config-linux.md#seccomp/6]
test('create needs no agent, start does: without one the container stays created and can be started later', async () => {
  bench.current.configure(['/bin/sh', '-c', 'mkdir /dev/shm/denied; sleep 100'], notify());
  expect(bench.current.create('a')).toEqual(done);
  expect(bench.current.runt(['start', 'a'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`tell the seccomp agent: ${socket()}: no such file or directory`),
  });
  const { pid, status } = bench.current.state('a');
  expect(status).toBe('created');
  const agent = await startAgent(1);
  expect(await runAsync(['start', 'a'])).toEqual(done);
  const output = await agent.end;
  expect(parseState(output)).toMatchObject({ pid, state: { id: 'a', status: 'created', pid } });
  expect(output).toContain('mkdir /dev/shm/denied');
  expect(bench.current.state('a').status).toBe('running');
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('the agent can answer execve itself, and calls of the set-up that come after the filter', async () => {
  for (const [noNewPrivileges, calls, count] of [
    [true, ['execve'], 1],
    [false, ['execve', 'setresuid', 'setresgid', 'setgroups', 'capset'], 5],
  ] as const) {
    const agent = await startAgent(count);
    bench.current.configure(
      ['/bin/true'],
      notify(calls, (config) => {
        config.process.noNewPrivileges = noNewPrivileges;
      }),
    );
    expect(await runAsync(['run', '--bundle', bench.current.bundle, 'a'])).toEqual(done);
    expect((await agent.end).match(/call [0-9]+/g)).toHaveLength(count);
    execFileSync('rm', [socket()]);
  }
});

// [shows config-linux.md#the-container-process-state/4 config-linux.md#the-container-process-state/5]
test('exec: its own process, a state of the running container', async () => {
  const first = await startAgent(0);
  bench.current.configure(['/bin/sleep', '100'], notify());
  expect(bench.current.create('a')).toEqual(done);
  expect(await runAsync(['start', 'a'])).toEqual(done);
  await first.end;
  execFileSync('rm', [socket()]);
  const second = await startAgent(1);
  const result = await runAsync(['exec', 'a', '/bin/mkdir', '/dev/shm/denied']);
  expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining('Permission denied') });
  const { pid } = bench.current.state('a');
  const state = parseState(await second.end);
  expect(state.state).toMatchObject({ id: 'a', status: 'running', pid });
  expect(state.pid).not.toBe(pid);
  expect(await runAsync(['exec', 'a', '/bin/true'])).toMatchObject({
    status: 255,
    stderr: expect.stringContaining('tell the seccomp agent'),
  });
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

// [shows config-linux.md#seccomp/6]
test('run without an agent leaves nothing', () => {
  bench.current.configure(['/bin/true'], notify());
  expect(bench.current.run('a')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('tell the seccomp agent'),
  });
  expect(existsSync(join(bench.current.stateRoot, 'a'))).toBe(false);
});

test('WAIT_KILLABLE_RECV is set where there is an agent', async () => {
  const agent = await startAgent(1);
  bench.current.configure(
    ['/bin/mkdir', '/dev/shm/pretend'],
    notify(['mkdir', 'mkdirat'], (config) => {
      config.linux.seccomp.flags = ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', 'SECCOMP_FILTER_FLAG_TSYNC'];
    }),
  );
  expect(await runAsync(['run', '--bundle', bench.current.bundle, 'a'])).toEqual(done);
  expect(await agent.end).toContain('mkdir /dev/shm/pretend\nend');
});

test('crun’s annotation and variable name the agent', async () => {
  const withoutPath = (config: Config) => {
    delete config.linux.seccomp.listenerPath;
    delete config.linux.seccomp.listenerMetadata;
  };
  for (const way of ['annotation', 'variable']) {
    const agent = await startAgent(1);
    bench.current.configure(
      ['/bin/mkdir', '/dev/shm/pretend'],
      notify(['mkdir', 'mkdirat'], (config) => {
        withoutPath(config);
        if (way === 'annotation') config.annotations = { 'run.oci.seccomp.receiver': socket() };
      }),
    );
    const variable = `RUN_OCI_SECCOMP_RECEIVER=${socket()}`;
    const env = way === 'variable' ? variable : 'NOTHING=1';
    const child = spawn('env', [
      env,
      bench.current.binary,
      '--root',
      bench.current.stateRoot,
      'run',
      '-b',
      bench.current.bundle,
      'a',
    ]);
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(parseState(await agent.end)).not.toHaveProperty('metadata');
    execFileSync('rm', [socket()]);
  }
});

test('the listener does not reach the program', async () => {
  const agent = await startAgent(0);
  bench.current.configure(['/bin/sh', '-c', 'ls -l /proc/self/fd'], notify());
  const { stdout } = await runAsync(['run', '--bundle', bench.current.bundle, 'a']);
  expect(stdout).toContain(' 2 -> ');
  expect(stdout).not.toMatch(/seccomp| [4-9] -> /);
  await agent.end;
});

test('a profile that denies sendmsg is told what it lacks', async () => {
  const agent = await startAgent(0);
  bench.current.configure(
    ['/bin/true'],
    notify(['mkdir'], (config) => {
      config.linux.seccomp.syscalls.push({ names: ['sendmsg'], action: 'SCMP_ACT_ERRNO' });
    }),
  );
  expect(await runAsync(['run', '--bundle', bench.current.bundle, 'a'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('the profile must allow sendmsg'),
  });
  agent.child.kill();
  await agent.end;
});

test.each([
  ['write', '/linux/seccomp/syscalls/0/names/0'],
  ['sendmsg', '/linux/seccomp/syscalls/0/names/0'],
])('%s cannot be handed to the agent', (name, pointer) => {
  bench.current.configure(['/bin/true'], notify([name]));
  expect(bench.current.run('a')).toMatchObject({ status: 1, stderr: expect.stringContaining(pointer) });
});

test('no path, a relative path', () => {
  for (const path of [undefined, '', 'agent.sock']) {
    bench.current.configure(
      ['/bin/true'],
      notify(['mkdir'], (config) => {
        config.linux.seccomp = { ...config.linux.seccomp, listenerPath: path };
        delete config.linux.seccomp.listenerMetadata;
      }),
    );
    expect(bench.current.run('a')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('/linux/seccomp/listenerPath'),
    });
  }
});

test('listenerPath without SCMP_ACT_NOTIFY is ignored', () => {
  writeFileSync(join(bench.current.directory, 'x'), '');
  bench.current.configure(['/bin/true'], (config) => {
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', listenerPath: '/nowhere' };
  });
  expect(bench.current.run('a')).toEqual(done);
});
