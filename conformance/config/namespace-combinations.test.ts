/**
 * Namespaces that are new, joined or the host's, in combination: every pair of (kind, mode) occurs in at least one container, with
 * joined ones that belong to the host's user namespace and to another. Then what programs notice of what is joined.
 * All 6561 combinations are planned by src/plan/plan-container.test.ts. [spec config-linux.md#namespaces]
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';
import {
  holdNamespaces,
  hostLink,
  mappedRoot,
  type NamespaceHolder,
  type NamespaceKind,
  namespaceFiles,
  namespaceKinds,
} from '../harness/namespace-holder.ts';

type Mode = 'new' | 'join' | 'host';
type Combination = { readonly [kind in NamespaceKind]: Mode };
const modes: readonly Mode[] = ['new', 'join', 'host'];

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };
const holders: NamespaceHolder[] = [];
async function hold(withUser: boolean, script?: string): Promise<NamespaceHolder> {
  const holder = await holdNamespaces(withUser, script);
  holders.push(holder);
  return holder;
}
afterEach(async () => {
  for (const holder of holders.splice(0)) await holder.end();
});

/** Greedy: each row takes the mode that covers most pairs which no row before has. */
function coveringRows(): readonly Combination[] {
  const pair = (a: string, x: Mode, b: string, y: Mode): string =>
    a < b ? `${a}:${x} ${b}:${y}` : `${b}:${y} ${a}:${x}`;
  const missing = new Set<string>();
  for (const a of namespaceKinds)
    for (const b of namespaceKinds)
      if (a < b) for (const x of modes) for (const y of modes) missing.add(pair(a, x, b, y));
  const rows: Combination[] = [];
  while (missing.size > 0) {
    const row: Partial<Record<NamespaceKind, Mode>> = {};
    const [first = ''] = missing;
    for (const part of first.split(' ')) {
      const [kind, mode] = part.split(':') as [NamespaceKind, Mode];
      row[kind] = mode;
    }
    for (const kind of namespaceKinds) {
      if (row[kind] !== undefined) continue;
      const gain = (mode: Mode): number =>
        Object.entries(row).filter(([other, its]) => missing.has(pair(kind, mode, other, its))).length;
      row[kind] = modes.reduce((best, mode) => (gain(mode) > gain(best) ? mode : best));
    }
    for (const [a, x] of Object.entries(row))
      for (const [b, y] of Object.entries(row)) if (a < b) missing.delete(pair(a, x, b, y));
    rows.push(row as Combination);
  }
  return rows;
}

const mapping = [{ containerID: 0, hostID: mappedRoot, size: 65536 }];

/** The least that starts with any namespaces. Joined ones are those of `holder`, the user namespace that of `users`. */
function combine(config: Config, row: Combination, holder: NamespaceHolder, users: NamespaceHolder): void {
  config.mounts = row.mount === 'host' ? [] : [{ destination: '/dev', type: 'tmpfs', source: 'tmpfs' }];
  config.root.readonly = false;
  config.process.terminal = false;
  delete config.hostname;
  delete config.linux.maskedPaths;
  delete config.linux.readonlyPaths;
  config.linux.namespaces = namespaceKinds
    .filter((kind) => row[kind] !== 'host')
    .map((type) => ({
      type,
      ...(row[type] === 'join' && { path: (type === 'user' ? users : holder).path(type) }),
    }));
  if (row.user === 'new') Object.assign(config.linux, { uidMappings: mapping, gidMappings: mapping });
}

const name = (row: Combination): string => namespaceKinds.map((kind) => `${kind}:${row[kind]}`).join(' ');

test.each(coveringRows().map((row) => [name(row), row] as const))('%s', async (_, row) => {
  spawnSync('chown', ['-hR', `${mappedRoot}:${mappedRoot}`, bench.current.rootfs]);
  // Without a mount namespace the container's root walks to its root directory itself.
  for (const above of [join(bench.current.directory, '..'), bench.current.directory]) chmodSync(above, 0o711);
  for (const ofUser of [false, true]) {
    // Always fresh ones: a container that joins a mount namespace changes it.
    const [holder, users] = [await hold(ofUser), await hold(true)];
    bench.current.configure(['/bin/true'], (config) => combine(config, row, holder, ofUser ? holder : users));
    const created = bench.current.create('a', ['--no-new-keyring']);
    // Only who owns a mount namespace may mount in it: the host's root, or a user namespace that is joined with it.
    if (row.mount === 'join' && row.user !== 'host' && !(ofUser && row.user === 'join')) {
      expect(created).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('belongs to another user namespace'),
      });
      continue;
    }
    expect(created, name(row)).toEqual(done);
    const { pid } = bench.current.state('a');
    for (const kind of namespaceKinds) {
      const inside = readlinkSync(`/proc/${pid}/ns/${namespaceFiles[kind]}`);
      const joined = (kind === 'user' && !ofUser ? users : holder).link(kind);
      if (row[kind] === 'host') expect(inside, kind).toBe(hostLink(kind));
      else if (row[kind] === 'join') expect(inside, kind).toBe(joined);
      else expect([hostLink(kind), joined], kind).not.toContain(inside);
    }
    expect(bench.current.runt(['start', 'a'])).toEqual(done);
    expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
  }
});

/** One container with these kinds joined and the other ones of the default configuration. */
const joining =
  (holder: NamespaceHolder, ...kinds: readonly NamespaceKind[]) =>
  (config: Config): void => {
    const others = config.linux.namespaces.filter(({ type }: { type: NamespaceKind }) => !kinds.includes(type));
    config.linux.namespaces = [...others, ...kinds.map((type) => ({ type, path: holder.path(type) }))];
    if (kinds.includes('uts')) delete config.hostname;
  };

test('joined pid, new mount: a new /proc shows the processes of the namespace', async () => {
  const holder = await hold(false);
  const seen = bench.current.script(
    'cat /proc/1/cmdline | tr "\\0" " "; echo $$ > /dev/null; ls -d /proc/2',
    joining(holder, 'pid'),
  );
  expect(seen).toContain('/bin/busybox sleep 1000');
});

test('joined ipc: its shared memory limits and message queues are there', async () => {
  const holder = await hold(false, 'echo 77 > /proc/sys/kernel/msgmni');
  expect(bench.current.script('cat /proc/sys/kernel/msgmni', joining(holder, 'ipc'))).toBe('77\n');
});

test('joined uts: its name; the property hostname renames it', async () => {
  const holder = await hold(false, '/bin/busybox hostname held');
  expect(bench.current.script('hostname', joining(holder, 'uts'))).toBe('held\n');
  const rename = (config: Config): void => {
    joining(holder, 'uts')(config);
    config.hostname = 'renamed';
  };
  expect(bench.current.script('hostname', rename)).toBe('renamed\n');
  expect(bench.current.script('hostname', joining(holder, 'uts'))).toBe('renamed\n');
});

test('joined time: its clock, for init and for exec', async () => {
  const holder = await hold(false);
  const days = 'cut -d. -f1 /proc/uptime';
  expect(Number(bench.current.script(days, joining(holder, 'time')))).toBeGreaterThan(1_000_000);
  bench.current.configure(['/bin/sleep', '1000'], joining(holder, 'time'));
  expect(bench.current.create('a')).toEqual(done);
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  const inside = bench.current.runt(['exec', 'a', '/bin/sh', '-c', days]);
  expect(Number(inside.stdout)).toBeGreaterThan(1_000_000);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('joined cgroup: paths are seen from its root', async () => {
  const holder = await hold(false);
  const inside = bench.current.script('cat /proc/self/cgroup | grep ^0', joining(holder, 'cgroup'));
  const [own = ''] = readFileSync('/proc/self/cgroup', 'utf8').match(/^0::.*$/m) ?? [];
  // The holder's root is the cgroup of the tests: the container's lies beside it.
  expect(inside.trim()).toMatch(/^0::\/\.\.\//);
  expect(own).toBe('0::/harness');
});

test('joined network with a new user namespace: its interfaces, which only its owner may change', async () => {
  const holder = await hold(false, '/bin/busybox ip link set lo up; /bin/busybox ip addr add 10.77.0.1/32 dev lo');
  chmodSync(bench.current.directory, 0o711);
  const change = (config: Config): void => {
    joining(holder, 'network')(config);
    config.linux.namespaces.push({ type: 'user' });
    Object.assign(config.linux, { uidMappings: mapping, gidMappings: mapping });
    config.mounts = config.mounts.filter(({ type }: { type: string }) => type !== 'sysfs' && type !== 'cgroup');
    for (const set of ['bounding', 'effective', 'permitted']) config.process.capabilities[set] = ['CAP_NET_ADMIN'];
  };
  const seen = bench.current.script('ip addr show dev lo | grep -o 10.77.0.1; ip link set lo down 2>&1; id -u', change);
  expect(seen).toMatch(/^10\.77\.0\.1\n.*not permitted\n0\n$/s);
});

test('joined user with new others: they belong to it, and its root is ours', async () => {
  const holder = await hold(true);
  chmodSync(bench.current.directory, 0o711);
  const change = (config: Config): void => {
    joining(holder, 'user')(config);
    for (const set of ['bounding', 'effective', 'permitted']) config.process.capabilities[set] = ['CAP_NET_ADMIN'];
  };
  const script =
    'cat /proc/self/uid_map | tr -s " "; cat /proc/self/setgroups; id -u; ip link set lo down && echo changed';
  expect(bench.current.script(script, change)).toBe(` 0 ${mappedRoot} 65536\nallow\n0\nchanged\n`);
});

test('all of one holder’s together, user and mount too', async () => {
  const holder = await hold(true);
  expect(spawnSync('nsenter', ['-t', String(holder.pid), '-u', 'hostname', 'held']).status).toBe(0);
  chmodSync(bench.current.directory, 0o711);
  spawnSync('chown', ['-hR', `${mappedRoot}:${mappedRoot}`, bench.current.rootfs]);
  const seen = bench.current.script(
    'hostname; cat /proc/1/cmdline | tr "\\0" " "; for n in /proc/self/ns/*; do readlink $n; done',
    (config) => {
      joining(holder, ...namespaceKinds)(config);
      config.mounts = config.mounts.filter(({ type }: { type: string }) => type === 'proc' || type === 'tmpfs');
      delete config.linux.maskedPaths;
      delete config.linux.readonlyPaths;
    },
  );
  expect(seen).toMatch(/^held\n\/bin\/busybox sleep 1000/);
  for (const kind of namespaceKinds) expect(seen, kind).toContain(holder.link(kind));
});
