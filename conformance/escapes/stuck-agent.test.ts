/**
 * Whoever listens on a socket that runt is told of, and is stuck: it costs seconds and an error, the program does not run without
 * its agent, and the container can be deleted at any time.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { type Result, useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };
const program = join(process.env.RUNT_TEST_WORKSPACE ?? '', 'stuck-agent');
const address = () => join(bench.current.directory, 'stuck.sock');

beforeAll(() => {
  execFileSync('cc', ['-O1', '-static', '-o', program, fileURLToPath(new URL('stuck-agent.c', import.meta.url))]);
});

let agent: ChildProcess | undefined;
afterEach(async () => {
  if (agent === undefined) return;
  const ended = once(agent, 'exit');
  agent.kill('SIGKILL');
  await ended;
  agent = undefined;
});

/** `taken` resolves when it has read something. */
async function startStuck(how: 'full' | 'deaf' | 'silent'): Promise<{ readonly taken: Promise<void> }> {
  const child = spawn(program, [address(), how], { stdio: ['ignore', 'pipe', 'inherit'] });
  agent = child;
  let text = '';
  const said = (word: string) =>
    new Promise<void>((resolve) => {
      child.stdout.on('data', () => text.includes(word) && resolve());
    });
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const taken = said('taken');
  await said('listening');
  return { taken };
}

const notify = (config: Config) => {
  config.linux.seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    listenerPath: address(),
    syscalls: [{ names: ['execve'], action: 'SCMP_ACT_NOTIFY' }],
  };
};
const runt = (args: string[]): Result => bench.current.runt(args, { timeoutMs: 12_000 });
const remove = () => expect(runt(['delete', '--force', 'a'])).toEqual(done);

test('an agent that accepts nobody: start fails, the container stays created', async () => {
  await startStuck('full');
  bench.current.configure(['/bin/sleep', '100'], notify);
  expect(bench.current.create('a')).toEqual(done);
  expect(runt(['start', 'a'])).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/tell the seccomp agent: .*EAGAIN.* its queue was full for 5 s/),
  });
  expect(bench.current.state('a').status).toBe('created');
  remove();
});

test('an agent that reads nothing: what does not fit is given up, and the program never runs', async () => {
  await startStuck('deaf');
  bench.current.configure(['/bin/sleep', '100'], (config) => {
    notify(config);
    config.annotations = { long: 'x'.repeat(700_000) };
  });
  expect(bench.current.create('a')).toEqual(done);
  expect(runt(['start', 'a'])).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/tell the seccomp agent: nobody received the descriptor within 5 s/),
  });
  expect(bench.current.state('a').status).toBe('stopped');
  remove();
});

test('an agent that never answers: its container can be looked at and deleted', async () => {
  const { taken } = await startStuck('silent');
  bench.current.configure(['/bin/sleep', '100'], notify);
  expect(bench.current.create('a')).toEqual(done);
  const start = spawn(bench.current.binary, ['--root', bench.current.stateRoot, 'start', 'a'], { stdio: 'ignore' });
  const ended = once(start, 'exit');
  await taken;
  try {
    expect(bench.current.state('a').status).toMatch(/created|running/);
    remove();
  } catch (error) {
    runt(['kill', 'a', 'KILL']);
    throw error;
  }
  await ended;
});
