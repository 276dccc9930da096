/** A container without a mount namespace: its mounts lie among the host's, and go with it. [spec config-linux.md#namespaces] */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();

/** The tests' own mount namespace is the host's here. */
function mountsBelow(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${bench.current.rootfs}/`))
    .map((path) => path.slice(bench.current.rootfs.length));
}

function withoutMountNamespace(config: Config): void {
  const { directory } = bench.current;
  mkdirSync(join(directory, 'source'));
  writeFileSync(join(directory, 'source/file'), 'content\n');
  config.root.readonly = false;
  config.linux.namespaces = config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'mount');
  config.linux.maskedPaths = [];
  config.linux.readonlyPaths = [];
  config.mounts = [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['size=64k'] },
    { destination: '/tmp/inner', type: 'tmpfs', source: 'tmpfs' },
    { destination: '/data', source: join(directory, 'source'), options: ['bind', 'ro'] },
    { destination: '/tmp/one', source: join(directory, 'source/file'), options: ['bind'] },
  ];
}

test('it sees the mounts of its config, shares the namespace, and delete takes them away but nothing else', () => {
  const { current } = bench;
  current.configure(['sleep', '60'], withoutMountNamespace);
  spawnSync('mount', ['-t', 'tmpfs', 'mine', join(current.rootfs, 'run')]);
  try {
    expect(current.create('c').stderr).toBe('');
    expect(mountsBelow().sort()).toEqual(['/data', '/proc', '/run', '/tmp', '/tmp/inner', '/tmp/one']);
    expect(current.runt(['delete', '--force', 'c']).stderr).toBe('');
    expect(mountsBelow()).toEqual(['/run']);
  } finally {
    spawnSync('umount', [join(current.rootfs, 'run')]);
  }
});

test('run: output, then nothing is left; a failing create leaves nothing either', () => {
  const { current } = bench;
  current.configure(['sh', '-c', 'readlink /proc/self/ns/mnt; cat /data/file /tmp/one'], withoutMountNamespace);
  const ran = current.run('c');
  expect(ran.stdout).toBe(`${readlink('/proc/self/ns/mnt')}\ncontent\ncontent\n`);
  expect(mountsBelow()).toEqual([]);
  rmSync(join(current.directory, 'source'), { recursive: true });
  current.configure(['/missing'], withoutMountNamespace);
  expect(current.create('c').status).toBe(1);
  expect(mountsBelow()).toEqual([]);
});

test.each(['./rootfs', '../bundle/rootfs', 'link/rootfs'])('root.path %s: nothing is left', (path) => {
  const { current } = bench;
  symlinkSync('.', join(current.bundle, 'link'));
  current.configure(['sleep', '60'], (config) => {
    withoutMountNamespace(config);
    config.root.path = path;
  });
  expect(current.create('c').stderr).toBe('');
  expect(mountsBelow()).toContain('/tmp/inner');
  expect(current.runt(['delete', '--force', 'c']).stderr).toBe('');
  expect(mountsBelow()).toEqual([]);
});

test('what somebody else mounts below its root meanwhile is not its own', () => {
  const { current } = bench;
  current.configure(['sleep', '60'], withoutMountNamespace);
  expect(current.create('c').stderr).toBe('');
  spawnSync('mount', ['-t', 'tmpfs', 'mine', join(current.rootfs, 'run')]);
  spawnSync('mount', ['-t', 'tmpfs', 'on-ours', join(current.rootfs, 'tmp/inner')]);
  try {
    expect(current.runt(['delete', '--force', 'c']).stderr).toBe('');
    expect(mountsBelow()).toEqual(['/run']);
  } finally {
    spawnSync('umount', [join(current.rootfs, 'run')]);
  }
});

test.each([
  ['cut short', (path: string) => truncateSync(path, 100)],
  [
    'of another version',
    (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('"version":1', '"version":9')),
  ],
])('a record that is %s: delete --force still takes its mounts away', (_name, damage) => {
  const { current } = bench;
  current.configure(['sleep', '60'], withoutMountNamespace);
  expect(current.create('c').stderr).toBe('');
  expect(mountsBelow()).toContain('/tmp/inner');
  damage(join(current.stateRoot, 'c/state.json'));
  expect(current.runt(['delete', '--force', 'c'])).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(mountsBelow()).toEqual([]);
});

function readlink(path: string): string {
  return spawnSync('readlink', [path], { encoding: 'utf8' }).stdout.trim();
}
