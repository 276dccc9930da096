/**
 * mounts add and mounts remove whose destination lies in a file system that the container serves itself and never answers for:
 * they wait, as whoever looks there does, but nobody waits for them: the container can be looked at, stopped and deleted.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };

/** A container whose /trap never answers. */
async function startTrap(): Promise<void> {
  const { rootfs } = bench.current;
  mkdirSync(join(rootfs, 'trap'));
  const source = fileURLToPath(new URL('stuck-fuse.c', import.meta.url));
  expect(spawnSync('cc', ['-O2', '-static', '-o', join(rootfs, 'bin/stuck-fuse'), source]).status).toBe(0);
  bench.current.configure(['/bin/stuck-fuse', '/trap', '/asked'], (config) => {
    config.root.readonly = false;
    for (const set of ['bounding', 'effective', 'permitted'] as const) {
      config.process.capabilities?.[set]?.push('CAP_SYS_ADMIN');
    }
    config.linux.devices = [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o666 }];
    config.linux.resources?.devices?.push({ allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' });
  });
  expect(bench.current.create('a')).toEqual(done);
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
}

/** A command that waits in the container's file system. */
async function stuck(...args: string[]): Promise<{ readonly child: ChildProcess; readonly ended: Promise<unknown[]> }> {
  const { binary, stateRoot, rootfs } = bench.current;
  const asked = join(rootfs, 'asked');
  rmSync(asked, { force: true });
  const child = spawn(binary, ['--root', stateRoot, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  for (let round = 0; round < 1000 && !existsSync(asked); round++) await setTimeout(10);
  expect(existsSync(asked), 'nobody has asked').toBe(true);
  return { child, ended };
}

test('mounts add that waits for ever keeps nobody from the container', async () => {
  const shared = join(bench.current.directory, 'shared');
  mkdirSync(shared);
  await startTrap();
  const { pid } = bench.current.state('a');
  const { ended } = await stuck('mounts', 'add', 'a', shared, '/trap/x');
  try {
    const soon = { timeoutMs: 5000 };
    for (const command of [
      ['state'],
      ['pause'],
      ['resume'],
      ['ps'],
      ['events', '--stats'],
      ['update', '--pids-limit=-1'],
    ]) {
      expect(bench.current.runt([...command, 'a'], soon), command.join(' ')).toMatchObject({ status: 0, stderr: '' });
    }
    expect(bench.current.runt(['delete', '--force', 'a'], soon)).toEqual(done);
  } catch (error) {
    // Else the audit's delete would wait as well.
    process.kill(pid, 'SIGKILL');
    throw error;
  }
  // The file system has ended with its process, and so has the wait.
  expect(await ended).toEqual([1, null]);
});

test('who has given mounts add can give it up', async () => {
  const shared = join(bench.current.directory, 'shared');
  mkdirSync(shared);
  await startTrap();
  const { pid } = bench.current.state('a');
  const { child, ended } = await stuck('mounts', 'add', 'a', shared, '/trap/x');
  child.kill('SIGINT');
  const late = setTimeout(5000, 'it did not end');
  try {
    expect(await Promise.race([ended, late])).toEqual([null, 'SIGINT']);
    expect(bench.current.runt(['delete', '--force', 'a'], { timeoutMs: 5000 })).toEqual(done);
  } catch (error) {
    process.kill(pid, 'SIGKILL');
    throw error;
  }
});
