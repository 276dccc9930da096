/**
 * linux.netDevices: real devices (veth pairs, a bridge) in a network namespace of the test's own, moved into containers and seen
 * from inside. [spec config-linux.md#network-devices]
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Result, useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();

/** A pair whose one end, v0, has a master, a MAC, an MTU, and addresses of every kind. */
const richDevice = [
  'ip link add br0 type bridge && ip link set br0 up',
  'ip link add v0 type veth peer name v1 && ip link set v1 up',
  'ip link set v0 mtu 1400 address 02:00:00:00:00:07 master br0 up',
  'ip addr add 10.1.2.3/24 dev v0 label v0:x',
  'ip addr add 10.4.4.4/24 dev v0 valid_lft 1000 preferred_lft 500',
  'ip addr add 10.9.9.9/32 dev v0 scope link',
  'ip -6 addr add fd00::7/64 dev v0 nodad',
  'ip -6 addr add fd00::8/64 dev v0 nodad valid_lft 1000 preferred_lft 500',
];

/** Runs lines of shell in a new network namespace, `runt` being the runtime under test with its state root. */
function inNetwork(lines: readonly string[]): Result {
  const { binary, stateRoot, bundle, directory } = bench.current;
  const script = join(directory, 'script');
  const runt = `runt() { '${binary}' --root '${stateRoot}' "$@" </dev/null; }; bundle='${bundle}'`;
  writeFileSync(script, ['set -eu', runt, ...lines].join('\n'));
  const result = spawnSync('unshare', ['--net', 'sh', script], { encoding: 'utf8', timeout: 20_000, cwd: directory });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

function configure(script: string, netDevices: object, change: (config: Config) => void = () => {}): void {
  bench.current.configure(['/bin/sh', '-c', script], (config) => {
    config.linux.netDevices = netDevices;
    change(config);
  });
}

const inside = `cat /sys/class/net/c0/mtu /sys/class/net/c0/address; ip -o addr show dev c0; ip link show c0 | head -1`;
const expectInside = (output: string) => {
  expect(output).toMatch(/^1400\n02:00:00:00:00:07\n/);
  expect(output).toContain('inet 10.1.2.3/24');
  expect(output).toContain('inet6 fd00::7/64');
  // Not permanent, or not of global scope.
  for (const address of ['10.4.4.4', '10.9.9.9', 'fd00::8']) expect(output).not.toContain(address);
  expect(output).toMatch(/<[A-Z,_-]*\bUP\b/);
};

// [shows config-linux.md#network-devices/1 config-linux.md#network-devices/5 config-linux.md#network-devices/6]
test('moved, renamed, up, with MTU, MAC and its permanent global addresses', () => {
  configure(inside, { v0: { name: 'c0' } });
  const result = inNetwork([...richDevice, 'runt run -b "$bundle" a', 'echo ---', 'ip link show v0 2>&1 || true']);
  expect(result).toMatchObject({ status: 0, stderr: '' });
  const [container, host] = result.stdout.split('---\n');
  expectInside(container ?? '');
  expect(host).toContain('does not exist');
});

test('into the namespace of a container with its own user namespace', () => {
  configure(inside, { v0: { name: 'c0' } }, (config) => {
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    config.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
  });
  spawnSync('chown', ['-hR', '100000:100000', bench.current.rootfs]);
  spawnSync('chmod', ['711', bench.current.directory]);
  const result = inNetwork([...richDevice, 'runt run --no-new-keyring -b "$bundle" a']);
  expect(result.stderr).toBe('');
  expectInside(result.stdout);
});

// [shows config-linux.md#network-devices/4]
test('a template: the kernel finds a free name', () => {
  configure('ls /sys/class/net', { v0: { name: 'net%d' }, v1: { name: 'net%d' }, v2: { name: '' } });
  const make = ['ip link add v0 type veth peer name v1', 'ip link add v2 type veth peer name v3'];
  expect(inNetwork([...make, 'runt run -b "$bundle" a'])).toEqual({
    status: 0,
    stdout: 'lo\nnet0\nnet1\nv2\n',
    stderr: '',
  });
});

test('createRuntime hooks see the devices in the container, and create is enough', () => {
  configure('true', { v0: {} }, (config) => {
    const args = [
      'sh',
      '-c',
      `pid=$(sed 's/.*"pid": *//; s/[^0-9].*//'); nsenter -t $pid -n ip -o link show v0 > seen`,
    ];
    config.hooks = { createRuntime: [{ path: '/bin/sh', args, env: [`PATH=${process.env.PATH}`] }] };
  });
  const lines = ['ip link add v0 type veth peer name v1', 'runt create -b "$bundle" a >log 2>&1', 'cat "$bundle/seen"'];
  const result = inNetwork([...lines, 'runt delete --force a']);
  expect(result.stdout).toMatch(/v0.*UP/);
});

// [shows config-linux.md#network-devices/3 config-linux.md#namespace-lifecycle-and-container-termination/1 config-linux.md#namespace-lifecycle-and-container-termination/2]
test('into a namespace that is joined, where a name is taken', () => {
  const lines = [
    'unshare --net sleep 60 & pid=$!',
    'while [ "$(readlink /proc/$pid/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done',
    'sed -i "s/JOINED/$pid/" "$bundle/config.json"',
    'nsenter -t $pid -n ip link add c0 type veth peer name c1',
    'ip link add v0 type veth peer name v1 && ip addr add 10.1.2.3/24 dev v0 && ip link set v0 up',
    'runt run -b "$bundle" a || echo refused',
    `ip -o addr show dev v0 | grep 10.1.2.3; ip link show v0 | head -1`,
    'nsenter -t $pid -n ip link del c0',
    'runt run -b "$bundle" a',
    // The namespace is not the container's own: it, and the device in it, outlive the container.
    'nsenter -t $pid -n ip -o link show c0; ip link show v0 2>&1 || true',
    '{ kill $pid; wait $pid; } 2>/dev/null || true',
  ];
  configure('ip -o addr show dev c0', { v0: { name: 'c0' } }, (config) => {
    config.linux.namespaces = config.linux.namespaces.filter((each: { type: string }) => each.type !== 'network');
    config.linux.namespaces.push({ type: 'network', path: '/proc/JOINED/ns/net' });
  });
  const { status, stdout, stderr } = inNetwork(lines);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^refused\n[^\n]*10\.1\.2\.3[^\n]*\n[^\n]*UP[^\n]*\n[^\n]*c0[^\n]*10\.1\.2\.3/);
  expect(stdout).toMatch(/c0@if\d+: <[^\n]*UP[^\n]*\n[^\n]*"?v0"? does not exist/);
  expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/netDevices\/v0: .*already has.* c0: .*EEXIST/)]);
});

const restored = [`{ ip -o link; ip -o addr; } | sed 's/ tentative//; s/ state [A-Z]*//; s/[0-9]*sec/sec/g' | sort`];

// [shows config-linux.md#network-devices/2]
test.each([
  ['a later device cannot be moved', { v0: { name: 'c0' }, zz: {} }, 'ip link add zz type bridge', /zz.*EINVAL/],
  [
    'a device is not there',
    { v0: { name: 'c0' }, v9: {} },
    ':',
    /\/linux\/netDevices\/v9: there is no such device.*ENODEV/,
  ],
  [
    'the program does not exist',
    { v0: { name: 'c0' } },
    `sed -i 's|/bin/sh|/nowhere|' "$bundle/config.json"`,
    /nowhere/,
  ],
  [
    'a hook fails',
    { v0: { name: 'c0' } },
    `sed -i 's|"linux":|"hooks":{"createRuntime":[{"path":"/bin/false"}]},"linux":|' "$bundle/config.json"`,
    /hook/,
  ],
])('%s: everything is as before', (_name, netDevices, prepare, message) => {
  configure('true', netDevices);
  const run = ['sleep 0.1', ...restored, 'echo ---', 'runt run -b "$bundle" a || true', ...restored];
  const result = inNetwork([...richDevice, prepare, ...run]);
  const [before, after] = result.stdout.split('---\n');
  expect(result.stderr).toMatch(message);
  expect(after).toBe(before);
  expect(before).toContain('10.9.9.9');
});

/** A pod's namespace with a process of another container, and a device that create has moved there when `hostile` runs in it. */
function failInPod(hostile: readonly string[]): Result {
  const { directory } = bench.current;
  const script = join(directory, 'hostile');
  writeFileSync(script, ['set -eu', ...hostile].join('\n'));
  configure('true', { v0: { name: 'c0' } }, (config) => {
    config.linux.namespaces = config.linux.namespaces.filter((each: { type: string }) => each.type !== 'network');
    config.linux.namespaces.push({ type: 'network', path: '/proc/JOINED/ns/net' });
    const args = ['sh', '-c', `nsenter -t JOINED -n sh ${script} >&2; exit 3`];
    config.hooks = { createRuntime: [{ path: '/bin/sh', args, env: [`PATH=${process.env.PATH}`] }] };
  });
  return inNetwork([
    'unshare --net sleep 60 & pid=$!',
    'while [ "$(readlink /proc/$pid/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done',
    'sed -i "s/JOINED/$pid/g" "$bundle/config.json"',
    'ip link add v0 type veth peer name v1 && ip addr add 10.1.2.3/24 dev v0 && ip link set v0 up',
    'runt run -b "$bundle" a || true',
    'ip -o link; ip -o addr; echo ---; nsenter -t $pid -n ip -o link',
    '{ kill $pid; wait $pid; } 2>/dev/null || true',
  ]);
}

test('create fails: it comes back out of a namespace that others are in', () => {
  const { stdout } = failInPod(['ip link show c0 >/dev/null']);
  const [host, pod] = stdout.split('---');
  expect(host).toMatch(/ v0(@v1)?: <[^>]*UP.* v0 +inet 10\.1\.2\.3/s);
  expect(pod).not.toContain('c0');
});

test('create fails, and others have put a device of theirs in its place: that stays with them', () => {
  const { stdout, stderr } = failInPod([
    'unshare --net sleep 5 & pid=$!',
    'while [ "$(readlink /proc/$pid/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done',
    'index=$(cat /sys/class/net/c0/ifindex 2>/dev/null || ip -o link show c0 | cut -d: -f1)',
    'ip link set c0 netns $pid',
    'ip link add c0 index $index type veth peer name theirs',
    'kill $pid',
  ]);
  const [host, pod] = stdout.split('---');
  expect(host).not.toMatch(/ v0[@:]/);
  expect(host).not.toContain('10.1.2.3');
  expect(pod).toContain(' c0@');
  expect(stderr).toMatch(/not undone: move the network devices back: .*v0.*is not where it was put/);
});

test.each([
  [
    'without a network namespace of its own',
    (config: Config) => {
      config.linux.namespaces = config.linux.namespaces.filter((each: { type: string }) => each.type !== 'network');
      config.mounts = config.mounts.filter((each: { type: string }) => each.type !== 'sysfs' && each.type !== 'cgroup');
    },
  ],
  [
    'in the namespace of the runtime, by path',
    (config: Config) => {
      config.linux.namespaces = config.linux.namespaces.filter((each: { type: string }) => each.type !== 'network');
      config.linux.namespaces.push({ type: 'network', path: '/proc/self/ns/net' });
    },
  ],
])('%s nothing is moved', (_name, change) => {
  configure('true', { v0: { name: 'c0' } }, change);
  const lines = ['ip link add v0 type veth peer name v1', 'runt run -b "$bundle" a || true', 'ip -o link show v0'];
  const result = inNetwork(lines);
  expect(result.stderr).toMatch(/\/linux\/netDevices: .*network namespace/);
  expect(result.stdout).toContain('v0');
});
