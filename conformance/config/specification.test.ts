/**
 * Sentences of the specification that no other test of this folder shows: order of mounts, where hooks run and when, what is
 * ignored, what delete takes away. The marks name the sentences (conformance/coverage.md).
 */
import { existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { validateState } from '../../src/spec/generated/validate.js';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };
const log = () => join(bench.current.rootfs, 'data/log');
const lines = () => readFileSync(log(), 'utf8').trim().split('\n');
const tmpfs = (destination: string) => ({ destination, type: 'tmpfs', source: 'tmpfs' });

// [shows config.md#mounts/1]
test('mounts come in the listed order: a later one covers an earlier one below it', () => {
  const seen = (...destinations: string[]) =>
    bench.current.script(
      'grep -c " /data/below " /proc/self/mountinfo; ls -d /data/below 2>/dev/null; true',
      (config) => config.mounts.push(...destinations.map(tmpfs)),
    );
  expect(seen('/data', '/data/below')).toBe('1\n/data/below\n');
  expect(seen('/data/below', '/data')).toBe('1\n');
});

// [shows config.md#mounts/3 config.md#mounts/4]
test('a relative destination is one from "/"', () => {
  const type = 'awk \'$2 == "/data/x" { print $3 }\' /proc/mounts';
  for (const destination of ['/data/x', 'data/x']) {
    bench.current.configure(['/bin/sh', '-c', type], (config) => config.mounts.push(tmpfs(destination)));
    expect(bench.current.run('a')).toMatchObject({ status: 0, stdout: 'tmpfs\n' });
  }
});

/** name -> what a hook says of itself: its namespaces, and whether it sees the host's file system. */
const whereAmI = (to: string, name: string, marker: string) =>
  `echo "${name} $(readlink /proc/self/ns/uts) $(readlink /proc/self/ns/mnt) $([ -e ${marker} ] && echo host || echo container)" >> ${to}`;
const hooksIn = (config: Config, script: (name: string, log: string) => string, names: readonly string[]) => {
  config.root.readonly = false;
  config.hooks = Object.fromEntries(
    names.map((name) => {
      const inside = name === 'startContainer';
      const args = ['sh', '-c', script(name, inside ? '/data/log' : log())];
      return [name, [{ path: '/bin/sh', args, env: ['PATH=/usr/bin:/bin'] }]];
    }),
  );
};
const hookNames = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];

// [shows config.md#posix-platform-hooks/4 config.md#posix-platform-hooks/5 config.md#posix-platform-hooks/9..18 config.md#prestart/3 config.md#prestart/4 config.md#createruntime-hooks/2 config.md#createruntime-hooks/3 config.md#createcontainer-hooks/3 config.md#createcontainer-hooks/4 config.md#startcontainer-hooks/2 config.md#startcontainer-hooks/3 config.md#poststart/2 config.md#poststart/3 config.md#poststop/2 config.md#poststop/3]
test('each hook runs in the namespaces of its kind, from the file system of its kind', () => {
  const marker = join(bench.current.directory, 'marker');
  writeFileSync(marker, '');
  const uts = bench.current.script(
    'readlink /proc/self/ns/uts >> /data/log; readlink /proc/self/ns/mnt >> /data/log',
    (config) => hooksIn(config, (name, to) => whereAmI(to, name, marker), hookNames),
  );
  expect(uts).toBe('');
  const all = lines();
  const [ownUts, ownMount] = all.filter((line) => /^(uts|mnt):/.test(line));
  const said = Object.fromEntries(
    all.filter((line) => line.includes(' ')).map((line) => [line.split(' ')[0], line.split(' ').slice(1)]),
  );
  const runtime = [readlinkSync('/proc/self/ns/uts'), readlinkSync('/proc/self/ns/mnt'), 'host'];
  for (const name of ['prestart', 'createRuntime', 'poststart', 'poststop'])
    expect([name, ...(said[name] ?? [])]).toEqual([name, ...runtime]);
  // Its program is the host's, before the pivot; its namespaces are the container's.
  expect(said.createContainer).toEqual([ownUts, ownMount, 'host']);
  expect(said.startContainer).toEqual([ownUts, ownMount, 'container']);
});

// [shows config.md#prestart/1 config.md#prestart/2 config.md#createruntime-hooks/1 config.md#createcontainer-hooks/1 config.md#createcontainer-hooks/2 config.md#startcontainer-hooks/1 config.md#poststart/1 runtime.md#lifecycle/5 runtime.md#lifecycle/7 runtime.md#lifecycle/9 runtime.md#lifecycle/11 runtime.md#lifecycle/14]
test('hooks of create run in create, after the mounts and before the pivot; those of start in start, around the program', () => {
  const seesMounts = (name: string, to: string) => {
    if (name === 'startContainer') return `echo ${name} >> ${to}`;
    const pid = `pid=$(sed 's/.*"pid": *//; s/[^0-9].*//')`;
    // The mounts of the container as its own process has them: proc is there already, and the old root still is "/".
    const state =
      name === 'prestart' || name === 'createRuntime' ? `$(grep -c "/rootfs/proc proc" /proc/$pid/mounts)` : '';
    return `${pid}; echo ${name} ${state} >> ${to}`;
  };
  bench.current.configure(['/bin/sh', '-c', 'echo program >> /data/log; sleep 100'], (config) =>
    hooksIn(config, seesMounts, hookNames.slice(0, 5)),
  );
  expect(bench.current.create('a')).toMatchObject({ status: 0, stderr: '' });
  expect(lines()).toEqual(['prestart 1', 'createRuntime 1', 'createContainer']);
  expect(bench.current.runt(['start', 'a'])).toMatchObject(done);
  const started = lines().slice(3);
  // The program and the poststart hook run at the same time; start has returned, so the hook has been.
  expect(started[0]).toBe('startContainer');
  expect(started).toContain('poststart');
  expect(bench.current.runt(['delete', '--force', 'a'])).toMatchObject(done);
});

// [shows config.md#poststop/1 runtime.md#lifecycle/16 runtime.md#lifecycle/17 runtime.md#delete/3]
test('poststop hooks find neither process nor cgroup, and delete waits for them', () => {
  bench.current.configure(['/bin/sleep', '100'], (config) => {
    config.linux.cgroupsPath = '/of-this-test';
    const script = `for p in /proc/[0-9]*; do readlink $p/exe >/dev/null 2>&1 && grep -q ":/of-this-test" $p/cgroup && echo process; done; ls -d /sys/fs/cgroup/of-this-test 2>/dev/null; sleep 0.2; echo over`;
    const args = ['sh', '-c', `{ ${script}; } > ${log()}`];
    config.hooks = { poststop: [{ path: '/bin/sh', args, env: ['PATH=/usr/bin:/bin'] }] };
  });
  expect(bench.current.create('a')).toMatchObject({ status: 0, stderr: '' });
  expect(bench.current.runt(['delete', '--force', 'a'])).toMatchObject(done);
  expect(lines()).toEqual(['over']);
});

// [shows config.md#posix-platform-hooks/19]
test('several hooks of one kind run one after the other, in the listed order', () => {
  bench.current.configure(['/bin/true'], (config) => {
    const step = (word: string) => ({
      path: '/bin/sh',
      args: ['sh', '-c', `echo "begin ${word}" >> ${log()}; sleep 0.05; echo "end ${word}" >> ${log()}`],
      env: ['PATH=/usr/bin:/bin'],
    });
    config.hooks = { createRuntime: [step('one'), step('two')], poststop: [step('three'), step('four')] };
  });
  expect(bench.current.run('a')).toMatchObject(done);
  expect(lines()).toEqual(['one', 'two', 'three', 'four'].flatMap((word) => [`begin ${word}`, `end ${word}`]));
});

// [shows runtime.md#state/1 runtime.md#state/2 runtime.md#state/4 runtime.md#state/6 runtime.md#state/7 runtime.md#state/8 runtime.md#query-state/3]
test('the state of a created, a running and a stopped container is what the schema says, with its pid as the host has it', () => {
  bench.current.configure(['/bin/sleep', '100']);
  const pidFile = join(bench.current.directory, 'pid');
  const state = () => {
    const value = bench.current.state('a');
    expect(validateState(value), JSON.stringify(validateState.errors)).toBe(true);
    expect(value).toMatchObject({ ociVersion: expect.stringMatching(/^1\./), id: 'a', bundle: bench.current.bundle });
    return [value.status, value.pid];
  };
  expect(bench.current.create('a', ['--pid-file', pidFile])).toMatchObject({ status: 0 });
  const pid = Number(readFileSync(pidFile, 'utf8'));
  expect(state()).toEqual(['created', pid]);
  expect(bench.current.runt(['start', 'a'])).toMatchObject(done);
  expect(state()).toEqual(['running', pid]);
  expect(readlinkSync(`/proc/${pid}/ns/uts`)).not.toBe(readlinkSync('/proc/self/ns/uts'));
  expect(bench.current.runt(['kill', 'a', 'KILL'])).toMatchObject(done);
  for (let attempt = 0; attempt < 200 && bench.current.state('a').status !== 'stopped'; attempt++) pause();
  expect(state()[0]).toBe('stopped');
  expect(bench.current.runt(['delete', 'a'])).toMatchObject(done);
});

// [shows config.md#extensibility/1 config.md#annotations/24]
test('unknown properties and unknown annotations change nothing', () => {
  const output = bench.current.script('echo ok', (config) => {
    config.unheardOf = { deep: [1, null] };
    config.linux.unheardOf = 'x';
    config.process.unheardOf = -1;
    config.annotations = { 'org.example.unheard.of': 'x', 'org.opencontainers.nothing': 'y' };
  });
  expect(output).toBe('ok\n');
});

// [shows config.md#process/2]
test('consoleSize without a terminal is ignored', () => {
  const output = bench.current.script('[ -t 1 ] || echo none', (config) => {
    config.process.consoleSize = { height: 10, width: 20 };
  });
  expect(output).toBe('none\n');
});

// [shows runtime.md#kill/3]
test('the signal of kill reaches the program', () => {
  bench.current.configure(
    [
      '/bin/sh',
      '-c',
      'trap "echo got >> /data/log; exit 0" USR2; echo ready >> /data/log; while :; do sleep 0.05; done',
    ],
    (config) => {
      config.root.readonly = false;
    },
  );
  expect(bench.current.detached(['run', '-d', '-b', bench.current.bundle, 'a'])).toMatchObject(done);
  waitFor('ready');
  expect(bench.current.runt(['kill', 'a', 'USR2'])).toMatchObject(done);
  waitFor('got');
  expect(bench.current.runt(['delete', '--force', 'a'])).toMatchObject(done);
});

// [shows runtime.md#delete/4 config-linux.md#cgroups-path/3]
test('delete leaves what create found: a cgroup above it, a mounted directory, the bundle', () => {
  const paths: string[] = [];
  for (let round = 0; round < 2; round++) {
    bench.current.configure(['/bin/cat', '/proc/self/cgroup'], (config) => {
      config.linux.cgroupsPath = '/of-this-test/inner';
      config.linux.namespaces = config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'cgroup');
      config.mounts.push({ destination: '/data', type: 'none', source: bench.current.bundle, options: ['rbind'] });
    });
    const result = bench.current.run('a');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    paths.push(result.stdout.split('::')[1] ?? '');
    expect(readFileSync(join(bench.current.bundle, 'config.json'), 'utf8')).toContain('of-this-test');
  }
  // The same value, the same place.
  expect(paths[0]).toMatch(/of-this-test\/inner\n$/);
  expect(paths[1]).toBe(paths[0]);
});

// [shows config-linux.md#devices/4]
test('a file that is there where a device is to be is an error, unless it is that device', () => {
  const device = (path: string) => (config: Config) => {
    config.linux.devices = [{ path, type: 'c', major: 1, minor: 5 }];
    config.root.readonly = false;
  };
  writeFileSync(join(bench.current.rootfs, 'data/device'), 'a file');
  bench.current.configure(['/bin/true'], device('/data/device'));
  const refused = bench.current.run('a');
  expect(refused).toMatchObject({ status: 1, stdout: '' });
  expect(refused.stderr).toMatch(/\/linux\/devices\/0.*\/data\/device/);
  expect(readFileSync(join(bench.current.rootfs, 'data/device'), 'utf8')).toBe('a file');
  expect(bench.current.script('stat -c %t:%T /dev/zero', device('/dev/zero'))).toBe('1:5\n');
});

// [shows config-linux.md#user-namespace-mappings/4]
test('a user namespace changes no owner of the root file system', () => {
  const owner = () =>
    ['', 'bin/busybox', 'etc/passwd'].map((name) => {
      const { uid, gid } = statSync(join(bench.current.rootfs, name));
      return `${uid}:${gid}`;
    });
  const before = owner();
  bench.current.configure(['/bin/true'], (config) => {
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    config.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
  });
  bench.current.runt(['run', '--no-new-keyring', '-b', bench.current.bundle, 'a']);
  expect(owner()).toEqual(before);
});

function waitFor(line: string): void {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (existsSync(log()) && lines().includes(line)) return;
    pause();
  }
  throw new Error(`the program never said ${line}`);
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
}
