/** linux.namespaces, id mappings, hostname, domainname, sysctl. [spec config-linux.md#namespaces] */
import { spawn, spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';
import { type NamespaceKind, namespaceFiles } from '../harness/namespace-holder.ts';

const bench = useBench();
const without = (kind: NamespaceKind) => (config: Config) => {
  config.linux.namespaces = config.linux.namespaces.filter((each: { type: string }) => each.type !== kind);
};
const withPath = (kind: NamespaceKind, path: string) => (config: Config) => {
  without(kind)(config);
  config.linux.namespaces.push({ type: kind, path });
};
const userNamespace = (config: Config) => {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
  config.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
};
const links = `for n in ${Object.values(namespaceFiles).join(' ')}; do readlink /proc/self/ns/$n; done`;
const own = () => Object.values(namespaceFiles).map((file) => readlinkSync(`/proc/self/ns/${file}`));

// [shows config-linux.md#namespaces/2 config-linux.md#namespaces/6]
test('new where listed, the caller’s where not', () => {
  const inside = bench.current.script(links).trim().split('\n');
  const outside = own();
  expect(inside.map((link, index) => link !== outside[index])).toEqual([
    true,
    true,
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});

// [shows config-linux.md#namespaces/7]
test.each(['network', 'ipc', 'uts', 'pid', 'cgroup'] as const)('%s of the host', (kind) => {
  const output = bench.current.script(`readlink /proc/self/ns/${namespaceFiles[kind]}`, (config) => {
    without(kind)(config);
    if (kind === 'uts') delete config.hostname;
    if (kind === 'cgroup') config.mounts.pop();
    if (kind === 'network')
      config.mounts = config.mounts.filter((each: { type: string }) => each.type !== 'sysfs' && each.type !== 'cgroup');
  });
  expect(output.trim()).toBe(readlinkSync(`/proc/self/ns/${namespaceFiles[kind]}`));
});

test('time namespace', () => {
  const inside = bench.current.script('readlink /proc/self/ns/time', (config) =>
    config.linux.namespaces.push({ type: 'time' }),
  );
  expect(inside.trim()).not.toBe(readlinkSync('/proc/self/ns/time'));
});

// [shows config-linux.md#namespaces/4]
test.each(['network', 'ipc', 'uts', 'pid', 'mount', 'cgroup', 'time'] as const)('%s joined by path', async (kind) => {
  const flag = {
    network: '--net',
    ipc: '--ipc',
    uts: '--uts',
    pid: '--pid',
    mount: '--mount',
    cgroup: '--cgroup',
    time: '--time',
  }[kind];
  const holder = spawn('unshare', [flag, '--fork', '--kill-child', 'sleep', '1000'], { stdio: 'ignore' });
  try {
    const inner = await childOf(holder.pid ?? 0);
    const path = `/proc/${inner}/ns/${namespaceFiles[kind]}`;
    const expected = readlinkSync(path);
    const output = bench.current.script(`readlink /proc/self/ns/${namespaceFiles[kind]}`, (config) => {
      withPath(kind, path)(config);
      if (kind === 'uts') delete config.hostname;
    });
    expect(output.trim()).toBe(expected);
  } finally {
    holder.kill('SIGKILL');
    await new Promise((resolve) => holder.on('exit', resolve));
  }
});

test('user namespace: mapped root, devices still work, files are the mapped owner’s', () => {
  spawnSync('chown', ['-hR', '100000:100000', bench.current.rootfs]);
  spawnSync('chmod', ['711', bench.current.directory]);
  expect(
    bench.current.script(
      'id -u; cat /proc/self/uid_map | tr -s " "; cat /proc/self/setgroups; echo x > /dev/null && echo null; stat -c %u /bin; head -c1 /dev/zero | wc -c',
      userNamespace,
    ),
  ).toBe('0\n 0 100000 65536\nallow\nnull\n0\n1\n');
});

test('user namespace with another user inside', () => {
  expect(
    bench.current.script('id -u; id -G; grep CapEff /proc/self/status', (config) => {
      userNamespace(config);
      config.process.user = { uid: 1000, gid: 1000, additionalGids: [10] };
    }),
  ).toBe('1000\n1000 10\nCapEff:\t0000000000000000\n');
});

test('a bind mount works in a user namespace, whatever the source’s owner', () => {
  expect(
    bench.current.script('cat /data/passwd | head -1', (config) => {
      userNamespace(config);
      config.mounts.push({ destination: '/data', type: 'none', source: '/etc', options: ['rbind', 'ro'] });
    }),
  ).toMatch(/^root:/);
});

test('hostname and domainname', () => {
  expect(
    bench.current.script('hostname; cat /proc/sys/kernel/domainname', (config) => {
      config.hostname = 'box';
      config.domainname = 'example.org';
    }),
  ).toBe('box\nexample.org\n');
});

test('sysctl, with dots and with slashes', () => {
  expect(
    bench.current.script('cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni', (config) => {
      config.linux.sysctl = { 'net.ipv4.ip_forward': '1', 'kernel/shmmni': '100' };
    }),
  ).toBe('1\n100\n');
});

test.each([
  ['kernel.core_pattern', '/x'],
  ['net/../kernel/panic', '1'],
  ['kernel.hostname', 'x'],
])('sysctl %s is refused', (key, value) => {
  bench.current.configure(['/bin/true'], (config) => {
    config.linux.sysctl = { [key]: value };
  });
  expect(bench.current.run('a')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('/linux/sysctl'),
  });
});

// [shows config-linux.md#namespaces/5]
test.each([
  ['nonexistent', '/proc/999999/ns/net', /\/linux\/namespaces\/\d+.*no such file/],
  ['of another kind', '/proc/self/ns/uts', /\/linux\/namespaces\/\d+/],
  ['a regular file', '/etc/passwd', /\/linux\/namespaces\/\d+/],
])('a path that is %s is refused and nothing is left', (_name, path, expected) => {
  bench.current.configure(['/bin/true'], withPath('network', path));
  const result = bench.current.run('a');
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toMatch(expected);
});

test.each([
  [
    'network',
    'net',
    '/linux/sysctl/net.ipv4.conf.lo.log_martians',
    { linux: { 'net.ipv4.conf.lo.log_martians': '0' } },
  ],
  ['ipc', 'ipc', '/linux/sysctl/kernel.msgmax', { linux: { 'kernel.msgmax': '8192' } }],
  ['uts', 'uts', '/hostname', {}],
] as const)(
  'settings of a joined %s namespace that is the host’s own are refused',
  (kind, file, pointer, { linux }: { linux?: object }) => {
    const name = spawnSync('hostname', { encoding: 'utf8' }).stdout;
    bench.current.configure(['/bin/true'], (config) => {
      withPath(kind, `/proc/self/ns/${file}`)(config);
      if (linux !== undefined) config.linux.sysctl = linux;
      // Should it ever be carried out, nothing changes.
      config.hostname = name.trim();
    });
    const result = bench.current.run('a');
    expect(result).toMatchObject({ status: 1, stdout: '' });
    expect(result.stderr).toContain(pointer);
    expect(result.stderr).toContain('would change the host');
    expect(spawnSync('hostname', { encoding: 'utf8' }).stdout).toBe(name);
  },
);

test('loopback is up in a new network namespace', () => {
  expect(bench.current.script('ip link show lo | head -1')).toContain('UP');
});

async function childOf(pid: number): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const child = spawnSync('cat', [`/proc/${pid}/task/${pid}/children`], { encoding: 'utf8' }).stdout.trim();
    if (child !== '' && readlinkSync(`/proc/${child}/exe`).includes('sleep')) return Number(child);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the namespace holder did not start');
}
