/** The effects against a recording Kernel: which calls, in which order, and what becomes of their errors. */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, Fd } from '../kernel/fd.ts';
import { PROC_SUPER_MAGIC, S_IFCHR, S_IFDIR, S_IFLNK, S_IFREG, STATX_ATTR_MOUNT_ROOT } from '../kernel/flags.ts';
import type { Kernel, Stat } from '../kernel/kernel.ts';
import type { Config, Mount } from '../spec/config-types.ts';
import { defaultConfig } from '../spec/default-config.ts';
import { TMPFS_MAGIC } from '../testing/fake-world.ts';
import { bindConsole } from './apply-console-mount.ts';
import { openHostSources } from './apply-host-sources.ts';
import { applyRootfsStep } from './apply-rootfs-step.ts';
import { planRootfs, type RootfsInput } from './plan-rootfs.ts';
import { createRootfsState, parentMount, type RootfsState } from './rootfs-state.ts';
import type { RootfsPlan } from './rootfs-step.ts';

const directory: Stat = {
  mode: S_IFDIR | 0o755,
  uid: 0,
  gid: 0,
  nlink: 1,
  rdevMajor: 0,
  rdevMinor: 0,
  devMajor: 0,
  devMinor: 0,
  ino: 1,
  size: 0,
  mountId: 7,
  attributes: 0,
  mtimeSeconds: 0,
};
const file: Stat = { ...directory, mode: S_IFREG | 0o644 };
const link: Stat = { ...directory, mode: S_IFLNK | 0o777 };
const device = (major: number, minor: number): Stat => ({
  ...directory,
  mode: S_IFCHR | 0o666,
  rdevMajor: major,
  rdevMinor: minor,
});

/** What a call gives, by its line in the trace: an errno (text) or a value. A list is used up from the front. */
type Answers = { readonly [line: string]: unknown };

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

const makesFd = new Set(['openat2', 'openTree', 'fsopen', 'fsmount', 'fspick']);

/** Records every call as one line, with descriptors by name; answers with success unless told otherwise. */
function recordingKernel(answers: Answers = {}): { readonly kernel: Kernel; readonly trace: string[] } {
  const trace: string[] = [];
  const left = new Map(Object.entries(answers).map(([line, answer]) => [line, [answer].flat()]));
  let next = 100;
  const show = (value: unknown): string => {
    if (value instanceof Fd) return `<${value.path}>`;
    if (typeof value === 'number') return `0x${value.toString(16)}`;
    if (value !== null && typeof value === 'object') return JSON.stringify(value);
    return String(value);
  };
  const answer = (line: string): unknown => {
    const list = left.get(line);
    return list === undefined ? undefined : list.length > 1 ? list.shift() : list[0];
  };
  const call = (method: string, args: readonly unknown[]): unknown => {
    const name = method.replace('OrErrno', '');
    const orErrno = name !== method || name === 'faccessat2';
    const shown = args.map(show).join(' ');
    const line = shown === '' ? name : `${name} ${shown}`;
    trace.push(line);
    const told = answer(line) ?? answer(name);
    const isErrno = typeof told === 'string' && /^E[A-Z]+$/.test(told);
    if (isErrno) {
      if (orErrno) return told;
      throw new RuntimeError({ kind: 'kernel', syscall: name, errno: told });
    }
    if (told !== undefined) return told;
    if (makesFd.has(name)) return new Fd(next++, nameOf(name, args));
    if (name === 'statx') return directory;
    if (name === 'fstat') return (args[0] as Fd).path === '/dev/null' ? device(1, 3) : directory;
    if (name === 'fstatfs') return TMPFS_MAGIC;
    if (name === 'read') return new Uint8Array();
    return undefined;
  };
  const kernel = new Proxy(
    {},
    {
      get:
        (_, method: string) =>
        (...args: unknown[]) =>
          call(method, args),
    },
  );
  return { kernel: kernel as Kernel, trace };
}

function nameOf(method: string, args: readonly unknown[]): string {
  const [first, path] = args;
  if (method === 'fsopen') return `fs ${String(first)}`;
  if (!(first instanceof Fd)) return method;
  if (method === 'fsmount') return first.path.replace('fs ', '');
  if (path === '' || first === cwdFd) return path === '' ? `${first.path}'` : String(path);
  return String(path).startsWith('/') ? String(path) : `${first.path}/${String(path)}`;
}

const input = (config: Config, more: Partial<RootfsInput> = {}): RootfsInput => ({
  config,
  bundle: '/b',
  namespaces: { mount: 'new', user: 'host', cgroup: 'new' },
  initialUserNamespace: true,
  privileged: true,
  noPivot: false,
  cgroupPath: undefined,
  ...more,
});

const bare: Config = { ociVersion: '1.3.0', root: { path: 'r' } };

interface Ran {
  readonly trace: readonly string[];
  readonly error: string | undefined;
  readonly state: RootfsState;
  readonly kernel: Kernel;
}

/** The whole plan against the recording kernel, up to the first error; the trace begins after the root is mounted. */
function run(config: Config, answers: Answers = {}, more: Partial<RootfsInput> = {}): Ran {
  const plan: RootfsPlan = planRootfs(input(config, more));
  const { kernel, trace } = recordingKernel({ 'statx <.> / 0x0': { ...directory, mountId: 7 }, ...answers });
  const state = createRootfsState(openHostSources(kernel, plan, () => cwdFd));
  let error: string | undefined;
  let start = 0;
  for (const step of [...plan.beforePivot, plan.pivot, ...plan.afterPivot]) {
    try {
      applyRootfsStep(kernel, step, state);
    } catch (thrown) {
      if (!(thrown instanceof RuntimeError)) throw thrown;
      error = thrown.message;
      break;
    }
    if (step.kind === 'mountRoot') start = trace.length;
  }
  return { trace: trace.slice(start), error, state, kernel };
}

const mounts = (...list: Mount[]): Config => ({ ...bare, mounts: list });
const tmpfs = (destination: string, options: readonly string[] = ['mode=755']): Mount => ({
  destination,
  type: 'tmpfs',
  options,
});
const binding = (destination: string, options: readonly string[] = ['bind']): Mount => ({
  destination,
  source: '/s',
  options,
});

/** The part of a trace that a test is about. */
const about = (ran: Ran, ...words: string[]): string[] =>
  ran.trace.filter((line) => words.some((word) => line.startsWith(word)));

describe('the default configuration', () => {
  const ran = run(defaultConfig);

  test('as a trace', () => {
    expect(ran.error).toBeUndefined();
    expect(ran.trace).toMatchSnapshot();
  });

  test('takes few system calls, and no lookup inside the root', () => {
    expect(ran.trace.length).toBeLessThan(150);
    expect(about(ran, 'openat2')).toEqual([]);
  });
});

test('the root: separated, copied, attached over itself, compared after the switch', () => {
  const plan = planRootfs(input(bare));
  const { kernel, trace } = recordingKernel({ 'statx <.> / 0x0': { ...directory, mountId: 8 } });
  const state = createRootfsState([]);
  const steps = [...plan.beforePivot.slice(0, 3), plan.pivot];
  expect(() => {
    for (const step of steps) applyRootfsStep(kernel, step, state);
  }).toThrow('the root is mount 8 after the switch, and should be 7');
  expect(trace).toEqual([
    'umask 0x0',
    'mountSetattr <.> / 0x8000 {"set":0,"clear":0,"propagation":524288}',
    'openTree <.> /b/r 0x8101',
    'fstat </b/r>',
    'moveMount </b/r>  <.> /b/r 0x4',
    'fchdir </b/r>',
    'pivotRoot',
    'umount 0x2',
    'statx <.> / 0x0',
  ]);
});

test('the root must be a directory, and its way may be closed to a user namespace', () => {
  expect(run(bare, { 'fstat </b/r>': link }).error).toContain('/root/path: /b/r: must be a directory');
  expect(run(bare, { 'openTree <.> /b/r 0x8101': 'ENOENT' }).error).toMatch(/\/root\/path.*no such file/);
  const blocked = run(bare, { 'moveMount </b/r>  <.> /b/r 0x4': 'EACCES' });
  expect(blocked.error).toBeUndefined();
  const other = run(bare, { 'moveMount </b/r>  <.> /b/r 0x4': 'EINVAL' });
  expect(other.error).toContain('make /b/r the root: /root/path: /b/r: invalid argument');
});

describe('new file systems', () => {
  test('a target that is not in the image is made', () => {
    const answers = { 'moveMount <tmpfs>  </b/r> x 0x4': ['ENOENT', 0] };
    expect(about(run(mounts(tmpfs('/x')), answers), 'moveMount', 'mkdirat').slice(0, 3)).toEqual([
      'moveMount <tmpfs>  </b/r> x 0x4',
      'mkdirat </b/r> x 0x1ed',
      'moveMount <tmpfs>  </b/r> x 0x4',
    ]);
  });

  test('a link in the way is resolved inside the root', () => {
    const ran = run(mounts(tmpfs('/x')), { 'moveMount <tmpfs>  </b/r> x 0x4': 'EINVAL' });
    expect(ran.error).toBeUndefined();
    expect(about(ran, 'openat2', 'moveMount', 'fstatfs').slice(1, 4)).toEqual([
      'openat2 </b/r> /x 0x210000 0x0 0x12',
      'fstatfs </x>',
      'moveMount <tmpfs>  </x>  0x44',
    ]);
  });

  test('but never into /proc, and not at all for /proc itself', () => {
    const answers = { 'moveMount <tmpfs>  </b/r> x 0x4': 'EINVAL', 'fstatfs </x>': PROC_SUPER_MAGIC };
    expect(run(mounts(tmpfs('/x')), answers).error).toContain('/mounts/0: /x: leads into /proc');
    for (const errno of ['ELOOP', 'ENOTDIR']) {
      const proc = run(mounts({ destination: '/proc', type: 'proc' }), {
        'moveMount <proc>  </b/r> proc 0x4': 'EINVAL',
        'openat2 </b/r> /proc 0x210000 0x0 0x16': errno,
      });
      expect(proc.error).toContain('mount proc to /proc: /mounts/0: /proc: must be an ordinary directory');
    }
  });

  test('a tmpfs without mode takes that of the directory it covers', () => {
    const mode = { ...directory, mode: S_IFDIR | 0o1700 };
    const ran = run(mounts(tmpfs('/x', [])), { 'statx </b/r> x 0x100': mode });
    expect(ran.trace).toContain('fsconfig <fs tmpfs> 0x1 mode 1700 undefined');
    const none = run(mounts(tmpfs('/x', [])), { 'statx </b/r> x 0x100': 'ENOENT' });
    expect(about(none, 'fsconfig')).toEqual(['fsconfig <fs tmpfs> 0x6 null null undefined']);
  });

  test('the words of the kernel are in the error', () => {
    const ran = run(mounts(tmpfs('/x', ['mode=0', 'size=x'])), {
      'fsconfig <fs tmpfs> 0x1 size x undefined': 'EINVAL',
      read: [bytes('e tmpfs: Bad value\n'), 'ENODATA'],
    });
    expect(ran.error).toBe(
      'mount tmpfs to /x: /mounts/0/options/1: the kernel says: tmpfs: Bad value: invalid argument (EINVAL from fsconfig(2))',
    );
    expect(ran.trace.at(-1)).toBe('close <fs tmpfs>');
  });

  test('hints', () => {
    const proc = mounts({ destination: '/proc', type: 'proc' });
    expect(run(proc, { 'fsmount <fs proc> 0x1 0x0': 'EPERM' }).error).toMatch(/EPERM from fsmount.*pid namespace/);
    expect(run(mounts({ destination: '/x', type: 'nofs' }), { fsopen: 'ENODEV' }).error).toMatch(/mount nofs.*module/);
  });

  test('iversion is set where the file system knows it', () => {
    const ran = run(mounts(tmpfs('/x', ['mode=0', 'iversion'])), {
      'fsconfig <fs tmpfs> 0x0 iversion null undefined': 'EINVAL',
    });
    expect(ran.error).toBeUndefined();
  });

  test('ro of a tmpfs comes last, on the mount that was made', () => {
    const ran = run(mounts(tmpfs('/x', ['mode=0', 'ro'])));
    expect(ran.trace).toContain('fsmount <fs tmpfs> 0x1 0x0');
    expect(ran.trace.at(-1)).toBe('mountSetattr <tmpfs>  0x1000 {"set":1,"clear":0,"propagation":0}');
  });
});

describe('bind mounts', () => {
  test('attributes and propagation before it is attached', () => {
    const ran = run(mounts(binding('/x/y', ['rbind', 'ro', 'rnosuid', 'slave'])));
    expect(ran.trace.slice(0, 9)).toEqual([
      'openTree <.> /s 0x8001',
      'mountSetattr </s>  0x1000 {"set":1,"clear":2097166,"propagation":0}',
      'mountSetattr </s>  0x9000 {"set":2,"clear":0,"propagation":0}',
      'mountSetattr </s>  0x1000 {"set":0,"clear":0,"propagation":524288}',
      'openat2 </b/r> /x/y 0x200000 0x0 0x12',
      'fstat </x/y>',
      'fstatfs </x/y>',
      'moveMount </s>  </x/y>  0x44',
      'close </x/y>',
    ]);
  });

  test('attributes that are locked and that nobody asked to clear stay', () => {
    const whole = 'mountSetattr </s>  0x1000 {"set":1,"clear":2097166,"propagation":0}';
    const ran = run(mounts(binding('/x', ['bind', 'ro'])), { [whole]: 'EPERM' });
    expect(ran.error).toBeUndefined();
    expect(ran.trace).toContain('mountSetattr </s>  0x1000 {"set":1,"clear":0,"propagation":0}');
    const asked = run(mounts(binding('/x', ['bind', 'suid'])), { mountSetattr: [0, 'EPERM'] });
    expect(asked.error).toMatch(/bind \/s to \/x: \/mounts\/0.*EPERM.*locked/);
  });

  test('a missing target becomes what the source is, never opened for reading', () => {
    const answers = { 'openat2 </b/r> /x 0x200000 0x0 0x12': 'ENOENT' };
    expect(about(run(mounts(binding('/x')), answers), 'mkdirat', 'mknodat </> x')).toEqual(['mkdirat </> x 0x1ed']);
    const ofFile = run(mounts(binding('/x')), { ...answers, 'fstat </s>': file });
    expect(about(ofFile, 'mkdirat', 'mknodat </> x')).toEqual(['mknodat </> x 0x81a4 0x0 0x0']);
    expect(about(ofFile, 'openat2 </> x')).toEqual(['openat2 </> x 0x220000 0x0 0xc']);
  });

  test('the target of a dangling link is made inside the root', () => {
    const ran = run(mounts(binding('/etc/x')), {
      'openat2 </b/r> /etc/x 0x200000 0x0 0x12': 'ENOENT',
      'fstat </s>': file,
      'mknodat </etc> x 0x81a4 0x0 0x0': 'EEXIST',
      'fstat </etc/x>': link,
      'readlinkat </etc> x': '../run/x',
      'openat2 </b/r> /etc/../run/x 0x200000 0x0 0x12': 'ENOENT',
    });
    expect(ran.error).toBeUndefined();
    expect(ran.trace).toContain('mknodat </etc/../run> x 0x81a4 0x0 0x0');
  });

  test('links that go round end', () => {
    const ran = run(mounts(binding('/x')), {
      'openat2 </b/r> /x 0x200000 0x0 0x12': 'ENOENT',
      'openat2 </> x 0x230000 0x0 0xc': 'ELOOP',
      'readlinkat </> x': '/x',
      'openat2 </b/r> /x 0x210000 0x0 0x12': 'ENOENT',
    });
    expect(ran.error).toMatch(/ELOOP/);
  });

  test('a storm of renames is waited for, not for ever', () => {
    const line = 'openat2 </b/r> /x 0x200000 0x0 0x12';
    expect(run(mounts(binding('/x')), { [line]: ['EAGAIN', 'EAGAIN', new Fd(9, '/x')] }).error).toBeUndefined();
    const storm = run(mounts(binding('/x')), { [line]: 'EAGAIN' });
    expect(storm.error).toMatch(/EAGAIN/);
    expect(about(storm, 'openat2')).toHaveLength(128);
  });

  test('only a procfs is bound on /proc, and a file does not fit on a directory', () => {
    expect(run(mounts(binding('/proc'))).error).toContain('/s: is not a procfs');
    expect(run(mounts(binding('/proc')), { 'fstatfs </s>': PROC_SUPER_MAGIC }).error).toBeUndefined();
    const mismatch = run(mounts(binding('/x')), { 'moveMount </s>  </x>  0x44': 'EINVAL', 'fstat </s>': file });
    expect(mismatch.error).toMatch(/\/mounts\/0.*hint: \/s is no directory: perhaps \/x is one/);
    const linked = run(mounts(binding('/x')), { 'fstatfs </x>': PROC_SUPER_MAGIC });
    expect(linked.error).toContain('leads into /proc');
    const top = { ...directory, attributes: STATX_ATTR_MOUNT_ROOT };
    expect(run(mounts(binding('/x')), { 'fstat </x>': top }).error).toContain('leads to the root itself');
    expect(run(mounts(binding('/x')), { 'fstat </x>': { ...top, mountId: 9 } }).error).toBeUndefined();
  });
});

test('remount changes the mount that is there', () => {
  const config = mounts(tmpfs('/x'), { destination: '/x', options: ['remount', 'ro', 'size=1'] });
  expect(about(run(config), 'fspick', 'fsconfig <tmpfs', 'mountSetattr')).toEqual([
    'fspick <tmpfs>  0x9',
    "fsconfig <tmpfs'> 0x0 ro null undefined",
    "fsconfig <tmpfs'> 0x1 size 1 undefined",
    "fsconfig <tmpfs'> 0x7 null null undefined",
    'mountSetattr <tmpfs>  0x1000 {"set":1,"clear":2097166,"propagation":0}',
  ]);
  const nothing = run(mounts({ destination: '/y', options: ['remount', 'ro'] }), { fspick: 'EINVAL' });
  expect(nothing.error).toMatch(/remount \/y: \/mounts\/0.*nothing is mounted there/);
});

describe('devices', () => {
  const config = (more: object = {}): Config => ({
    ...mounts(tmpfs('/dev')),
    linux: { devices: [{ type: 'c', path: '/dev/null', major: 1, minor: 3, ...more }] },
  });
  const made = 'mknodat <tmpfs> null 0x21b6 0x1 0x3';

  test('one call, owner only if it is not root', () => {
    expect(about(run(config()), 'mknodat <tmpfs> null', 'fchown')).toEqual([made]);
    expect(about(run(config({ uid: 3 })), 'fchown')).toEqual(['fchown <tmpfs/null> 0x3 0x0']);
  });

  test('one that is there must be that device', () => {
    expect(run(config(), { [made]: 'EEXIST', 'statx <tmpfs> null 0x100': device(1, 3) }).error).toBeUndefined();
    expect(run(config(), { [made]: 'EEXIST', 'statx <tmpfs> null 0x100': device(1, 5) }).error).toBe(
      'make device /dev/null: /linux/devices/0: /dev/null: is there already and is not the device 1:3',
    );
  });

  test('an outer container without CAP_MKNOD: its node is bound, after a look at it', () => {
    const ran = run(config(), { [made]: 'EPERM' });
    expect(ran.error).toBeUndefined();
    expect(about(ran, 'openTree <.> /dev/null', 'moveMount </dev/null>')).toEqual([
      'openTree <.> /dev/null 0x1',
      'moveMount </dev/null>  <tmpfs> null 0x4',
    ]);
    expect(run(config(), { [made]: 'EPERM', 'fstat </dev/null>': file }).error).toContain('is not the device 1:3');
  });

  test('without a /dev of its own they are made in the one of the image, opened once', () => {
    const ran = run(bare);
    expect(about(ran, 'openat2')).toEqual(['openat2 </b/r> /dev 0x210000 0x0 0x12']);
    expect(about(ran, 'unlinkat')).toEqual(['unlinkat </dev> ptmx 0x0']);
    expect(run(bare, { 'unlinkat </dev> ptmx 0x0': 'EISDIR' }).error).toContain('make link /dev/ptmx');
  });

  test('links that are there stay, and core depends on the host', () => {
    const ran = run(mounts(tmpfs('/dev')), { symlinkat: 'EEXIST', faccessat2: 'ENOENT' });
    expect(ran.error).toBeUndefined();
    expect(about(ran, 'symlinkat').map((line) => line.split(' ').at(-1))).toEqual([
      'fd',
      'stdin',
      'stdout',
      'stderr',
      'ptmx',
    ]);
  });
});

describe('a user namespace', () => {
  const namespaces = { mount: 'new', user: 'new', cgroup: 'new' } as const;
  const nodes = Object.fromEntries(
    [
      ['random', 8],
      ['full', 7],
      ['zero', 5],
      ['urandom', 9],
    ].map(([name, minor]) => [`fstat </dev/${name}>`, device(1, minor as number)]),
  );
  const answers = { ...nodes, 'fstat </dev/tty>': device(5, 0) };

  test('the parent opens and verifies, the child separates and attaches', () => {
    const ran = run(mounts(binding('/x', ['rbind'])), answers, { namespaces });
    expect(ran.error).toBeUndefined();
    expect(ran.trace).not.toContainEqual(expect.stringContaining('openTree'));
    expect(ran.trace[0]).toBe('mountSetattr </s>  0x9000 {"set":0,"clear":0,"propagation":524288}');
    expect(ran.trace).toContain('moveMount </dev/tty>  </dev> tty 0x4');
  });

  test('a host source that is not what it should be stops before there is a child', () => {
    expect(() => run(bare, { ...answers, 'fstat </dev/full>': file }, { namespaces })).toThrow(
      'open /dev/full for the container: /dev/full: is not the device 1:7',
    );
    expect(() => run(mounts(binding('/x')), { ...answers, 'openTree <.> /s 0x1': 'ENOENT' }, { namespaces })).toThrow(
      /\/mounts\/0\/source.*no such file/,
    );
  });
});

describe('hidden paths', () => {
  const hidden = (linux: Config['linux']): Config => ({ ...mounts(tmpfs('/t')), linux: linux ?? {} });
  const masked = (...maskedPaths: string[]): Config => hidden({ maskedPaths });

  test('the first cover is attached, the others are copies of it', () => {
    const ran = run(masked('/t/a', '/t/b', '/t/c', '/t/d'), {
      'statx <tmpfs> a 0x100': file,
      'statx <tmpfs> b 0x100': file,
    });
    expect(ran.error).toBeUndefined();
    const late = ran.trace.slice(ran.trace.indexOf('pivotRoot'));
    expect(late.filter((line) => /^(moveMount|openTree|fsopen)/.test(line))).toEqual([
      'moveMount </dev/null>  <tmpfs> a 0x4',
      'openTree </dev/null>  0x1001',
      "moveMount </dev/null'>  <tmpfs> b 0x4",
      'fsopen tmpfs 0x1',
      'moveMount <tmpfs>  <tmpfs> c 0x4',
      'openTree <tmpfs>  0x1001',
      "moveMount <tmpfs'>  <tmpfs> d 0x4",
    ]);
  });

  test('the cover is the verified /dev/null, read-only', () => {
    expect(run(masked('/t/a'), { 'fstat </dev/null>': device(1, 1) }).error).toContain('is not the device 1:3');
    expect(run(masked('/t/a')).trace).toContain(
      'mountSetattr </dev/null>  0x1000 {"set":11,"clear":0,"propagation":0}',
    );
  });

  test('what is not there costs one call', () => {
    const ran = run(masked('/t/a', '/x/y/z'), {
      'statx <tmpfs> a 0x100': 'ENOENT',
      'openat2 </b/r> /x/y/z 0x200000 0x0 0x12': 'ENOTDIR',
    });
    expect(ran.error).toBeUndefined();
    expect(ran.trace.slice(-2)).toEqual(['statx <tmpfs> a 0x100', 'openat2 </b/r> /x/y/z 0x200000 0x0 0x12']);
    const readonly = run(hidden({ readonlyPaths: ['/t/a'] }), { 'openTree <tmpfs> a 0x8101': 'ENOENT' });
    expect(readonly.error).toBeUndefined();
    expect(readonly.trace.at(-1)).toBe('openTree <tmpfs> a 0x8101');
  });

  test('links are followed inside the root, errors are not swallowed', () => {
    const ran = run(masked('/t/a'), { 'statx <tmpfs> a 0x100': link });
    expect(ran.trace).toContain('openat2 </b/r> /t/a 0x200000 0x0 0x12');
    expect(run(masked('/x/y'), { 'openat2 </b/r> /x/y 0x200000 0x0 0x12': 'ELOOP' }).error).toMatch(
      /mask \/x\/y: \/linux\/maskedPaths\/0.*ELOOP/,
    );
    expect(run(masked('/t/a'), { 'moveMount <tmpfs>  <tmpfs> a 0x4': 'EPERM' }).error).toMatch(/mask \/t\/a.*EPERM/);
  });

  test('read-only paths are read-only before they are attached', () => {
    const ran = run(hidden({ readonlyPaths: ['/t/a', '/x/y'] }));
    const late = ran.trace.slice(ran.trace.indexOf('openTree <tmpfs> a 0x8101'));
    expect(late).toEqual([
      'openTree <tmpfs> a 0x8101',
      'mountSetattr <tmpfs/a>  0x1000 {"set":1,"clear":0,"propagation":0}',
      'moveMount <tmpfs/a>  <tmpfs> a 0x4',
      'close <tmpfs/a>',
      'openat2 </b/r> /x/y 0x200000 0x0 0x12',
      'openTree </x/y>  0x9001',
      'mountSetattr </x/y\'>  0x1000 {"set":1,"clear":0,"propagation":0}',
      "moveMount </x/y'>  </x/y>  0x44",
      'close </x/y>',
      "close </x/y'>",
    ]);
  });
});

test('the console is bound by descriptor, in the /dev that was mounted', () => {
  const ran = run(mounts(tmpfs('/dev')));
  const { kernel, trace } = recordingKernel();
  bindConsole(kernel, new Fd<'object'>(50, 'slave'), ran.state);
  expect(trace).toEqual([
    'mknodat <tmpfs> console 0x81a4 0x0 0x0',
    'openTree <slave>  0x1001',
    "moveMount <slave'>  <tmpfs> console 0x4",
    "close <slave'>",
  ]);
});

test('no-pivot takes the host’s procfs and sysfs away first', () => {
  const mountinfo = [
    '1 0 8:1 / / rw - ext4 x rw',
    '2 1 0:5 / /proc rw - proc proc rw',
    '3 1 0:6 /sub /other rw - proc proc rw',
    '4 1 0:7 / /a\\040b rw shared:1 - sysfs sysfs rw',
    '5 1 0:8 / /b/r/proc rw - proc proc rw',
    '',
  ].join('\n');
  const ran = run(bare, { readAll: mountinfo, umount: [0, 'EPERM'] }, { noPivot: true });
  expect(ran.error).toBeUndefined();
  expect(about(ran, 'umount', 'chroot', 'moveMount', 'fchdir')).toEqual([
    'fchdir </proc>',
    'umount 0x2',
    'fchdir </a b>',
    'umount 0x2',
    'moveMount <tmpfs>  <.> /a b 0x4',
    'moveMount </b/r>  <.> / 0x4',
    'fchdir </b/r>',
    'chroot',
  ]);
});

test('shared: the mount that holds the root is found and made private, the old root is detached as slave', () => {
  const config: Config = { ...bare, linux: { rootfsPropagation: 'shared' } };
  const privately = '{"set":0,"clear":0,"propagation":262144}';
  const plan = planRootfs(input(config));
  const { kernel, trace } = recordingKernel({ [`mountSetattr </b/r>  0x1000 ${privately}`]: 'EINVAL' });
  const state = createRootfsState([]);
  for (const step of [...plan.beforePivot.slice(0, 3), plan.pivot, ...plan.afterPivot])
    applyRootfsStep(kernel, step, state);
  expect(trace.slice(2, 7)).toEqual([
    'openat2 <.> /b/r 0x230000 0x0 0x0',
    `mountSetattr </b/r>  0x1000 ${privately}`,
    'openat2 </b/r> .. 0x210000 0x0 0x0',
    'close </b/r>',
    `mountSetattr </b/r/..>  0x1000 ${privately}`,
  ]);
  expect(trace.slice(-6)).toEqual([
    'pivotRoot',
    'mountSetattr </>  0x9000 {"set":0,"clear":0,"propagation":524288}',
    'close </>',
    'umount 0x2',
    'statx <.> / 0x0',
    'mountSetattr </b/r>  0x1000 {"set":0,"clear":0,"propagation":1048576}',
  ]);
});

test('state: a target outside of our mounts has no parent', () => {
  const state = createRootfsState([]);
  expect(parentMount(state, { path: '/x/y', parent: undefined, name: 'y', missing: false })).toBeUndefined();
});
