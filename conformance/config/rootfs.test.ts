/** config.json root, mounts, devices, masked and read-only paths as the container sees them. [spec config.md#mounts, config-linux.md#devices] */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();

const mount =
  (destination: string, options: readonly string[], type = 'tmpfs', source = 'tmpfs') =>
  (config: Config) => {
    config.mounts.push({ destination, type, source, options: [...options] });
  };

function source(name = 'source'): string {
  const path = join(bench.current.directory, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'file'), 'content\n');
  return path;
}

// [shows config.md#root/8]
test('the root is the bundle’s, read-only when asked, and the old root is gone', () => {
  expect(bench.current.script('touch /x 2>/dev/null || echo read-only; ls / | tr "\\n" " "')).toBe(
    'read-only\nbin data dev etc proc root run sys tmp ',
  );
  expect(
    bench.current.script('touch /x && echo writable', (config) => Object.assign(config.root, { readonly: false })),
  ).toBe('writable\n');
  expect(bench.current.script('cut -d" " -f5 /proc/self/mountinfo')).not.toContain(bench.current.directory);
});

// [shows config-linux.md#default-filesystems/1 runtime.md#lifecycle/1 runtime.md#create/4]
test('the mounts of the default configuration, with their flags', () => {
  const lines = bench.current.script('cat /proc/mounts').trim().split('\n');
  const find = (path: string) =>
    lines
      .filter((line) => line.split(' ')[1] === path)
      .at(-1)
      ?.split(' ');
  expect(find('/proc')?.[2]).toBe('proc');
  expect(find('/dev')?.slice(2, 4).join(' ')).toMatch(/^tmpfs rw,nosuid,.*size=65536k,mode=755/);
  expect(find('/dev/pts')?.[3]).toMatch(/nosuid,noexec.*gid=5,mode=620,ptmxmode=666/);
  expect(find('/dev/shm')?.[3]).toMatch(/nosuid,nodev,noexec.*size=65536k/);
  expect(find('/dev/mqueue')?.[2]).toBe('mqueue');
  expect(find('/sys')?.[3]).toMatch(/^ro,nosuid,nodev,noexec/);
  expect(find('/sys/fs/cgroup')?.slice(2, 4).join(' ')).toMatch(/^cgroup2 ro,nosuid,nodev,noexec,relatime/);
});

test.each([
  ['ro', /^ro,/],
  ['nosuid', /nosuid/],
  ['nodev', /nodev/],
  ['noexec', /noexec/],
  ['noatime', /noatime/],
  ['nodiratime', /nodiratime/],
  ['strictatime', /^rw(?!.*relatime)/],
  ['nosymfollow', /nosymfollow/],
  ['sync', /sync/],
  ['dirsync', /dirsync/],
  ['size=1m', /size=1024k/],
  ['mode=700', /mode=700/],
])('tmpfs option %s', (option, expected) => {
  expect(bench.current.script('grep " /data " /proc/mounts | cut -d" " -f4', mount('/data', [option]))).toMatch(
    expected,
  );
});

test.each(['rsync', 'rasync', 'rdirsync', 'rmand', 'rnomand'])(
  '%s, which no kernel has, is refused by name',
  (option) => {
    const source = bench.current.directory;
    for (const change of [mount('/data', ['rbind', option], 'none', source), mount('/data', [option])]) {
      bench.current.configure(['/bin/true'], change);
      const { status, stdout, stderr } = bench.current.run('a');
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^[^\n]*\/mounts\/\d+\/options\/[01]: "[a-z]+" cannot be applied: [^\n]*\n$/);
      expect(stderr).toContain(`"${option}"`);
    }
  },
);

test('bind and rbind, with flags of their own', () => {
  const path = source();
  expect(
    bench.current.script(
      'cat /data/file; grep " /data " /proc/mounts | cut -d" " -f4',
      mount('/data', ['bind', 'ro', 'nosuid'], 'none', path),
    ),
  ).toMatch(/^content\nro,nosuid/);
  const script = 'mount -t tmpfs none "$1/sub" && exec "$2" --root "$3" run -b "$4" a';
  mkdirSync(join(path, 'sub'));
  bench.current.configure(['/bin/sh', '-c', 'grep -c " /data" /proc/mounts'], mount('/data', ['rbind'], 'none', path));
  const result = spawnSync(
    'unshare',
    [
      '-m',
      '--propagation',
      'private',
      'sh',
      '-c',
      script,
      'sh',
      path,
      bench.current.binary,
      bench.current.stateRoot,
      bench.current.bundle,
    ],
    { encoding: 'utf8' },
  );
  expect(result).toMatchObject({ status: 0, stdout: '2\n', stderr: '' });
});

test('a bind of a single file, onto a file that does not exist yet', () => {
  const path = source();
  expect(
    bench.current.script('cat /data/deep/inside', (config) => {
      mount('/data/deep/inside', ['bind'], 'none', join(path, 'file'))(config);
      config.root.readonly = false;
    }),
  ).toBe('content\n');
});

test('recursive attributes reach the mounts below', () => {
  const path = source();
  mkdirSync(join(path, 'sub'));
  bench.current.configure(
    ['/bin/sh', '-c', 'touch /data/sub/x 2>/dev/null || echo read-only'],
    mount('/data', ['rbind', 'rro'], 'none', path),
  );
  const script = 'mount -t tmpfs none "$1/sub" && exec "$2" --root "$3" run -b "$4" a';
  const result = spawnSync(
    'unshare',
    [
      '-m',
      '--propagation',
      'private',
      'sh',
      '-c',
      script,
      'sh',
      path,
      bench.current.binary,
      bench.current.stateRoot,
      bench.current.bundle,
    ],
    { encoding: 'utf8' },
  );
  expect(result).toMatchObject({ status: 0, stdout: 'read-only\n', stderr: '' });
});

test.each([
  ['private', /^[^ ]+ [^ ]+ rw/, 'no tag'],
  ['shared', /shared:/, 'shared'],
  ['unbindable', /unbindable/, 'unbindable'],
])('mount propagation %s', (option, expected) => {
  const line = bench.current.script(
    'grep " /data " /proc/self/mountinfo | cut -d" " -f5-7',
    mount('/data', ['bind', option], 'none', source()),
  );
  expect(line).toMatch(option === 'private' ? /^\/data \S+ -/ : expected);
});

test.each(['shared', 'slave', 'private', 'unbindable'])('rootfsPropagation %s', (propagation) => {
  const line = bench.current.script(
    'grep " / / " /proc/self/mountinfo | tail -1 || true; sed -n 1p /proc/self/mountinfo',
    (config) => {
      config.linux.rootfsPropagation = propagation;
    },
  );
  if (propagation === 'shared') expect(line).toMatch(/shared:/);
  else if (propagation === 'unbindable') expect(line).toMatch(/unbindable/);
  else expect(line).not.toMatch(/shared:/);
});

test('remount changes the flags of an earlier mount', () => {
  expect(
    bench.current.script('grep " /data " /proc/mounts | cut -d" " -f4', (config) => {
      mount('/data', ['rw'])(config);
      mount('/data', ['remount', 'ro', 'nosuid'])(config);
    }),
  ).toMatch(/^ro,nosuid/);
});

test('tmpcopyup brings the covered files along', () => {
  expect(
    bench.current.script('cat /etc/group | head -1; stat -c %a /tmp', (config) => {
      mount('/etc', ['tmpcopyup'])(config);
      mount('/tmp', ['tmpcopyup'])(config);
    }),
  ).toBe('root:x:0:\n1777\n');
});

// [shows config.md#linux-mount-options/72]
test('an unknown option goes to the file system, whose refusal names the mount', () => {
  bench.current.configure(['/bin/true'], mount('/data', ['nothing=1']));
  const result = bench.current.run('a');
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toContain('/mounts/7');
  expect(result.stderr).toContain('nothing');
});

// [shows runtime.md#lifecycle/2 runtime.md#create/6]
test.each([
  ['a missing bind source', ['bind'], 'none', '/nothing/there', /\/mounts\/7.*no such file or directory/],
  ['an unknown file system', [], 'nothingfs', 'x', /\/mounts\/7.*nothingfs/],
])('%s is named', (_name, options, type, path, expected) => {
  bench.current.configure(['/bin/true'], mount('/data', options, type, path));
  const result = bench.current.run('a');
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toMatch(expected);
});

// [shows config-linux.md#default-devices/1 runtime-linux.md#dev-symbolic-links/1]
test('default devices and links', () => {
  const script =
    'cd /dev; for d in null zero full random urandom tty; do stat -c "%n %F %t:%T %a" $d; done; for l in fd stdin stdout stderr ptmx; do echo $l $(readlink $l); done; echo x > null';
  expect(bench.current.script(script).split('\n')).toEqual([
    'null character special file 1:3 666',
    'zero character special file 1:5 666',
    'full character special file 1:7 666',
    'random character special file 1:8 666',
    'urandom character special file 1:9 666',
    'tty character special file 5:0 666',
    'fd /proc/self/fd',
    'stdin /proc/self/fd/0',
    'stdout /proc/self/fd/1',
    'stderr /proc/self/fd/2',
    'ptmx pts/ptmx',
    '',
  ]);
});

// [shows config-linux.md#devices/1]
test('listed devices, with mode and owner; the device filter decides who may open them', () => {
  const device = (config: Config) => {
    config.linux.devices = [
      { path: '/dev/mine', type: 'c', major: 1, minor: 5, fileMode: 0o640, uid: 0, gid: 4 },
      { path: '/dev/fifo', type: 'p', fileMode: 0o600 },
    ];
  };
  expect(bench.current.script('stat -c "%F %t:%T %a %u %g" /dev/mine; stat -c %F /dev/fifo', device)).toBe(
    'character special file 1:5 640 0 4\nfifo\n',
  );
  const open = (config: Config) => {
    config.linux.devices = [{ path: '/dev/mem', type: 'c', major: 1, minor: 1, fileMode: 0o666 }];
    config.process.capabilities = Object.fromEntries(
      ['bounding', 'effective', 'permitted'].map((set) => [set, ['CAP_MKNOD', 'CAP_SYS_RAWIO', 'CAP_DAC_OVERRIDE']]),
    );
  };
  expect(
    bench.current.script(
      'head -c1 /dev/mem >/dev/null 2>&1 && echo opened || echo refused; mknod /dev/x b 7 0 2>/dev/null && head -c1 /dev/x 2>&1 >/dev/null | grep -o "not permitted"',
      open,
    ),
  ).toBe('refused\nnot permitted\n');
  expect(
    bench.current.script('head -c1 /dev/mine | wc -c', (config) => {
      device(config);
      config.linux.resources.devices.push({ allow: true, type: 'c', major: 1, minor: 5, access: 'r' });
    }),
  ).toBe('1\n');
});

test('masked paths are empty and read-only, read-only paths cannot be written', () => {
  expect(
    bench.current.script(
      'cat /proc/keys | wc -c; ls /sys/firmware | wc -l; (echo x > /proc/sys/kernel/domainname) 2>/dev/null || echo read-only; cat /data/secret | wc -c; (echo > /data/secret) 2>/dev/null; ls /etc | wc -l',
      (config) => {
        writeFileSync(join(bench.current.rootfs, 'data/secret'), 'secret');
        config.linux.maskedPaths.push('/data/secret', '/etc', '/not/there');
        config.linux.readonlyPaths.push('/not/there/either');
      },
    ),
  ).toBe('0\n0\nread-only\n0\n0\n');
});

test('hostile root: /dev/null, /proc, /dev as links never lead outside', () => {
  const canary = join(bench.current.directory, 'canary');
  mkdirSync(canary);
  writeFileSync(join(canary, 'ptmx'), 'decoy');
  for (const [name, change] of [
    ['proc', () => {}],
    ['sys', () => {}],
    ['dev', () => {}],
    [
      'dev',
      (config: Config) => {
        config.mounts = config.mounts.filter((each: { destination: string }) => !each.destination.startsWith('/dev'));
      },
    ],
  ] as const) {
    const path = join(bench.current.rootfs, name);
    spawnSync('rmdir', [path]);
    spawnSync('rm', ['-f', path]);
    symlinkSync(canary, path);
    bench.current.configure(['/bin/true'], change);
    bench.current.run('a');
    expect(readdirSync(canary), name).toEqual(['ptmx']);
    expect(readFileSync(join(canary, 'ptmx'), 'utf8')).toBe('decoy');
    unlinkSync(path);
    mkdirSync(path);
  }
});

test.each(['/proc', '/sys'])('%s as a link inside the root is refused for a mount', (path) => {
  spawnSync('rmdir', [join(bench.current.rootfs, path)]);
  symlinkSync('/data', join(bench.current.rootfs, path));
  bench.current.configure(['/bin/true']);
  const result = bench.current.run('a');
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('must be an ordinary directory');
});

test('a mount destination through a link stays inside the root', () => {
  symlinkSync('../../../../../../tmp', join(bench.current.rootfs, 'data/link'));
  expect(
    bench.current.script('grep -c " /tmp/below " /proc/mounts', (config) => {
      config.root.readonly = false;
      mount('/data/link/below', [])(config);
    }),
  ).toBe('1\n');
  expect(existsSync('/tmp/below')).toBe(false);
});

test('the only new things in the root are mount points', () => {
  const list = () =>
    spawnSync('find', [bench.current.rootfs, '-printf', '%P %m %y\n'], { encoding: 'utf8' }).stdout.split('\n').sort();
  const before = list();
  bench.current.script('true');
  expect(list()).toEqual(before);
  expect(statSync(bench.current.rootfs).isDirectory()).toBe(true);
});
