/** mounts add and mounts remove: a running container gets a mount, and loses it again; seen from inside. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Result, useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };
const mounts = (...args: string[]): Result => bench.current.runt(['mounts', ...args]);
const inside = (script: string): string => {
  const result = bench.current.runt(['exec', 'a', '/bin/sh', '-c', script]);
  return `${result.stdout}${result.stderr}`;
};
const shared = (name = ''): string => join(bench.current.directory, 'shared', name);

function running(change: (config: Config) => void = () => {}): void {
  mkdirSync(shared());
  writeFileSync(shared('file'), 'hello\n');
  bench.current.configure(['/bin/sleep', '1000'], change);
  expect(bench.current.create('a')).toEqual(done);
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
}
const remove = (): void => {
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
};
const writable = (config: Config): void => {
  config.root.readonly = false;
};
const userNamespace = (config: Config): void => {
  writable(config);
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
  config.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
};

test('a directory and a file come and go', () => {
  running();
  expect(mounts('add', 'a', shared(), '/data')).toEqual(done);
  expect(inside('cat /data/file; echo new > /data/new')).toBe('hello\n');
  expect(statSync(shared('new')).uid).toBe(0);
  expect(mounts('add', 'a', shared('file'), '/etc/passwd')).toEqual(done);
  expect(inside('cat /etc/passwd')).toBe('hello\n');
  expect(mounts('remove', 'a', '/etc/passwd')).toEqual(done);
  expect(mounts('remove', 'a', '/data')).toEqual(done);
  expect(inside('cat /etc/passwd | head -c4; ls /data')).toBe('root');
  expect(inside('grep -c shared /proc/self/mountinfo')).toBe('0\n');
  remove();
});

test('options, and a mount point that is made', () => {
  running(writable);
  expect(mounts('add', '-o', 'ro,nosuid,nodev', 'a', shared(), '/new/deep/place')).toEqual(done);
  expect(inside('grep /new/deep /proc/self/mountinfo | cut -d" " -f6; touch /new/deep/place/x')).toMatch(
    /^ro,nosuid,nodev,relatime\ntouch: .*Read-only file system\n$/,
  );
  expect(mounts('add', 'a', shared('file'), '/new/file')).toEqual(done);
  expect(inside('cat /new/file')).toBe('hello\n');
  remove();
});

test('in a container with a user namespace, its root owns what is made', () => {
  spawnSync('chown', ['-hR', '100000:100000', bench.current.rootfs]);
  chmodSync(bench.current.directory, 0o711);
  running(userNamespace);
  chmodSync(shared(), 0o777);
  expect(mounts('add', 'a', shared(), '/fresh/place')).toEqual(done);
  expect(
    inside('cat /fresh/place/file; stat -c %u:%g /fresh; touch /fresh/place/made; stat -c %u /fresh/place/made'),
  ).toBe('hello\n0:0\n0\n');
  expect(statSync(shared('made')).uid).toBe(100000);
  expect(mounts('add', '--options', 'idmap', 'a', shared(), '/fresh/mapped')).toEqual(done);
  expect(inside('stat -c %u /fresh/mapped/file; touch /fresh/mapped/other')).toBe('0\n');
  expect(statSync(shared('other')).uid).toBe(0);
  expect(mounts('remove', 'a', '/fresh/mapped')).toEqual(done);
  expect(mounts('remove', 'a', '/fresh/place')).toEqual(done);
  expect(inside('ls /fresh/place /fresh/mapped')).toBe('/fresh/mapped:\n\n/fresh/place:\n');
  remove();
});

test('a file with a list of mounts, as crun takes it', () => {
  running(writable);
  const file = join(bench.current.directory, 'mounts');
  writeFileSync(
    file,
    JSON.stringify([
      { destination: '/data', type: 'bind', source: shared(), options: ['bind', 'ro'] },
      { destination: '/scratch', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'size=64k', 'mode=700'] },
      { destination: '/scratch/below', source: shared('file'), options: ['bind'] },
    ]),
  );
  expect(mounts('add', 'a', file)).toEqual(done);
  expect(
    inside('cat /data/file /scratch/below; stat -c %a /scratch; grep -c "/scratch.*size=64k" /proc/self/mountinfo'),
  ).toBe('hello\nhello\n700\n1\n');
  writeFileSync(file, '[{"destination": "/scratch/below"}, {"destination": "/scratch"}, {"destination": "/data"}]');
  expect(mounts('remove', 'a', file)).toEqual(done);
  expect(inside('ls /data /scratch')).toBe('/data:\n\n/scratch:\n');
  remove();
});

test('two on one destination: the newest goes first', () => {
  running();
  mkdirSync(shared('other'));
  expect(mounts('add', 'a', shared(), '/data')).toEqual(done);
  expect(mounts('add', 'a', shared('other'), '/data')).toEqual(done);
  expect(inside('ls /data')).toBe('');
  expect(mounts('remove', 'a', '/data')).toEqual(done);
  expect(inside('ls /data')).toBe('file\nother\n');
  expect(mounts('remove', 'a', '/data/')).toEqual(done);
  expect(inside('ls /data')).toBe('');
  remove();
});

test('all or nothing: what came before a failure is taken off again', () => {
  running();
  const file = join(bench.current.directory, 'mounts');
  const list = [
    { destination: '/data', source: shared(), options: ['bind'] },
    { destination: '/nowhere', source: shared(), options: ['bind'] },
  ];
  writeFileSync(file, JSON.stringify(list));
  const result = mounts('add', 'a', file);
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toContain('read-only file system');
  expect(inside('ls /data; grep -c /data /proc/self/mountinfo')).toBe('0\n');
  expect(mounts('remove', 'a', '/data').stderr).toContain('is no mount of mounts add');
  remove();
});

test('a created container has its mount when it starts', () => {
  mkdirSync(shared());
  writeFileSync(shared('file'), 'hello\n');
  bench.current.configure(['/bin/sh', '-c', 'cp /data/file /data/copy']);
  expect(bench.current.create('a')).toEqual(done);
  expect(mounts('add', 'a', shared(), '/data')).toEqual(done);
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  spawnSync('sh', ['-c', `until [ -e ${shared('copy')} ]; do sleep 0.01; done`], { timeout: 5000 });
  expect(existsSync(shared('copy'))).toBe(true);
  remove();
});

test('not for a container that is paused, has stopped or is not there', () => {
  running();
  expect(bench.current.runt(['pause', 'a'])).toEqual(done);
  for (const args of [
    ['add', 'a', shared(), '/data'],
    ['remove', 'a', '/data'],
  ]) {
    expect(mounts(...args)).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('is paused: resume it'),
    });
  }
  expect(bench.current.runt(['resume', 'a'])).toEqual(done);
  expect(bench.current.runt(['kill', 'a', 'KILL'])).toEqual(done);
  while (bench.current.state('a').status !== 'stopped');
  expect(mounts('add', 'a', shared(), '/data').stderr).toContain('container not running: a (it is stopped)');
  remove();
  expect(mounts('add', 'a', shared(), '/data').stderr).toContain('does not exist');
});

test.each([
  ['a source that is not there', ['add', 'a', '/nonexistent', '/data'], '/nonexistent: no such file'],
  ['a directory on a file', ['add', 'a', '/etc', '/etc/passwd'], 'is a directory'],
  ['a destination in /proc', ['add', 'a', '/etc/hostname', '/proc/version'], 'inside /proc'],
  ['the root', ['add', 'a', '/etc', '/'], 'must not be /'],
  ['a relative destination', ['add', 'a', '/etc', 'data'], 'absolute'],
  ['a link to /proc', ['add', 'a', '/etc', '/link/sys'], 'leads into /proc'],
  ['a link to the root', ['add', 'a', '/etc', '/loop'], 'leads to the root itself'],
  ['a mount of the configuration', ['remove', 'a', '/dev/shm'], 'is no mount of mounts add'],
  ['a masked path', ['remove', 'a', '/proc/kcore'], 'is no mount of mounts add'],
  ['another action', ['change', 'a', '/data'], 'unknown action "change"'],
  ['options for a file', ['add', '-o', 'ro', 'a', '/file'], '--options'],
  ['no list', ['add', 'a', '/etc/hostname'], '/etc/hostname'],
])('refused: %s', (_, args, why) => {
  symlinkSync('/proc', join(bench.current.rootfs, 'link'));
  symlinkSync('/', join(bench.current.rootfs, 'loop'));
  running();
  const before = inside('cat /proc/self/mountinfo');
  const result = mounts(...args);
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toContain(why);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
  expect(inside('cat /proc/self/mountinfo')).toBe(before);
  remove();
});

test('without a mount namespace of its own', () => {
  mkdirSync(shared());
  bench.current.configure(['/bin/sleep', '1000'], (config) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'mount');
    config.mounts = [];
    delete config.linux.maskedPaths;
    delete config.linux.readonlyPaths;
    writable(config);
  });
  expect(bench.current.create('a')).toEqual(done);
  expect(mounts('add', 'a', shared(), '/data').stderr).toContain('no mount namespace of its own');
  remove();
});
