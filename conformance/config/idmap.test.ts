/** Id-mapped mounts: who owns the files, seen from inside and outside. [spec config.md#posix-platform-mounts] */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const mapping = (hostID: number, containerID = 0, size = 65536) => [{ containerID, hostID, size }];
const userNamespace = (config: Config) => {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = mapping(100000);
  config.linux.gidMappings = mapping(100000);
};
const own = { uidMappings: mapping(100000), gidMappings: mapping(200000) };
const shared = () => join(bench.current.directory, 'shared');

/** /data is bound from a directory with one file of user 0 and one of user 1000. */
const bind = (config: Config, options: readonly string[], more: object = {}) =>
  config.mounts.push({ destination: '/data', source: shared(), options, ...more });
const owners = 'cd /data; stat -c "%n %u:%g" root user';

const mounted: string[] = [];
function mount(...args: string[]): void {
  const point = args.at(-1) ?? '';
  mkdirSync(point, { recursive: true });
  const result = spawnSync('mount', args, { encoding: 'utf8' });
  expect(result.stderr).toBe('');
  mounted.push(point);
}

function fill(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, id] of [
    ['root', 0],
    ['user', 1000],
  ] as const) {
    writeFileSync(join(directory, name), name);
    chownSync(join(directory, name), id, id);
  }
}

// The directories above must let the ids of another user namespace pass.
beforeEach(() => {
  chmodSync(bench.current.directory, 0o711);
  fill(shared());
});
afterEach(() => {
  for (const point of mounted.splice(0).reverse()) spawnSync('umount', ['-l', point]);
});

test('without a user namespace: the mount’s own mapping', () => {
  expect(bench.current.script(owners, (config) => bind(config, ['bind', 'idmap'], own))).toBe(
    'root 100000:200000\nuser 101000:201000\n',
  );
});

// [shows config.md#linux-mount-options/58 config.md#linux-mount-options/61]
test('with the container’s user namespace: root’s files are root’s, and what is made inside is right outside', () => {
  const output = bench.current.script(`${owners}; echo x > made; mkdir dir; stat -c %u:%g made`, (config) => {
    userNamespace(config);
    bind(config, ['bind', 'idmap']);
  });
  expect(output).toBe('root 0:0\nuser 1000:1000\n0:0\n');
  expect(statSync(join(shared(), 'made'))).toMatchObject({ uid: 0, gid: 0 });
  expect(statSync(join(shared(), 'dir'))).toMatchObject({ uid: 0, gid: 0 });
});

// [shows config.md#linux-mount-options/60]
test('the mapping of the mount wins over that of the container', () => {
  const output = bench.current.script(owners, (config) => {
    userNamespace(config);
    bind(config, ['bind', 'idmap'], { uidMappings: mapping(100001), gidMappings: mapping(100002) });
  });
  expect(output).toBe('root 1:2\nuser 1001:1002\n');
});

test('a mapping without the option is carried out; ids outside of it are nobody’s', () => {
  expect(
    bench.current.script(owners, (config) =>
      bind(config, ['bind'], { uidMappings: mapping(5, 0, 1), gidMappings: mapping(6, 0, 1) }),
    ),
  ).toBe('root 5:6\nuser 65534:65534\n');
});

test('crun’s option, in either spelling of ids', () => {
  expect(
    bench.current.script(owners, (config) => bind(config, ['bind', 'idmap=uids=0-7-1#1000-8-1;gids=0-9-2000'])),
  ).toBe('root 7:9\nuser 8:1009\n');
  expect(
    bench.current.script(owners, (config) => {
      userNamespace(config);
      bind(config, ['bind', 'idmap=uids=@0-3-1;gids=@0-4-1']);
    }),
  ).toBe('root 3:4\nuser 65534:65534\n');
});

// [shows config.md#linux-mount-options/64 config.md#linux-mount-options/66]
test.each([
  ['idmap', 'root 100000:200000\nroot 0:0\n'],
  ['ridmap', 'root 100000:200000\nroot 100000:200000\n'],
])('rbind with %s', (option, seen) => {
  mount('-t', 'tmpfs', 'tmpfs', join(shared(), 'below'));
  fill(join(shared(), 'below'));
  expect(
    bench.current.script('for d in /data /data/below; do cd $d; stat -c "%n %u:%g" root; done', (config) =>
      bind(config, ['rbind', option], own),
    ),
  ).toBe(seen);
});

test('an overlay and a tmpfs as sources', () => {
  const [overlay, lower] = [join(bench.current.directory, 'overlay'), join(bench.current.directory, 'lower')];
  mount('-t', 'tmpfs', 'tmpfs', lower);
  for (const name of ['l', 'u', 'w']) mkdirSync(join(lower, name));
  fill(join(lower, 'l'));
  mount('-t', 'overlay', '-o', `lowerdir=${lower}/l,upperdir=${lower}/u,workdir=${lower}/w`, 'overlay', overlay);
  const change = (source: string) => (config: Config) => {
    bind(config, ['bind', 'idmap'], own);
    config.mounts.at(-1).source = source;
  };
  expect(bench.current.script(owners, change(join(lower, 'l')))).toBe('root 100000:200000\nuser 101000:201000\n');
  // What an overlay itself can do depends on the kernel; either it works or it is named.
  bench.current.configure(['/bin/sh', '-c', owners], change(overlay));
  const result = bench.current.run('test');
  if (result.status === 0) expect(result.stdout).toBe('root 100000:200000\nuser 101000:201000\n');
  else expect(result.stderr).toContain(`overlay (mounted on ${overlay}) does not support id-mapped mounts`);
});

// [shows config.md#linux-mount-options/63 config.md#linux-mount-options/69 config.md#posix-platform-mounts/1 config.md#posix-platform-mounts/4]
test('read-only, nosuid and a terminal’s worth of other options go together with it', () => {
  expect(
    bench.current.script('grep " /data " /proc/self/mountinfo | cut -d" " -f6; touch /data/x 2>&1; true', (config) =>
      bind(config, ['rbind', 'idmap', 'ro', 'nosuid', 'nodev'], own),
    ),
  ).toMatch(/^ro,nosuid,nodev,relatime,idmapped\ntouch: \/data\/x: Read-only file system\n$/);
});

test('a joined user namespace gives its mapping', () => {
  const holder = spawnSync('sh', ['-c', 'unshare --user sleep 60 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' });
  const pid = Number(holder.stdout.trim());
  try {
    spawnSync('sh', ['-c', `until [ "$(cat /proc/${pid}/comm)" = sleep ]; do sleep 0.01; done`], { timeout: 5000 });
    for (const file of ['uid_map', 'gid_map']) writeFileSync(`/proc/${pid}/${file}`, '0 100000 65536\n');
    const output = bench.current.script(`${owners}; echo > made`, (config) => {
      config.linux.namespaces.push({ type: 'user', path: `/proc/${pid}/ns/user` });
      bind(config, ['bind', 'idmap']);
    });
    expect(output).toBe('root 0:0\nuser 1000:1000\n');
    expect(statSync(join(shared(), 'made'))).toMatchObject({ uid: 0, gid: 0 });
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});

// [shows config.md#linux-mount-options/67]
test('create, start, delete', () => {
  bench.current.configure(['/bin/sh', '-c', 'echo > /data/made'], (config) => {
    userNamespace(config);
    bind(config, ['bind', 'ridmap']);
  });
  expect(bench.current.create('a')).toMatchObject({ status: 0, stderr: '' });
  expect(bench.current.runt(['start', 'a'])).toMatchObject({ status: 0, stderr: '' });
  spawnSync('sh', ['-c', `until [ -e ${shared()}/made ]; do sleep 0.01; done`], { timeout: 5000 });
  expect(bench.current.runt(['delete', '--force', 'a'])).toMatchObject({ status: 0, stderr: '' });
  expect(statSync(join(shared(), 'made'))).toMatchObject({ uid: 0, gid: 0 });
});

test.each([
  ['a file system that cannot do it', '/proc', ['bind', 'idmap'], 'proc (mounted on /proc) does not support'],
  ['one below the source', undefined, ['rbind', 'ridmap'], 'does not support id-mapped mounts'],
])('%s is named', (_, source, options, why) => {
  const below = join(shared(), 'below');
  if (source === undefined) mount('-t', 'proc', 'proc', below);
  bench.current.configure(['/bin/true'], (config) => {
    bind(config, options, own);
    if (source !== undefined) config.mounts.at(-1).source = source;
  });
  const result = bench.current.run('test');
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toContain(source === undefined ? `proc (mounted on ${below}) ${why}` : why);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
});

// [shows config.md#posix-platform-mounts/3 config.md#posix-platform-mounts/6 config.md#linux-mount-options/62 config.md#linux-mount-options/68]
test.each([
  ['/mounts/7/gidMappings', ['bind', 'idmap'], { uidMappings: mapping(1) }],
  ['/mounts/7/uidMappings', ['bind', 'idmap'], { gidMappings: mapping(1) }],
  ['/mounts/7/uidMappings', ['bind', 'ridmap'], {}],
  ['/mounts/7/options/1', ['bind', 'idmap=uids=0-1-1'], {}],
  ['/mounts/7', ['idmap'], { ...own, type: 'tmpfs' }],
  [
    '/mounts/7/uidMappings/1/hostID',
    ['bind'],
    { uidMappings: [...mapping(1), ...mapping(5, 70000)], gidMappings: mapping(1) },
  ],
])('refused at %s: %j %j', (pointer, options, more) => {
  bench.current.configure(['/bin/true'], (config) => bind(config, options, more));
  const result = bench.current.run('test');
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toContain(pointer);
});
