/** A root file system and host files as an attacker's image has them: security notes, section 3, rows 20-23, 25, 33, 34, 38, 44, 46-49. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';
import { expectRefusal } from './expect-refusal.ts';

const bench = useBench();
const run = () => ['run', '-b', bench.current.bundle, 'a'];
const inRoot = (path: string) => join(bench.current.rootfs, path);
const fifo = (path: string) => spawnSync('mkfifo', [path]);
const device = (path: string) => spawnSync('mknod', [path, 'c', '1', '5']);
/** A socket that nobody listens on any more. */
const socket = (path: string) =>
  spawnSync(process.execPath, [
    '-e',
    'require("net").createServer().listen(process.argv[1], () => process.exit())',
    path,
  ]);

const bindOn =
  (destination: string, source = '/etc/hostname') =>
  (config: Config) => {
    config.mounts.push({ destination, type: 'bind', source, options: ['bind'] });
  };
const tmpfsOn = (destination: string) => (config: Config) => {
  config.mounts.push({ destination, type: 'tmpfs', source: 'tmpfs' });
};

describe('mount targets', () => {
  test.each([
    ['a FIFO', fifo],
    ['a device', device],
    ['a socket', socket],
  ])('%s: a directory cannot be mounted on it; a file covers it without opening it', (_what, make) => {
    make(inRoot('obstacle'));
    expect(lstatSync(inRoot('obstacle')).isFile()).toBe(false);
    bench.current.configure(['/bin/true'], tmpfsOn('/obstacle'));
    expectRefusal(bench.current, run(), /\/obstacle/);
    bench.current.configure(['/bin/cat', '/obstacle'], bindOn('/obstacle', join(bench.current.bundle, 'config.json')));
    const result = bench.current.run('a');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toContain('ociVersion');
  });

  test('a directory without any mode, a file with mode 0', () => {
    mkdirSync(inRoot('closed'));
    chmodSync(inRoot('closed'), 0);
    bench.current.configure(['/bin/true'], tmpfsOn('/closed/inside'));
    expect(bench.current.run('a')).toMatchObject({ status: 0, stderr: '' });
  });

  test.each([
    ['a loop', () => symlinkSync('loop', inRoot('loop')), '/loop', /\/mounts\/7.*ELOOP/],
    [
      'a chain of 41',
      () => {
        for (let n = 0; n < 41; n++) symlinkSync(`l${n + 1}`, inRoot(`l${n}`));
        mkdirSync(inRoot('l41'));
      },
      '/l0',
      /\/mounts\/7.*ELOOP/,
    ],
    ['a file in the way', () => writeFileSync(inRoot('file'), ''), '/file/below', /\/mounts\/7.*ENOTDIR/],
    ['a link into /proc', () => symlinkSync('/proc/self', inRoot('p')), '/p/attr', /\/mounts\/7|\/p/],
    ['a link to the root', () => symlinkSync('/', inRoot('r')), '/r', /\/mounts\/7|\/r/],
    ['a name of 256 bytes', () => {}, `/${'n'.repeat(256)}`, /\/mounts\/7.*ENAMETOOLONG/],
    ['a path of 5000 bytes', () => {}, `/${'n/'.repeat(2500)}`, /\/mounts\/7.*ENAMETOOLONG/],
  ] as const)('%s is an error that names the mount', (_what, make, destination, expected) => {
    make();
    bench.current.configure(['/bin/true'], tmpfsOn(destination));
    expectRefusal(bench.current, run(), expected);
  });

  test.each(['../../../../../tmp/escape', '/../../../../../tmp/escape', '/x/../../../../tmp/escape'])(
    '%s stays inside the root',
    (destination) => {
      bench.current.configure(['/bin/true'], tmpfsOn(destination));
      const result = bench.current.run('a');
      expect([0, 1]).toContain(result.status);
      expect(existsSync('/tmp/escape')).toBe(false);
    },
  );

  test.each([
    ['missing', (): string => '/nothing/there', /ENOENT/],
    ['a loop', (): string => link('self', 'self'), /ELOOP/],
    ['a directory on a file', (): string => '/etc', /ENOTDIR|EINVAL/],
  ] as const)('bind source: %s', (what, make, expected) => {
    writeFileSync(inRoot('target'), '');
    bench.current.configure(['/bin/true'], bindOn(what === 'a directory on a file' ? '/target' : '/new', make()));
    expectRefusal(bench.current, run(), new RegExp(`/mounts/7.*(${expected.source})`));
  });
});

function link(name: string, target: string): string {
  const path = join(bench.current.directory, name);
  symlinkSync(target, path);
  return path;
}

describe('the root', () => {
  // [shows config.md#root/7]
  test.each([
    ['missing', 'nothing', /\/root\/path|nothing/],
    ['a file', 'config.json', /config\.json/],
    ['empty', '', /\/root\/path/],
    ['the host’s', '/', /\/root\/path|root/],
    ['a link', 'link', /link/],
    ['a FIFO', 'fifo', /fifo/],
    ['too long', 'x/'.repeat(3000), /ENAMETOOLONG/],
  ])('%s', (_what, path, expected) => {
    bench.current.configure(['/bin/true'], (config) => {
      config.root.path = path;
    });
    symlinkSync('rootfs', join(bench.current.bundle, 'link'));
    fifo(join(bench.current.bundle, 'fifo'));
    expectRefusal(bench.current, run(), expected);
  });

  test('one that is empty has no program', () => {
    mkdirSync(join(bench.current.bundle, 'empty'));
    bench.current.configure(['/bin/true'], (config) => {
      config.root.path = 'empty';
    });
    expectRefusal(bench.current, run(), /exec: \\?"\/bin\/true\\?".*no such file/);
  });
});

describe('/etc/passwd in the root', () => {
  test.each([
    ['a FIFO', fifo],
    ['/dev/zero', device],
    ['a directory', (path: string) => mkdirSync(path)],
    ['a link to itself', (path: string) => symlinkSync('passwd', path)],
    [
      '10 GB',
      (path: string) => {
        writeFileSync(path, '');
        truncateSync(path, 10_000_000_000);
      },
    ],
    ['a million lines', (path: string) => writeFileSync(path, 'x:x:1:1::/:\n'.repeat(1_000_000))],
    ['binary', (path: string) => writeFileSync(path, Buffer.from([0xff, 0, 0xfe, 10, 58, 58]))],
  ])('%s neither blocks nor fails: HOME is /', (_what, make) => {
    rmSync(inRoot('etc/passwd'));
    make(inRoot('etc/passwd'));
    bench.current.configure(['/bin/sh', '-c', 'echo $HOME'], (config) => {
      config.process.user = { uid: 7, gid: 7 };
    });
    const start = performance.now();
    const result = bench.current.run('a');
    expect(result).toMatchObject({ status: 0, stdout: '/\n', stderr: '' });
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('the program', () => {
  const script = (path: string, first: string) => {
    writeFileSync(inRoot(path), `${first}\n`);
    chmodSync(inRoot(path), 0o755);
  };
  const cases: readonly (readonly [string, () => void, string, RegExp])[] = [
    ['a directory', () => {}, '/etc', /is a directory|permission denied/],
    ['not executable', (): void => writeFileSync(inRoot('plain'), ''), '/plain', /permission denied/],
    ['not ELF', () => script('bad', '\x7fELF garbage'), '/bad', /exec format error/],
    ['an interpreter that is missing', () => script('s', '#!/nothing/there'), '/s', /no such file or directory/],
    ['an interpreter that is itself', () => script('s', '#!/s'), '/s', /too many levels|ELOOP/],
    ['a FIFO', () => fifo(inRoot('f')), '/f', /permission denied/],
    ['a link to itself', () => symlinkSync('l', inRoot('l')), '/l', /too many levels|ELOOP/],
    ['a path through a file', () => {}, '/etc/passwd/x', /not a directory/],
    ['empty', () => {}, '', /exec|args/],
    ['a name of 5000', () => {}, `/${'x'.repeat(5000)}`, /file name too long/],
  ];

  test.each(cases)('%s: run says 1, exec 255', (_what, make, program, expected) => {
    make();
    bench.current.configure([program]);
    expectRefusal(bench.current, run(), expected);
    bench.current.configure(['/bin/sleep', '100']);
    expect(bench.current.create('a').status).toBe(0);
    expect(bench.current.runt(['start', 'a']).status).toBe(0);
    expectRefusal(bench.current, ['exec', 'a', program], expected, { status: 255 });
    expect(bench.current.runt(['delete', '--force', 'a']).status).toBe(0);
  });

  test('more arguments than a system call takes', () => {
    bench.current.configure([
      '/bin/true',
      ...Array.from({ length: 200_000 }, (_, n) => `argument ${n} ${'x'.repeat(20)}`),
    ]);
    expectRefusal(bench.current, run(), /argument list too long/);
  });

  test('a million environment variables', () => {
    bench.current.configure(['/bin/true'], (config) => {
      config.process.env = Array.from({ length: 1_000_000 }, (_, n) => `V${n}=x`);
    });
    const result = bench.current.run('a');
    expect(result.status).toBe(1);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(result.stderr).toMatch(/argument list too long/);
  });

  // [shows config.md#process/1 runtime.md#start/4]
  test('no process at all is refused by name', () => {
    bench.current.configure([], (config) => {
      config.process = undefined;
    });
    expectRefusal(bench.current, run(), /process/);
  });
});

describe('hooks and cgroups', () => {
  test.each([
    ['a directory', (): string => '/etc', /EACCES/],
    ['not executable', (): string => join(bench.current.bundle, 'config.json'), /EACCES/],
    ['missing', (): string => '/nothing/there', /ENOENT/],
    [
      'not a program',
      (): string => {
        const path = join(bench.current.directory, 'hook');
        writeFileSync(path, '\x7fELF garbage');
        chmodSync(path, 0o755);
        return path;
      },
      /ENOEXEC/,
    ],
  ] as const)('hook: %s', (_what, make, expected) => {
    for (const name of ['prestart', 'createRuntime', 'createContainer']) {
      bench.current.configure(['/bin/true'], (config) => {
        config.hooks = { [name]: [{ path: make() }] };
      });
      expectRefusal(bench.current, run(), new RegExp(`/hooks/${name}/0.*${expected.source}`));
    }
  });

  test('an annotation of 1 MB reaches a hook that never reads', () => {
    bench.current.configure(['/bin/true'], (config) => {
      config.annotations = { big: 'x'.repeat(1_000_000) };
      config.hooks = { createRuntime: [{ path: '/bin/true' }], poststop: [{ path: '/bin/true' }] };
    });
    expect(bench.current.run('a')).toMatchObject({ status: 0, stderr: '' });
  });

  // [shows config-linux.md#cgroups-path/1 config-linux.md#cgroups-path/4]
  test.each([
    '/../../..',
    '/a/../../b',
    `/${'x'.repeat(256)}`,
    `/${'x/'.repeat(2500)}y`,
    '/a\nb',
    '/',
    'a:b:c',
    '/.',
    '',
  ])('cgroupsPath %j is refused or stays below its root', (path) => {
    bench.current.configure(['/bin/cat', '/proc/self/cgroup'], (config) => {
      config.linux.cgroupsPath = path;
      config.linux.namespaces = config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'cgroup');
    });
    const result = bench.current.run('a');
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
    if (result.status === 0) expect(result.stdout).not.toMatch(/\.\.|^0::\/$/m);
    else expect(result).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('exec --process', () => {
  test.each([
    ['empty', (path: string) => writeFileSync(path, '')],
    ['null', (path: string) => writeFileSync(path, 'null')],
    ['cut short', (path: string) => writeFileSync(path, '{"args":["/bin/true"],"cwd":"/')],
    ['a FIFO', fifo],
    ['a directory', (path: string) => mkdirSync(path)],
    ['/dev/zero', (path: string) => symlinkSync('/dev/zero', path)],
    ['missing', () => {}],
    ['deep', (path: string) => writeFileSync(path, '['.repeat(100_000))],
    ['cwd relative', (path: string) => writeFileSync(path, '{"args":["/bin/true"],"cwd":"x"}')],
    ['uid -1', (path: string) => writeFileSync(path, '{"args":["/bin/true"],"cwd":"/","user":{"uid":-1,"gid":0}}')],
  ])('%s', (_what, make) => {
    const path = join(bench.current.directory, 'process.json');
    make(path);
    bench.current.configure(['/bin/sleep', '100']);
    expect(bench.current.create('a').status).toBe(0);
    expect(bench.current.runt(['start', 'a']).status).toBe(0);
    expectRefusal(bench.current, ['exec', '--process', path, 'a'], /process\.json/, { status: 255 });
    expect(bench.current.runt(['delete', '--force', 'a']).status).toBe(0);
  });
});

test('the bundle is as it was after a refusal', () => {
  bench.current.configure(['/nothing']);
  const before = readFileSync(join(bench.current.bundle, 'config.json'), 'utf8');
  expectRefusal(bench.current, run(), /nothing/);
  expect(readFileSync(join(bench.current.bundle, 'config.json'), 'utf8')).toBe(before);
});
