/** The container's user gets the container's cgroup, and nothing else of the tree. [spec config-linux.md#cgroup-ownership] */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };
const base = 200000;

function withUserNamespace(config: Config, uid = 0): void {
  config.process.user = { uid, gid: uid };
  config.linux.namespaces = [...config.linux.namespaces.filter(isOther), { type: 'user' }, { type: 'cgroup' }];
  config.linux.uidMappings = [{ containerID: 0, hostID: base, size: 65536 }];
  config.linux.gidMappings = [{ containerID: 0, hostID: base, size: 65536 }];
}

const isOther = ({ type }: { type: string }): boolean => type !== 'cgroup';

function mountCgroup(config: Config, options: readonly string[]): void {
  config.mounts = config.mounts.filter(({ destination }: { destination: string }) => destination !== '/sys/fs/cgroup');
  config.mounts.push({
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'nodev', ...options],
  });
}

/** name -> owner, of the directory (".") and the files of the container's cgroup. */
function owners(id: string): ReadonlyMap<string, number> {
  const { pid } = bench.current.state(id);
  const path = /0::\/(.*)/.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? '';
  const directory = `/sys/fs/cgroup/${path}`;
  return new Map(['.', ...readdirSync(directory)].map((name) => [name, statSync(`${directory}/${name}`).uid]));
}

function delegated(): readonly string[] {
  const names = readFileSync('/sys/kernel/cgroup/delegate', 'utf8').split('\n');
  return ['.', ...names.filter((name) => name !== '')];
}

// [shows config-linux.md#cgroup-ownership/3 config-linux.md#cgroup-ownership/5 config-linux.md#cgroup-ownership/6 config-linux.md#cgroup-ownership/8]
test.each([
  ['root', 0],
  ['another user', 1000],
])('a user namespace and a writable mount: %s of the container owns it', (_, uid) => {
  bench.current.configure(['/bin/sleep', '100'], (config) => {
    withUserNamespace(config, uid);
    mountCgroup(config, ['rw']);
  });
  expect(bench.current.create('a')).toEqual(done);
  const seen = owners('a');
  const given = [...seen].filter(([, owner]) => owner !== 0);
  expect(given.map(([name]) => name).sort()).toEqual(
    delegated()
      .filter((name) => seen.has(name))
      .sort(),
  );
  for (const [, owner] of given) expect(owner).toBe(base + uid);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('the container makes cgroups below its own and moves into them; its limits are not its own', () => {
  const script = [
    'set -e',
    'mkdir /sys/fs/cgroup/inner',
    'echo 0 > /sys/fs/cgroup/inner/cgroup.procs',
    'grep ^0:: /proc/self/cgroup',
    '(echo 1 > /sys/fs/cgroup/cgroup.freeze) 2>/dev/null && echo frozen || echo refused',
  ].join('\n');
  bench.current.configure(['/bin/sh', '-c', script], (config) => {
    withUserNamespace(config);
    mountCgroup(config, []);
  });
  expect(bench.current.run('a')).toEqual({ status: 0, stdout: '0::/inner\nrefused\n', stderr: '' });
});

// [shows config-linux.md#cgroup-ownership/2..4]
test.each<readonly [string, (config: Config) => void]>([
  ['a read-only mount', (config) => mountCgroup(config, ['ro'])],
  [
    'no mount',
    (config) => {
      config.mounts = config.mounts.filter(
        ({ destination }: { destination: string }) => destination !== '/sys/fs/cgroup',
      );
    },
  ],
  [
    'the cgroup namespace of the host',
    (config) => {
      mountCgroup(config, ['rw']);
      config.linux.namespaces = config.linux.namespaces.filter(isOther);
    },
  ],
])('%s: nothing is given away', (_, change) => {
  bench.current.configure(['/bin/sleep', '100'], (config) => {
    withUserNamespace(config);
    change(config);
  });
  expect(bench.current.create('a')).toEqual(done);
  expect(new Set(owners('a').values())).toEqual(new Set([0]));
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('a user namespace that is joined: its map decides', () => {
  bench.current.configure(['/bin/sleep', '100'], (config) => withUserNamespace(config));
  expect(bench.current.create('first')).toEqual(done);
  const { pid } = bench.current.state('first');
  bench.current.configure(['/bin/sleep', '100'], (config) => {
    withUserNamespace(config, 7);
    config.linux.namespaces = config.linux.namespaces.map((each: { type: string }) =>
      each.type === 'user' ? { type: 'user', path: `/proc/${pid}/ns/user` } : each,
    );
    delete config.linux.uidMappings;
    delete config.linux.gidMappings;
    mountCgroup(config, ['rw']);
  });
  expect(bench.current.create('second')).toEqual(done);
  expect(owners('second').get('cgroup.procs')).toBe(base + 7);
  expect(owners('second').get('cgroup.freeze')).toBe(0);
  for (const id of ['second', 'first']) expect(bench.current.runt(['delete', '--force', id])).toEqual(done);
});
