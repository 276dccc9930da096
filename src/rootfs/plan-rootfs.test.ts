/** Golden outlines of plans, refusals, and every combination of namespaces. */
import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import {
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  MS_PRIVATE,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '../kernel/flags.ts';
import type { Config, Mount } from '../spec/config-types.ts';
import { defaultConfig } from '../spec/default-config.ts';
import { planRootfs, type RootfsInput } from './plan-rootfs.ts';
import type { MountBindStep, MountFileSystemStep, RootfsPlan, RootfsStep } from './rootfs-step.ts';

const noSuidDevExec = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

const input = (config: Config, more: Partial<RootfsInput> = {}): RootfsInput => ({
  config,
  bundle: '/b',
  namespaces: { mount: 'new', user: 'host', cgroup: 'new' },
  initialUserNamespace: true,
  privileged: true,
  noPivot: false,
  cgroupPath: '/sys/fs/cgroup/c',
  ...more,
});
const withMounts = (...mounts: Mount[]): Config => ({ ...defaultConfig, mounts });
const withLinux = (linux: object): Config => ({ ...defaultConfig, linux: { ...defaultConfig.linux, ...linux } });
const plan = (config: Config, more: Partial<RootfsInput> = {}): RootfsPlan => planRootfs(input(config, more));

function only<Kind extends RootfsStep['kind']>(steps: readonly RootfsStep[], kind: Kind) {
  return steps.filter((step): step is Extract<RootfsStep, { kind: Kind }> => step.kind === kind);
}

/** One line for each step: what a reviewer looks at. */
function outline(step: RootfsStep): string {
  if (!('target' in step)) return step.kind;
  const { path, parent, missing } = step.target;
  return `${step.kind} ${path}${parent === undefined ? '' : ` in ${parent}`}${missing ? ' (missing)' : ''}`;
}

function refusal(config: Config, more: Partial<RootfsInput> = {}): string {
  try {
    plan(config, more);
  } catch (error) {
    if (error instanceof RuntimeError) return `${error.fields.kind} ${error.message}`;
    throw error;
  }
  return 'accepted';
}

test('the default configuration', () => {
  const result = plan(defaultConfig);
  expect(result.hostSources).toEqual([]);
  expect(result.pivot).toEqual({ kind: 'pivotRoot', detachAsSlave: false });
  expect(result.beforePivot.map(outline)).toEqual([
    'clearUmask',
    'setTreePropagation',
    'mountRoot',
    'mountFileSystem /proc in /',
    'mountFileSystem /dev in /',
    'mountFileSystem /dev/pts in /dev (missing)',
    'mountFileSystem /dev/shm in /dev (missing)',
    'mountFileSystem /dev/mqueue in /dev (missing)',
    'mountFileSystem /sys in /',
    'mountFileSystem /sys/fs/cgroup in /sys',
    ...['null', 'random', 'full', 'tty', 'zero', 'urandom'].map((name) => `makeDevice /dev/${name} in /dev (missing)`),
    ...['fd', 'stdin', 'stdout', 'stderr', 'core', 'ptmx'].map((name) => `makeLink /dev/${name} in /dev (missing)`),
    'takeNull',
  ]);
  expect(result.afterPivot.map(outline)).toEqual([
    ...['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map((name) => `readonlyPath /proc/${name} in /proc`),
    ...['acpi', 'asound', 'kcore', 'keys', 'latency_stats', 'timer_list', 'timer_stats', 'sched_debug'].map(
      (name) => `maskPath /proc/${name} in /proc`,
    ),
    'maskPath /sys/firmware in /sys',
    'maskPath /proc/scsi in /proc',
    'readonlyRoot',
  ]);
});

test('parameters and attributes of the default mounts', () => {
  const mounts = only(plan(defaultConfig).beforePivot, 'mountFileSystem');
  const shown = mounts.map((step) => [
    step.fsType,
    step.parameters.map(({ key, value }) => (value === null ? key : `${key}=${value}`)).join(','),
    step.attributes,
    step.ordinaryDirectory,
  ]);
  expect(shown).toEqual([
    ['proc', 'source=proc', 0, true],
    ['tmpfs', 'source=tmpfs,mode=755,size=65536k', MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME, false],
    ['devpts', 'source=devpts,newinstance,ptmxmode=0666,mode=0620,gid=5', MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, false],
    ['tmpfs', 'source=shm,mode=1777,size=65536k', noSuidDevExec, false],
    ['mqueue', 'source=mqueue', noSuidDevExec, false],
    ['sysfs', 'source=sysfs', noSuidDevExec | MOUNT_ATTR_RDONLY, true],
    ['cgroup2', 'source=cgroup', noSuidDevExec | MOUNT_ATTR_RDONLY, false],
  ]);
});

test('ro of a superblock of its own goes to the superblock too, a tmpfs becomes read-only at the end', () => {
  const result = plan(
    withMounts(
      { destination: '/img', type: 'ext4', source: '/dev/x', options: ['ro', 'sync'] },
      { destination: '/t', type: 'tmpfs', options: ['ro'] },
    ),
  );
  const [ext4, tmpfs] = only(result.beforePivot, 'mountFileSystem');
  expect(ext4?.parameters.map(({ key }) => key)).toEqual(['source', 'ro', 'sync']);
  expect(ext4?.attributes).toBe(MOUNT_ATTR_RDONLY);
  expect(tmpfs).toMatchObject({ attributes: 0, parameters: [], modeOfTarget: true });
  expect(only(result.afterPivot, 'readonlyMount')).toEqual([
    { kind: 'readonlyMount', pointer: '/mounts/1', destination: '/t' },
  ]);
});

test('a read-only tmpfs that is covered becomes read-only before it is', () => {
  const result = plan(
    withMounts(
      { destination: '/t', type: 'tmpfs', options: ['ro'] },
      { destination: '/t', source: '/x', options: ['bind'] },
    ),
  );
  expect(result.beforePivot.slice(3, 6).map(({ kind }) => kind)).toEqual([
    'mountFileSystem',
    'readonlyMount',
    'mountBind',
  ]);
  expect(only(result.afterPivot, 'readonlyMount')).toEqual([]);
});

test('overlay layers that do not fit into one parameter are given one by one', () => {
  const layers = Array.from({ length: 9 }, (_, i) => `/layers/${String(i).repeat(40)}`);
  const result = plan(withMounts({ destination: '/o', type: 'overlay', options: [`lowerdir=${layers.join(':')}`] }));
  const [overlay] = only(result.beforePivot, 'mountFileSystem');
  expect(overlay?.parameters.map(({ key, value }) => `${key}=${value}`)).toEqual(
    layers.map((layer) => `lowerdir+=${layer}`),
  );
});

const bind = (...options: string[]): MountBindStep => {
  const [step] = only(plan(withMounts({ destination: '/d', source: 'x', options })).beforePivot, 'mountBind');
  if (step === undefined) throw new Error('no bind');
  return step;
};

test('bind mounts', () => {
  expect(bind('rbind')).toMatchObject({
    source: { kind: 'open', hostPath: '/b/x', recursive: true },
    attributes: undefined,
    clearUnasked: 0,
    propagation: [],
  });
  const step = bind('bind', 'ro', 'suid', 'rnoexec', 'rshared');
  expect(step.source.kind === 'open' && step.source.recursive).toBe(false);
  expect(step.attributes).toEqual({ set: MOUNT_ATTR_RDONLY, clear: MOUNT_ATTR_NOSUID });
  // Attributes that nobody named go too, as with mount(8), but not those that were named.
  expect(step.clearUnasked & (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID)).toBe(0);
  expect(step.clearUnasked & MOUNT_ATTR_NODEV).not.toBe(0);
  expect(step.recursiveAttributes).toEqual({ set: MOUNT_ATTR_NOEXEC, clear: 0 });
  expect(step.propagation).toEqual([{ propagation: MS_SHARED, recursive: true }]);
  const typed = plan(withMounts({ destination: '/d', type: 'bind', source: '/x' })).beforePivot;
  expect(only(typed, 'mountBind')).toHaveLength(1);
});

test('parameters of a file system on a bind mount have no effect, and that is said', () => {
  const { warnings } = plan(
    withMounts({ destination: '/d', source: '/x', options: ['bind', 'size=1', 'ro', 'quiet'] }),
  );
  expect(warnings).toEqual([
    '/mounts/0/options/1: "size=1" has no effect on a bind mount',
    '/mounts/0/options/3: "quiet" has no effect on a bind mount',
  ]);
});

test.each(['rsync', 'rasync', 'rdirsync', 'rmand', 'rnomand'])('%s is refused by name, on any mount', (option) => {
  const why = `"${option}" cannot be applied: ${option.slice(1)} is a flag of a whole file system`;
  for (const options of [['rbind', option], ['remount', 'bind', option], [option]]) {
    const message = refusal(withMounts({ destination: '/d', type: 'tmpfs', source: '/x', options }));
    expect(message).toContain(`/mounts/0/options/${options.length - 1}: ${why}`);
  }
  // With a value it is a parameter of the file system, which decides.
  expect(refusal(withMounts({ destination: '/d', type: 'tmpfs', options: [`${option}=1`] }))).toBe('accepted');
});

test('refusals name the place', () => {
  expect(refusal(withMounts({ destination: '/', type: 'tmpfs' }))).toContain('/mounts/0/destination');
  expect(refusal(withMounts({ destination: '/a/..', type: 'tmpfs' }))).toContain('/mounts/0/destination');
  expect(refusal(withMounts({ destination: '/d' }))).toContain('/mounts/0/type');
  expect(refusal(withMounts({ destination: '/d', options: ['bind'] }))).toContain('/mounts/0/source');
  expect(refusal(withMounts({ destination: '/d', type: 'proc', options: ['tmpcopyup'] }))).toContain('tmpcopyup');
  expect(refusal(withLinux({ maskedPaths: ['proc/kcore'] }))).toContain('/linux/maskedPaths/0');
  expect(refusal(withLinux({ maskedPaths: ['/..'] }))).toContain('/linux/maskedPaths/0');
  expect(refusal(withLinux({ devices: [{ type: 'c', path: '/dev/x', major: 4096, minor: 0 }] }))).toContain(
    '/linux/devices/0',
  );
  expect(refusal(withLinux({ rootfsPropagation: 'private' }), { noPivot: true })).toContain('/linux/rootfsPropagation');
});

test('parents are found by component, and a later mount covers what lies below it', () => {
  const tmpfs = (destination: string): Mount => ({ destination, type: 'tmpfs' });
  const list = (...destinations: string[]) =>
    only(plan(withMounts(...destinations.map(tmpfs))).beforePivot, 'mountFileSystem').map(outline);
  expect(list('/a', '/a/b', '/a/b', '/ab', '/a/b/c/d')).toEqual([
    'mountFileSystem /a in /',
    'mountFileSystem /a/b in /a (missing)',
    'mountFileSystem /a/b in /a',
    'mountFileSystem /ab in /',
    'mountFileSystem /a/b/c/d',
  ]);
  expect(list('/a/b', '/a', '/a/b/c')).toEqual([
    'mountFileSystem /a/b',
    'mountFileSystem /a in /',
    'mountFileSystem /a/b/c',
  ]);
  expect(list('x/../a//', '/a/./b')).toEqual(['mountFileSystem /a in /', 'mountFileSystem /a/b in /a (missing)']);
});

test('the cgroup directory is reached through a sysfs of ours only, with nothing mounted on the way', () => {
  const sysfs: Mount = { destination: '/sys', type: 'sysfs' };
  const cgroup: Mount = { destination: '/sys/fs/cgroup', type: 'cgroup' };
  const parentOf = (...list: Mount[]) =>
    only(plan(withMounts(...list)).beforePivot, 'mountFileSystem').at(-1)?.target.parent;
  expect(parentOf(sysfs, cgroup)).toBe('/sys');
  expect(parentOf(cgroup)).toBeUndefined();
  expect(parentOf({ destination: '/sys', source: '/sys', options: ['rbind'] }, cgroup)).toBeUndefined();
  expect(parentOf(sysfs, { destination: '/sys/fs', source: '/x', options: ['bind'] }, cgroup)).toBe('/sys/fs');
  expect(parentOf(sysfs, { destination: '/sys/x', source: '/x', options: ['bind'] }, cgroup)).toBeUndefined();
  expect(parentOf(sysfs, { destination: '/sys/x', source: '/x', options: ['bind'] }, sysfs, cgroup)).toBe('/sys');
});

test('a user namespace: the parent opens the root, bind sources and devices', () => {
  const config = withMounts({ destination: '/d', source: '/x', options: ['rbind', 'ro'] });
  const result = plan(config, { namespaces: { mount: 'new', user: 'new', cgroup: 'new' } });
  expect(result.hostSources.map(({ hostPath, recursive }) => [hostPath, recursive])).toEqual([
    ['/b/rootfs', true],
    ['/x', true],
    ...['null', 'random', 'full', 'tty', 'zero', 'urandom'].map((name) => [`/dev/${name}`, false]),
    ['/dev/null', false],
  ]);
  expect(only(result.beforePivot, 'makeDevice')).toEqual([]);
  const indexes = result.beforePivot.flatMap((step) =>
    'source' in step && step.source.kind === 'inherited' ? [step.source.index] : [],
  );
  expect(indexes).toEqual(result.hostSources.map((_, index) => index));
  expect(only(result.beforePivot, 'mountBind')[0]?.propagation).toEqual([{ propagation: MS_SLAVE, recursive: true }]);
  const nested = plan(defaultConfig, { initialUserNamespace: false });
  expect(nested.hostSources).toEqual([]);
  expect(only(nested.beforePivot, 'bindDevice')[0]?.source).toEqual({
    kind: 'open',
    hostPath: '/dev/null',
    recursive: false,
  });
});

test('without a cgroup namespace only the own subtree is shown, read-only [CVE-2023-25809]', () => {
  const config = withMounts({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['rw'] });
  const namespaces = { mount: 'new', user: 'host', cgroup: 'host' } as const;
  const [own] = only(plan(config, { namespaces }).beforePivot, 'mountBind');
  expect(own?.source.hostPath).toBe('/sys/fs/cgroup/c');
  expect(own?.attributes).toEqual({ set: MOUNT_ATTR_RDONLY, clear: 0 });
  expect((own?.clearUnasked ?? 0) & MOUNT_ATTR_RDONLY).toBe(0);
  const [mask] = only(plan(config, { namespaces, cgroupPath: undefined }).beforePivot, 'mountFileSystem');
  expect(mask).toMatchObject({ fsType: 'tmpfs' });
  expect((mask as MountFileSystemStep).attributes & MOUNT_ATTR_RDONLY).not.toBe(0);
});

test.each([
  ['', MS_SLAVE, true, undefined],
  ['slave', MS_SLAVE, true, undefined],
  ['rslave', MS_SLAVE, true, undefined],
  ['private', MS_PRIVATE, true, undefined],
  ['rprivate', MS_PRIVATE, true, undefined],
  ['shared', MS_SHARED, false, MS_SHARED],
  ['rshared', MS_SHARED, true, MS_SHARED],
  ['unbindable', MS_PRIVATE, true, MS_UNBINDABLE],
  ['runbindable', MS_PRIVATE, true, MS_UNBINDABLE],
])('rootfsPropagation "%s"', (rootfsPropagation, propagation, recursive, root) => {
  const result = plan(withLinux({ rootfsPropagation }));
  expect(only(result.beforePivot, 'setTreePropagation')).toEqual([
    { kind: 'setTreePropagation', propagation, recursive },
  ]);
  expect(only(result.afterPivot, 'setRootPropagation').map((step) => step.propagation)).toEqual(
    root === undefined ? [] : [root],
  );
  const shared = propagation === MS_SHARED;
  expect(only(result.beforePivot, 'mountRoot')[0]?.parentPrivate).toBe(shared);
  expect(result.pivot).toEqual({ kind: 'pivotRoot', detachAsSlave: shared });
});

test('devices: a listed one replaces the default one, ptmx is the link, a /dev of the engine is left alone', () => {
  const devices = [
    { type: 'b', path: '/dev/null', major: 7, minor: 1, fileMode: 0o100600, uid: 3 },
    { type: 'p', path: '/x/fifo' },
    { type: 'c', path: '/dev/ptmx', major: 5, minor: 2 },
  ] as const;
  const made = only(plan(withLinux({ devices })).beforePivot, 'makeDevice');
  expect(made.map((step) => step.target.path)).toEqual([
    ...['random', 'full', 'tty', 'zero', 'urandom'].map((name) => `/dev/${name}`),
    '/dev/null',
    '/x/fifo',
  ]);
  expect(made[5]).toMatchObject({ device: { type: 0o60000, major: 7, minor: 1 }, mode: 0o600, uid: 3, gid: 0 });
  const bound = plan(withMounts({ destination: '/dev/', source: '/dev', options: ['rbind'] })).beforePivot;
  expect([only(bound, 'makeDevice'), only(bound, 'makeLink')]).toEqual([[], []]);
});

test('doubles among hidden paths are left out', () => {
  const result = plan(withLinux({ maskedPaths: ['/a', '/a/', '/b/../a', '/c'], readonlyPaths: [] }));
  expect(only(result.afterPivot, 'maskPath').map((step) => step.target.path)).toEqual(['/a', '/c']);
  const none = plan(withLinux({ maskedPaths: [] }));
  expect(only(none.beforePivot, 'takeNull')).toEqual([]);
});

test('without a mount namespace what needs one is refused, and the rest is a chroot', () => {
  const namespaces = { mount: 'host', user: 'host', cgroup: 'new' } as const;
  const bare: Config = { ociVersion: '1.3.0', root: { path: 'rootfs' } };
  const result = plan(bare, { namespaces });
  expect(result.pivot).toEqual({ kind: 'chroot' });
  expect(result.beforePivot.map(({ kind }) => kind)).not.toContain('setTreePropagation');
  expect(only(result.beforePivot, 'openRoot')).toEqual([{ kind: 'openRoot', path: '/b/rootfs' }]);
  const refused: readonly (readonly [Config, string])[] = [
    [{ ...bare, linux: { maskedPaths: ['/x'] } }, '/linux/maskedPaths'],
    [{ ...bare, linux: { readonlyPaths: ['/x'] } }, '/linux/readonlyPaths'],
    [{ ...bare, linux: { rootfsPropagation: 'shared' } }, '/linux/rootfsPropagation'],
    [{ ...bare, root: { path: 'rootfs', readonly: true } }, '/root/readonly'],
    [{ ...bare, root: { path: '/' } }, '/root/path'],
  ];
  for (const [config, pointer] of refused) {
    expect(refusal(config, { namespaces })).toContain(`${pointer}: needs a mount namespace`);
  }
  const mounts = defaultConfig.mounts ?? [];
  const own = { mount: 'host', user: 'new', cgroup: 'new' } as const;
  expect(refusal({ ...bare, mounts }, { namespaces: own })).toContain('/mounts: needs a mount namespace');
});

test('mounts among the host’s are planned to be taken away, and are in no peer group of the host', () => {
  const namespaces = { mount: 'host', user: 'host', cgroup: 'new' } as const;
  const mounts = [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/d', source: '/x', options: ['rbind'] },
  ];
  const config: Config = { ociVersion: '1.3.0', root: { path: 'rootfs' }, mounts };
  const result = plan(config, { namespaces });
  expect(result.hostMounts).toBe(true);
  expect(only(result.beforePivot, 'mountFileSystem').map(({ fsType }) => fsType)).toEqual(['proc']);
  expect(only(result.beforePivot, 'mountBind')[0]?.propagation).toEqual([{ propagation: MS_SLAVE, recursive: true }]);
  expect(plan({ ...config, mounts: [] }, { namespaces }).hostMounts).toBe(false);
  expect(plan(config).hostMounts).toBe(false);
});

test('every combination of namespaces plans or is refused cleanly', () => {
  const modes = ['new', 'join', 'host'] as const;
  for (const mount of modes) {
    for (const user of modes) {
      for (const cgroup of modes) {
        for (const noPivot of [true, false]) {
          const more = { namespaces: { mount, user, cgroup }, noPivot };
          expect(refusal(defaultConfig, more)).toMatch(
            mount === 'host' ? /^spec \/(mounts|linux\/maskedPaths):/ : /^accepted$/,
          );
        }
      }
    }
  }
});

test('no-pivot moves the root', () => {
  expect(plan(defaultConfig, { noPivot: true }).pivot).toEqual({ kind: 'moveRoot', path: '/b/rootfs' });
});
