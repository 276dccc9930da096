/**
 * runt is killed at each system call of a command for a running container (strace injection): the container is what it was or
 * what it was to become, the same command can be given again, and `delete --force` leaves nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Bench, type Result, useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };

/** Whether the n-th call of that kind came, and killed it. -D: the status is runt's own. */
function killedAt(target: Bench, args: readonly string[], call: string, when: number): boolean {
  const options = `-D -qq -o /dev/null -e trace=${call} -e inject=${call}:signal=KILL:when=${when}`;
  const command = `strace ${options} ${target.binary} --root ${target.stateRoot} ${args.join(' ')}`;
  const result = spawnSync('sh', ['-c', `${command} </dev/null >/dev/null 2>&1`], { timeout: 20_000 });
  return result.status === null || result.status === 137;
}

const shared = (): string => join(bench.current.directory, 'shared');
const status = (): string => bench.current.state('a').status;
const runt = (...args: string[]): Result => bench.current.runt(args);

interface Command {
  readonly calls: readonly string[];
  readonly args: () => string[];
  /** Before each. */
  readonly before?: () => void;
  /** After each: what is there now, and that the command can be repeated; the container runs again afterwards. */
  readonly after: () => void;
}

const reading = (...args: string[]): Pick<Command, 'args' | 'after'> => ({
  args: () => args,
  after: () => {
    expect(status()).toBe('running');
    expect(runt(...args).status).toBe(0);
  },
});

const commands: { readonly [name: string]: Command } = {
  state: { calls: ['openat2', 'statx', 'read'], ...reading('state', 'a') },
  ps: { calls: ['openat2', 'clone3', 'getdents64', 'waitid'], ...reading('ps', 'a') },
  events: { calls: ['openat2', 'read', 'write'], ...reading('events', '--stats', 'a') },
  kill: { calls: ['openat2', 'pidfd_open', 'pidfd_send_signal'], ...reading('kill', 'a', 'URG') },
  pause: {
    calls: ['openat2', 'flock', 'write', 'inotify_add_watch', 'poll', 'close'],
    args: () => ['pause', 'a'],
    after: () => {
      if (status() === 'running') expect(runt('pause', 'a')).toEqual(done);
      expect(status()).toBe('paused');
      expect(runt('resume', 'a')).toEqual(done);
    },
  },
  resume: {
    calls: ['openat2', 'flock', 'write', 'inotify_add_watch', 'poll', 'close'],
    args: () => ['resume', 'a'],
    before: () => expect(runt('pause', 'a')).toEqual(done),
    after: () => {
      if (status() === 'paused') expect(runt('resume', 'a')).toEqual(done);
      expect(status()).toBe('running');
    },
  },
  update: {
    calls: ['openat2', 'flock', 'write', 'renameat2', 'close'],
    args: () => ['update', '-r', join(bench.current.directory, 'resources'), 'a'],
    after: () => {
      expect(status()).toBe('running');
      expect(runt('update', '-r', join(bench.current.directory, 'resources'), 'a')).toEqual(done);
      expect(runt('exec', 'a', '/bin/true')).toEqual(done);
    },
  },
  'mounts add': {
    calls: ['openat2', 'flock', 'open_tree', 'clone3', 'waitid', 'write', 'renameat2', 'close'],
    args: () => ['mounts', 'add', 'a', shared(), '/data'],
    after: () => {
      expect(runt('mounts', 'add', 'a', shared(), '/data')).toEqual(done);
      expect(runt('exec', 'a', '/bin/cat', '/data/file')).toMatchObject({ status: 0, stdout: 'hello\n' });
      expect(runt('mounts', 'remove', 'a', '/data')).toEqual(done);
    },
  },
  'mounts remove': {
    calls: ['openat2', 'flock', 'clone3', 'waitid', 'write', 'renameat2', 'close'],
    args: () => ['mounts', 'remove', 'a', '/data'],
    before: () => expect(runt('mounts', 'add', 'a', shared(), '/data')).toEqual(done),
    after: () => {
      // Gone and written down, still there, or gone and not written down: then it is said what is there instead.
      const again = runt('mounts', 'remove', 'a', '/data');
      if (again.status !== 0)
        expect(again.stderr).toMatch(/is no mount of mounts add|is not what mounts add has mounted/);
      expect(runt('exec', 'a', '/bin/ls', '/data').stdout).toBe('');
    },
  },
};

const all = Object.entries(commands).flatMap(([name, { calls }]) => calls.map((call) => [name, call] as const));

test.each(all)(
  '%s killed at each %s',
  (name, call) => {
    const { args, before, after } = commands[name] as Command;
    const { current } = bench;
    mkdirSync(shared());
    writeFileSync(join(shared(), 'file'), 'hello\n');
    mkdirSync(join(current.rootfs, 'data'), { recursive: true });
    writeFileSync(join(current.directory, 'resources'), '{"unified": {"cgroup.max.depth": "3"}}');
    current.configure(['/bin/sleep', '1000']);
    expect(current.create('a').status).toBe(0);
    expect(runt('start', 'a')).toEqual(done);
    for (let when = 1; ; when++) {
      before?.();
      const killed = killedAt(current, args(), call, when);
      // Each call of a kind in turn, until there is no such call any more.
      if (!killed) break;
      expect(when, 'a command with so many calls').toBeLessThan(60);
      after();
    }
    expect(runt('delete', '--force', 'a')).toEqual(done);
  },
  60_000,
);

test('delete where no cgroup tree is mounted keeps the record, until it is one that can be finished', () => {
  const { current } = bench;
  current.configure(['/bin/sleep', '1000']);
  expect(current.create('a').status).toBe(0);
  const command = `mount -t tmpfs none /sys/fs/cgroup && exec '${current.binary}' --root '${current.stateRoot}'`;
  for (const args of ['delete --force a', 'ps a']) {
    const result = spawnSync('unshare', ['-m', '--propagation', 'private', 'sh', '-c', `${command} ${args}`], {
      encoding: 'utf8',
    });
    expect(result).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('no cgroup v2 tree is mounted here'),
    });
  }
  // Its init is ended first where somebody, such as a create on its way out, still has the lock.
  expect(status()).toMatch(/created|stopped/);
  expect(runt('delete', '--force', 'a')).toEqual(done);
});
