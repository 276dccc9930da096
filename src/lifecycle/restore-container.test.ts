/**
 * restore on the fake kernel: what it does around criu, and that whatever fails leaves the host as it was, without a process.
 * [spec runtime.md#errors]
 */
import { describe, expect, test } from 'vitest';
import type { RestoreRequest } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { requestTypes } from '../checkpoint/criu-messages.ts';
import { formatMessage } from '../checkpoint/format-protobuf.ts';
import { cwdFd } from '../kernel/fd.ts';
import type { Config } from '../spec/config-types.ts';
import { globals, hostFiles, hostLines, plainConfig } from '../testing/containers.ts';
import { restoreRequest } from '../testing/criu-requests.ts';
import { createFakeKernel, type Fault } from '../testing/fake-kernel.ts';
import type { Tree } from '../testing/fake-world.ts';
import { restoreContainer } from './restore-container.ts';

type Answer = { readonly data: Uint8Array; readonly born?: number };

const answer = (
  type: keyof typeof requestTypes,
  success = true,
  more: Parameters<typeof formatMessage>[0] = [],
): Answer => ({
  data: formatMessage([{ number: 1, value: requestTypes[type] }, { number: 2, value: success }, ...more]),
});
const notify = (script: string): Answer => {
  const content = formatMessage([
    { number: 1, value: script },
    { number: 2, value: 100 },
  ]);
  return answer('NOTIFY', true, [{ number: 5, value: content }]);
};
const version = answer('VERSION', true, [
  {
    number: 10,
    value: formatMessage([
      { number: 1, value: 4 },
      { number: 2, value: 2 },
    ]),
  },
]);
const restored = { ...notify('post-restore'), born: 100 };
const well = [version, notify('setup-namespaces'), restored, notify('pre-resume'), answer('RESTORE')];

/** 102 is the criu that restores, after the one that was asked for its version and the one that made the mount points. */
const namespacesOf = (inode: number): Tree =>
  Object.fromEntries(
    ['time', 'pid', 'net', 'mnt', 'ipc', 'uts', 'user', 'cgroup'].map((name) => [
      name,
      { $link: `${name}:[${name === 'user' ? 1 : inode}]` },
    ]),
  );
const threadOf = (change: { cgroup?: string; capabilities?: string; children?: string } = {}): Tree => {
  const { cgroup = '/web', capabilities = '0000000000000020', children = '' } = change;
  const sets = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((set) => `${set}:\t${capabilities}\n`);
  const status = `Name:\tx\nState:\tt (tracing stop)\n${sets.join('')}NoNewPrivs:\t1\nSeccomp:\t0\n`;
  return { status, cgroup: `0::${cgroup}\n`, children };
};
const processOf = (pid: number, namespaces: Tree, thread: Tree): Tree => ({
  ns: namespaces,
  task: { [pid]: thread },
  uid_map: '',
  gid_map: '',
});
const processes: Tree = {
  self: { ns: namespacesOf(1) },
  '100': processOf(100, namespacesOf(2), threadOf({ children: '101 ' })),
  '101': processOf(101, namespacesOf(2), threadOf()),
  '102': { root: { $link: '/' }, cgroup: '0::/web\n', ns: namespacesOf(3) },
};

const images: Tree = {
  bin: { criu: 'ELF', sh: 'ELF' },
  images: { 'descriptors.json': '["/dev/null","pipe:[7]","pipe:[7]"]', 'restore.log': '(0.1) Error (x.c:1): no\n' },
};
const files: Tree = { ...hostFiles(plainConfig), ...images };

interface Host {
  readonly fault?: Fault;
  readonly request?: RestoreRequest;
  readonly processes?: Tree;
  readonly files?: Tree;
  readonly images?: Tree;
}

function play(answers: readonly Answer[], host: Host = {}) {
  const { fault, request = restoreRequest, images = {} } = host;
  const role = {
    name: 'parent' as const,
    inbox: [],
    peerEnded: true,
    outbox: [],
    gate: undefined,
    criu: [...answers],
    environment: ['PATH=relative:/usr/bin:/bin'],
  };
  const fake = createFakeKernel({
    files: { ...(host.files ?? files), images: { ...(files.images as Tree), ...images } },
    processes: { ...processes, ...host.processes },
    role,
    ...(fault && { fault }),
  });
  let error: unknown;
  try {
    restoreContainer(fake.kernel, globals, request, () => {});
  } catch (thrown) {
    error = thrown;
  }
  return { fake, error };
}

const before = hostLines(createFakeKernel({ files, processes }).world());

test('the container is there: record, configuration with the time namespace, pid file, cgroup', () => {
  const { fake, error } = play(well);
  expect(error).toBeUndefined();
  const world = fake.world();
  const find = (path: string) => world.find((line) => line.startsWith(`${path} `));
  expect(find('/tmp/pid')).toContain('100');
  expect(find('/sys/fs/cgroup/web')).toBeDefined();
  expect(find('/run/runt/web/state.json')).toBeDefined();
  expect(fake.children()).toEqual(['100 running']);
  expect(fake.trace.some((line) => line.startsWith('write(') && line.includes('{\\"type\\":\\"time\\"}'))).toBe(false);
  expect(fake.trace.filter((line) => line.startsWith('clone3(131072')).length).toBe(2);
});

test('nothing is mounted where the host could see it', () => {
  const { fake } = play(well);
  expect(fake.trace.filter((line) => line.startsWith('moveMount') || line.startsWith('mountSetattr'))).toEqual([]);
});

describe('what criu answers when it does not work', () => {
  const no = answer('RESTORE', false, [{ number: 7, value: 17 }]);
  test.each<[string, readonly Answer[], string]>([
    ['no', [version, no], 'criu failed: type RESTORE errno 17: Error (x.c:1): no: log file: /images/restore.log'],
    ['no, after it had made the process', [version, restored, no], 'criu failed: type RESTORE errno 17'],
    ['nothing', [version], 'criu ended without an answer to RESTORE'],
    ['nothing, after it had made the process', [version, restored], 'criu ended without an answer to RESTORE'],
    ['yes, but no process', [version, answer('RESTORE')], 'criu did not tell which process it restored'],
    ['rubbish', [version, { data: Uint8Array.of(8) }], 'a message from criu is cut off'],
    ['to another question', [version, answer('DUMP')], 'unable to parse the response of criu: type 1'],
    ['no version', [answer('VERSION')], 'criu did not tell its version'],
  ])('%s: said, and undone', (_, answers, message) => {
    const { fake, error } = play(answers);
    expect(String(error)).toContain(message);
    expect(fake.children()).toEqual([]);
    expect(hostLines(fake.world())).toEqual(before);
  });
});

describe('what is in no image is given again', () => {
  const hostWith = (change: Partial<NonNullable<Config['linux']>>, more: Tree = {}): Tree => {
    const config = { ...plainConfig, linux: { ...plainConfig.linux, ...change } };
    return { ...hostFiles(config), ...images, ...more };
  };
  const net = (name: string): Tree => ({ ...namespacesOf(2), net: { $link: `net:[${name}]` } });
  const inNetwork = {
    self: { ns: { ...namespacesOf(1), net: { $link: 'net:[1]' } } },
    '100': processOf(100, net('2'), threadOf()),
  };
  const named = (lines: readonly string[]) => lines.map((line) => line.split(' ')[2]);
  const devices = { netDevices: { eth0: { name: 'net0' }, eth1: { name: 'taken' } } };

  test('network devices, but for those that the images had', () => {
    const { fake, error } = play(well, { files: hostWith(devices), processes: inNetwork });
    expect(error).toBeUndefined();
    expect(named(fake.network())).toEqual(['lo', 'taken', 'net0']);
    expect(named(fake.world().filter((line) => line.startsWith('net:[1]')))).toEqual(['lo', 'eth1', 'br0']);
    expect(fake.descriptors().filter((name) => name.includes('net'))).toEqual([]);
  });

  test('a device that nobody has, and one that criu fails after: the host has its own again', () => {
    const missing = play(well, { files: hostWith({ netDevices: { eth9: { name: 'net9' } } }), processes: inNetwork });
    expect(String(missing.error)).toContain("there is no such device in the runtime's network namespace");
    const no = answer('RESTORE', false, [{ number: 7, value: 17 }]);
    const host = hostWith(devices);
    const untouched = hostLines(createFakeKernel({ files: host, processes: { ...processes, ...inNetwork } }).world());
    const { fake, error } = play([version, notify('setup-namespaces'), restored, no], {
      files: host,
      processes: inNetwork,
    });
    expect(String(error)).toContain('criu failed');
    expect(hostLines(fake.world())).toEqual(untouched);
  });

  const classOf = (lines: readonly string[]) =>
    lines.filter((line) => line.startsWith('/sys/fs/resctrl/') && /\/(tasks|schemata) /.test(line));

  test('the class of service: criu is in it before it makes a process', () => {
    const mounted = { sys: { fs: { resctrl: {} } } };
    const { fake, error } = play(well, { files: hostWith({ intelRdt: { l3CacheSchema: 'L3:0=f' } }, mounted) });
    expect(error).toBeUndefined();
    expect(
      classOf(fake.world()).some((line) => line.startsWith('/sys/fs/resctrl/web/tasks') && line.includes('102')),
    ).toBe(true);
    const record = fake.kernel.openat2(cwdFd, '/run/runt/web/state.json', 0, 0, 0);
    expect(fake.kernel.readAll(record, 65536)).toContain('"resctrl":{');
    const put = fake.trace.indexOf('write(<tasks>, "102")');
    const asked = fake.trace.findLastIndex((line) => line.startsWith('write(<socket>'));
    expect(put).toBeGreaterThan(0);
    expect(asked).toBeGreaterThan(put);
  });

  test('a restore that fails takes the class away again', () => {
    const host = hostWith({ intelRdt: {} }, { sys: { fs: { resctrl: {} } } });
    const { fake, error } = play([version], { files: host });
    expect(String(error)).toContain('criu ended without an answer to RESTORE');
    expect(classOf(fake.world()).filter((line) => line.startsWith('/sys/fs/resctrl/web'))).toEqual([]);
  });
});

test('no network devices is nothing to restore', () => {
  const config = { ...plainConfig, linux: { ...plainConfig.linux, netDevices: {} } };
  expect(play(well, { files: { ...hostFiles(config), ...images } }).error).toBeUndefined();
});

describe('images of somebody else: nothing of theirs goes on, and all is undone', () => {
  const host = (name: string): Tree => ({ ...namespacesOf(2), [name]: { $link: `${name}:[1]` } });
  const all = 'ffffffffffffffff';
  test.each<[string, Tree, string]>([
    ['in the network of the host', processOf(100, host('net'), threadOf()), 'process 100: it is in the net namespace'],
    ['with the mounts of the host', processOf(100, host('mnt'), threadOf()), 'it is in the mnt namespace'],
    [
      'with the mounts of criu',
      processOf(100, { ...namespacesOf(2), mnt: { $link: 'mnt:[3]' } }, threadOf()),
      'it is in the mnt namespace',
    ],
    ['in another cgroup', processOf(100, namespacesOf(2), threadOf({ cgroup: '/webshop' })), 'another cgroup'],
    ['with more capabilities', processOf(100, namespacesOf(2), threadOf({ capabilities: all })), 'not granted (CapInh'],
  ])('%s', (_, init, message) => {
    const { fake, error } = play(well, { processes: { '100': init } });
    expect(String(error)).toContain('the images are not of a container with this config.json: ');
    expect(String(error)).toContain(message);
    expect(fake.children()).toEqual([]);
    expect(hostLines(fake.world())).toEqual(before);
  });

  test('also where only a child is', () => {
    const { error } = play(well, { processes: { '101': processOf(101, host('pid'), threadOf()) } });
    expect(String(error)).toContain('process 101: it is in the pid namespace of the host');
  });

  test('a user namespace of its own gives a child all of them there', () => {
    const nested = { ...namespacesOf(2), user: { $link: 'user:[9]' } };
    const { error } = play(well, { processes: { '101': processOf(101, nested, threadOf({ capabilities: all })) } });
    expect(error).toBeUndefined();
  });

  test.each(['restore.log', 'pages-1.img'])('a link %s in the directory, which criu would follow', (name) => {
    const { fake, error } = play(well, { images: { [name]: { $link: '/etc/shadow' } } });
    expect(String(error)).toContain(`/images/${name}: is a link`);
    expect(fake.trace.some((line) => line.startsWith('clone3'))).toBe(false);
  });

  test.each([
    ['parent/pages-1.img: is a link', { first: { 'pages-1.img': { $link: '/etc/shadow' } } }],
    [
      'parent/parent/pages-1.img: is a link',
      { first: { parent: { $link: '../zero' } }, zero: { 'pages-1.img': { $link: '/etc/shadow' } } },
    ],
    ['parent: leads to more than 256 directories', { first: { parent: { $link: '.' } } }],
  ])('a link among the images of an earlier dump: %s', (message, images) => {
    const { fake, error } = play(well, { images: { parent: { $link: 'first' }, ...images } });
    expect(String(error)).toContain(`/images/${message}`);
    expect(fake.trace.some((line) => line.startsWith('clone3'))).toBe(false);
  });

  test('the link to an earlier dump is criu’s own', () => {
    expect(play(well, { images: { parent: { $link: '../before' } } }).error).toBeUndefined();
    expect(play(well, { images: { parent: { $link: 'first' }, first: { 'pages-1.img': 'x' } } }).error).toBeUndefined();
  });
});

test('no criu in PATH, and a relative entry is no place to look', () => {
  const { error } = play([], { request: { ...restoreRequest, id: 'x' } });
  expect(String(error)).toContain('criu ended without an answer to VERSION');
  const role = {
    name: 'parent' as const,
    inbox: [],
    peerEnded: true,
    outbox: [],
    gate: undefined,
    environment: ['PATH=bin:.:'],
  };
  const fake = createFakeKernel({ files, processes, role });
  expect(() => restoreContainer(fake.kernel, globals, restoreRequest, () => {})).toThrow(
    'criu was not found in PATH (bin:.:)',
  );
  expect(fake.trace.some((line) => line.startsWith('clone3'))).toBe(false);
});

describe('every call fails in turn', () => {
  const tolerated = new Set<string>();
  test.each([
    ['EIO', false],
    ['EPERM', false],
    ['EIO', true],
  ])('%s, for good: %j', (errno, sticky) => {
    let failures = 0;
    for (let at = 1; ; at++) {
      const { fake, error } = play(well, { fault: { at, errno, sticky } });
      const hit = fake.fired();
      if (hit === undefined) break;
      const what = `${errno} ${fake.trace[hit.index]}`;
      if (error === undefined) {
        tolerated.add(hit.name);
        continue;
      }
      failures += 1;
      expect(error, what).toBeInstanceOf(RuntimeError);
      const { fields, message } = error as RuntimeError;
      expect(fields.kind, `${what}: ${message}`).not.toBe('bug');
      expect(fake.children(), what).toEqual([]);
      if (!message.includes('not undone')) expect(hostLines(fake.world()), what).toEqual(before);
    }
    expect(failures).toBeGreaterThan(60);
    // Looks whose failure means no.
    for (const name of tolerated)
      expect(['statxOrErrno', 'openat2OrErrno', 'unlinkatOrErrno', 'faccessat2', 'readlinkat']).toContain(name);
  });
});
