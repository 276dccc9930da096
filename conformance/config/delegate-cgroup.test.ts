/** crun's run.oci.delegate-cgroup: a cgroup of the container's own, below the one that has its limits. [man crun.1] */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };
const base = 200000;

function delegate(config: Config, value: string): void {
  config.annotations = { 'run.oci.delegate-cgroup': value };
  config.linux.namespaces = [
    ...config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'cgroup'),
    { type: 'cgroup' },
  ];
  config.mounts = config.mounts.filter(({ destination }: { destination: string }) => destination !== '/sys/fs/cgroup');
  config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid'] });
}

function withUserNamespace(config: Config): void {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = [{ containerID: 0, hostID: base, size: 65536 }];
  config.linux.gidMappings = [{ containerID: 0, hostID: base, size: 65536 }];
}

/** From the root of the tree, of the container's first process. */
const cgroupOf = (id: string): string =>
  /0::(.*)/.exec(readFileSync(`/proc/${bench.current.state(id).pid}/cgroup`, 'utf8'))?.[1] ?? '';

test.each([
  ['payload', '/payload'],
  ['/init', '/init'],
  ['a/b', '/a/b'],
])('%s: the process is in it, and the root of its cgroup namespace is the container’s', (value, expected) => {
  expect(bench.current.script('grep ^0:: /proc/self/cgroup', (config) => delegate(config, value))).toBe(
    `0::${expected}\n`,
  );
  bench.current.configure(['/bin/sleep', '100'], (config) => delegate(config, value));
  expect(bench.current.create('a')).toEqual(done);
  expect(cgroupOf('a').endsWith(`/a${expected}`)).toBe(true);
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  expect(bench.current.runt(['exec', 'a', '/bin/sh', '-c', 'test -d "/sys/fs/cgroup$1"', 'sh', expected])).toEqual(
    done,
  );
  expect(bench.current.runt(['pause', 'a'])).toEqual(done);
  expect(bench.current.state('a').status).toBe('paused');
  expect(bench.current.runt(['resume', 'a'])).toEqual(done);
  const path = `/sys/fs/cgroup${cgroupOf('a')}`;
  expect(existsSync(path)).toBe(true);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
  expect(existsSync(path)).toBe(false);
});

test.each([
  ['writable', 'rw', base],
  ['read-only', 'ro', 0],
])('with a user namespace it is the container’s, the limits above it are not: a %s mount', (_, option, above) => {
  const change = (config: Config): void => {
    delegate(config, 'payload');
    withUserNamespace(config);
    config.mounts.at(-1)?.options?.push(option);
  };
  bench.current.configure(['/bin/sleep', '100'], change);
  expect(bench.current.create('a')).toEqual(done);
  const own = `/sys/fs/cgroup${cgroupOf('a')}`;
  const uids = (directory: string) =>
    ['.', 'cgroup.procs', 'cgroup.freeze'].map((name) => statSync(`${directory}/${name}`).uid);
  expect(uids(own)).toEqual([base, base, 0]);
  expect(uids(`${own}/..`)).toEqual([above, above, 0]);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
  if (option === 'ro') return;
  const inner = '/sys/fs/cgroup/payload/inner';
  const script = `mkdir ${inner} && echo $$ > ${inner}/cgroup.procs && grep ^0:: /proc/self/cgroup`;
  expect(bench.current.script(script, change)).toBe('0::/payload/inner\n');
});

test('nothing is delegated where the value is empty', () => {
  expect(bench.current.script('grep ^0:: /proc/self/cgroup', (config) => delegate(config, ''))).toBe('0::/\n');
});

test.each([
  ['../b', '/annotations/run.oci.delegate-cgroup: ".." is no name of a cgroup'],
  ['a/./b', '/annotations/run.oci.delegate-cgroup: "." is no name of a cgroup'],
])('%s is refused', (value, message) => {
  bench.current.configure(['/bin/true'], (config) => delegate(config, value));
  expect(bench.current.run('a')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining(message) });
});

test('without a cgroup there is none to delegate', () => {
  bench.current.configure(['/bin/true'], (config) => delegate(config, 'payload'));
  const { status, stderr } = bench.current.runt([
    '--cgroup-manager=disabled',
    'run',
    '--bundle',
    bench.current.bundle,
    'a',
  ]);
  expect(status).toBe(1);
  expect(stderr).toContain('/annotations/run.oci.delegate-cgroup: the container has no cgroup');
});
