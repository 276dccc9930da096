/**
 * Attacks that other runtimes fell for, each named by its CVE: the container's root and processes are hostile, the host must
 * come out unchanged. A test here must be shown to trip on a weakened build before it is believed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const done = { status: 0, stdout: '', stderr: '' };

/** Killed and collected, so that the audit does not see its zombie. */
function end(child: ChildProcess): Promise<unknown> {
  const exited = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGKILL');
  return exited;
}

test('CVE-2019-5736: the host binary cannot be reached or written through /proc/*/exe', () => {
  const { binary } = bench.current;
  const before = { digest: digest(binary), mtime: statSync(binary).mtimeMs };
  bench.current.configure(['/bin/sleep', '1000']);
  expect(bench.current.create('a')).toEqual(done);
  const { pid } = bench.current.state('a');
  const link = spawnSync('readlink', [`/proc/${pid}/exe`], { encoding: 'utf8' }).stdout.trim();
  expect(link).not.toBe(binary);
  expect(() => writeFileSync(`/proc/${pid}/exe`, 'x', { flag: 'r+' })).toThrow(/EPERM|EROFS|ETXTBSY|EACCES/);
  bench.current.runt(['delete', '-f', 'a']);
  bench.current.configure(['/proc/self/exe'], () => {});
  bench.current.run('b', { timeoutMs: 5000 });
  expect({ digest: digest(binary), mtime: statSync(binary).mtimeMs }).toEqual(before);
});

test('CVE-2019-5736: an interpreter line that leads to /proc/self/exe', () => {
  writeFileSync(join(bench.current.rootfs, 'entry'), '#!/proc/self/exe\n');
  chmodSync(join(bench.current.rootfs, 'entry'), 0o755);
  const before = digest(bench.current.binary);
  bench.current.configure(['/entry']);
  bench.current.run('a', { timeoutMs: 5000 });
  expect(digest(bench.current.binary)).toBe(before);
});

test('CVE-2024-21626: descriptors of the caller and of the runtime never reach the container', () => {
  const { binary, stateRoot, bundle, directory } = bench.current;
  for (let number = 3; number <= 20; number++) {
    bench.current.configure(['/bin/pwd'], (config: Config) => {
      config.process.cwd = `/proc/self/fd/${number}`;
    });
    const planted = Array.from({ length: 15 }, (_, index) => `${index + 3}<${directory}`).join(' ');
    const result = spawnSync(
      'bash',
      ['-c', `exec ${planted}; exec '${binary}' --root '${stateRoot}' run -b '${bundle}' a`],
      { encoding: 'utf8' },
    );
    expect(result.status, `descriptor ${number}`).not.toBe(0);
    expect(result.stdout, `descriptor ${number}`).toBe('');
  }
  symlinkSync('/proc/self/fd/7/../../..', join(bench.current.rootfs, 'w'));
  bench.current.configure(['/bin/pwd'], (config: Config) => Object.assign(config.process, { cwd: '/w' }));
  expect(bench.current.run('a').stdout).not.toContain(directory);
});

test('CVE-2025-31133: masked paths are covered by the host’s own null device, whatever the root has at /dev/null', () => {
  const noDev = (config: Config) => {
    config.mounts = config.mounts.filter((each: { destination: string }) => !each.destination.startsWith('/dev'));
  };
  for (const plant of [
    (path: string) => symlinkSync('/proc/sys/kernel/core_pattern', path),
    (path: string) => writeFileSync(path, 'decoy'),
    (path: string) => spawnSync('mknod', [path, 'c', '1', '1']),
  ]) {
    const path = join(bench.current.rootfs, 'dev/null');
    spawnSync('rm', ['-f', path]);
    plant(path);
    bench.current.configure(['/bin/sh', '-c', 'stat -c %t:%T /proc/kcore'], noDev);
    const result = bench.current.run('a');
    if (result.status === 0) expect(result.stdout).toBe('1:3\n');
    spawnSync('rm', ['-f', path]);
  }
});

test('CVE-2025-52565: /dev/console and /dev/pts planted in the root do not misdirect the console', () => {
  const canary = join(bench.current.directory, 'canary');
  writeFileSync(canary, 'same');
  spawnSync('rmdir', [join(bench.current.rootfs, 'dev')]);
  mkdirSync(join(bench.current.rootfs, 'dev'), { recursive: true });
  symlinkSync(canary, join(bench.current.rootfs, 'dev/console'));
  for (const keep of [true, false]) {
    bench.current.configure(['/bin/tty'], (config: Config) => {
      config.process.terminal = true;
      if (!keep) config.mounts = config.mounts.filter((each: { destination: string }) => each.destination !== '/dev');
    });
    const result = bench.current.run('a');
    if (result.status === 0) expect(result.stdout).toMatch(/^\/dev\/(console|pts\/0)\r\n$/);
    expect(readFileSync(canary, 'utf8')).toBe('same');
    expect(statSync(canary).uid).toBe(0);
  }
});

test('CVE-2016-9962 and D4: a created container’s helper shows nothing of the host and has no descriptors to spare', () => {
  bench.current.configure(['/bin/sleep', '1000']);
  expect(bench.current.create('a')).toEqual(done);
  const { pid } = bench.current.state('a');
  for (const number of readdirSync(`/proc/${pid}/fd`)) {
    const target = spawnSync('readlink', [`/proc/${pid}/fd/${number}`], { encoding: 'utf8' }).stdout.trim();
    expect(target, `descriptor ${number}`).not.toContain(bench.current.bundle);
    expect(target, `descriptor ${number}`).not.toBe(bench.current.stateRoot);
  }
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
});

test('GHSA-g54h-m393-cpwq: an empty device list means deny', () => {
  for (const devices of [[], [{ allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' }]]) {
    const output = bench.current.script(
      'mknod /dev/m c 1 1 2>/dev/null && head -c1 /dev/m 2>&1 >/dev/null; echo x > /dev/null && echo fine',
      (config: Config) => {
        config.linux.resources.devices = devices;
        config.process.capabilities = Object.fromEntries(
          ['bounding', 'effective', 'permitted'].map((set) => [set, ['CAP_MKNOD', 'CAP_DAC_OVERRIDE']]),
        );
      },
    );
    expect(output).not.toMatch(/^.$/m);
    expect(output).toContain('fine');
  }
});

test('B16: no cgroupsPath names the root of the tree or leads out of it, and foreign processes survive delete --force', async () => {
  const bystander = spawn('sleep', ['1000'], { stdio: 'ignore' });
  try {
    for (const path of ['/', '.', '/.', '..', '/../x', '../../..', '/a/../..', '']) {
      bench.current.configure(['/bin/true'], (config: Config) => {
        config.linux.cgroupsPath = path;
      });
      const result = bench.current.run('a');
      if (path !== '')
        expect(result, path).toMatchObject({ status: 1, stderr: expect.stringContaining('/linux/cgroupsPath') });
      expect(bench.current.runt(['delete', '--force', 'a']).status, path).toBe(0);
      expect(existsSync(`/proc/${bystander.pid}/exe`), path).toBe(true);
    }
  } finally {
    await end(bystander);
  }
});

// [shows config-linux.md#control-groups/1]
test('a cgroup with foreign processes is refused, and they live on', async () => {
  const foreign = '/sys/fs/cgroup/runt-test-foreign';
  mkdirSync(foreign);
  const bystander = spawn('sleep', ['1000'], { stdio: 'ignore' });
  try {
    writeFileSync(join(foreign, 'cgroup.procs'), String(bystander.pid));
    bench.current.configure(['/bin/true'], (config: Config) =>
      Object.assign(config.linux, { cgroupsPath: '/runt-test-foreign' }),
    );
    expect(bench.current.run('a')).toMatchObject({ status: 1, stderr: expect.stringContaining('is not empty') });
    expect(bench.current.runt(['delete', '--force', 'a']).status).toBe(0);
    expect(existsSync(`/proc/${bystander.pid}/exe`)).toBe(true);
  } finally {
    await end(bystander);
    spawnSync('sh', ['-c', `for i in 1 2 3 4 5; do rmdir ${foreign} && break; sleep 0.1; done`]);
  }
});

test('CVE-2021-30465, CVE-2024-45310: mount destinations swapped during create never leave the root', async () => {
  const { directory } = bench.current;
  const shared = join(directory, 'shared');
  const canary = join(directory, 'canary');
  mkdirSync(join(shared, 'a/b'), { recursive: true });
  mkdirSync(canary);
  symlinkSync(`/../../../../../../../../../../../..${canary}`, join(shared, 'evil'));
  const attacker = join(directory, 'exchange');
  expect(spawnSync('cc', ['-O2', '-o', attacker, fileURLToPath(new URL('exchange.c', import.meta.url))]).status).toBe(
    0,
  );
  bench.current.configure(['/bin/true'], (config: Config) => {
    config.mounts.push({ destination: '/data', type: 'none', source: shared, options: ['bind'] });
    config.mounts.push({ destination: '/data/a/b/new', type: 'tmpfs', source: 'tmpfs', options: [] });
    config.mounts.push({ destination: '/data/a/b', type: 'tmpfs', source: 'tmpfs', options: [] });
  });
  const mountsBefore = readFileSync('/proc/self/mountinfo', 'utf8');
  const racer = spawn(attacker, [shared, 'a', 'evil'], { stdio: 'ignore' });
  try {
    for (let round = 0; round < 300; round++) bench.current.run('a');
  } finally {
    await end(racer);
  }
  expect(readdirSync(canary)).toEqual([]);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(mountsBefore);
}, 120_000);

test('CVE-2016-9962: with CAP_SYS_PTRACE the container never finds the host behind a process of exec', () => {
  const { directory, rootfs, stateRoot, binary, bundle } = bench.current;
  const canary = join(directory, 'canary');
  writeFileSync(canary, 'host');
  const source = fileURLToPath(new URL('steal-root.c', import.meta.url));
  expect(spawnSync('cc', ['-O2', '-static', '-o', join(rootfs, 'bin/steal-root'), source]).status).toBe(0);
  bench.current.configure(['/bin/steal-root', canary], (config: Config) => {
    for (const set of ['bounding', 'effective', 'permitted']) config.process.capabilities[set] = ['CAP_SYS_PTRACE'];
  });
  const found = join(directory, 'found');
  const run = `'${binary}' --root '${stateRoot}' run -d -b '${bundle}' a </dev/null >'${found}' 2>&1`;
  expect(spawnSync('sh', ['-c', run]).status).toBe(0);
  for (let round = 0; round < 100; round++) expect(bench.current.runt(['exec', 'a', '/bin/true'])).toEqual(done);
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
  expect(readFileSync(found, 'utf8')).toBe('');
}, 60_000);

test('a container that nests cgroups deeper than any stack or table of descriptors can be deleted', () => {
  const nest =
    'cd /sys/fs/cgroup; i=0; while [ $i -lt 1500 ]; do mkdir d && cd d || exit 1; i=$((i+1)); done; sleep 1000';
  bench.current.configure(['/bin/sh', '-c', nest], (config: Config) => {
    config.linux.namespaces = [...config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'cgroup')];
    config.linux.namespaces.push({ type: 'cgroup' });
    config.mounts = config.mounts.filter(({ type }: { type: string }) => type !== 'cgroup');
    config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['rw'] });
    config.linux.cgroupsPath = '/runt-test-nested';
  });
  expect(bench.current.create('a')).toEqual(done);
  expect(bench.current.detached(['start', 'a'])).toEqual(done);
  // A busy machine takes 14 ms for each of them.
  const deepest = `find /sys/fs/cgroup/runt-test-nested -type d | wc -l`;
  const wait = `for n in $(seq 900); do [ $(${deepest}) -gt 1500 ] && exit 0; sleep 0.1; done; exit 1`;
  expect(spawnSync('sh', ['-c', wait]).status).toBe(0);
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
}, 180_000);

test.each([
  ['with noNewPrivileges', true, []],
  ['without, and a filter that comes first', false, [6, 7, 8, 21]],
])('D4: a created container waits without the host’s powers, %s', (_name, noNewPrivileges, besides) => {
  bench.current.configure(['/bin/sleep', '1000'], (config: Config) => {
    config.process.noNewPrivileges = noNewPrivileges;
    config.process.user = { uid: 0, gid: 0 };
    if (!noNewPrivileges) config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
  });
  expect(bench.current.create('a')).toEqual(done);
  const { pid } = bench.current.state('a');
  // CAP_KILL, CAP_NET_BIND_SERVICE, CAP_AUDIT_WRITE: those of the configuration.
  const expected = [5, 10, 29, ...besides].reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);
  const wanted = `CapEff:\t${expected.toString(16).padStart(16, '0')}`;
  // create returns when the child is ready, a moment before it has given its powers away.
  const deadline = Date.now() + 5000;
  const status = () => readFileSync(`/proc/${pid}/status`, 'utf8');
  while (!status().includes(wanted) && Date.now() < deadline);
  expect(status()).toContain(wanted);
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
});
