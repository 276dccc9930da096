/**
 * update, as far as a tree without controllers lets it come: what is asked for, by flags, file and standard input, and every
 * refusal. The limits themselves: conformance/vm/update.sh. [spec config-linux.md#control-groups]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };

function running(): void {
  bench.current.configure(['/bin/sleep', '100']);
  expect(bench.current.detached(['run', '-d', '-b', bench.current.bundle, 'a'])).toEqual(done);
}

/** Resources as exec and later updates will see them. */
function saved(): { readonly [part: string]: unknown } {
  return JSON.parse(readFileSync(join(bench.current.stateRoot, 'a/config.json'), 'utf8')).linux.resources;
}

function refused(args: readonly string[], message: string | RegExp, input?: string): void {
  const before = readFileSync(join(bench.current.stateRoot, 'a/config.json'), 'utf8');
  const result = bench.current.runt(['update', ...args], input === undefined ? {} : { input });
  expect(result, args.join(' ')).toMatchObject({ status: 1, stdout: '' });
  if (typeof message === 'string') expect(result.stderr).toContain(message);
  else expect(result.stderr).toMatch(message);
  expect(result.stderr.trimEnd()).not.toContain('\n');
  expect(readFileSync(join(bench.current.stateRoot, 'a/config.json'), 'utf8')).toBe(before);
}

test('what needs no controller is done: nothing, no limit, a depth of cgroups', () => {
  running();
  expect(bench.current.runt(['update', 'a'])).toEqual(done);
  expect(bench.current.runt(['update', '--pids-limit', '-1', '--memory', '0', 'a'])).toEqual(done);
  expect(saved()).toMatchObject({ pids: { limit: -1 }, devices: [{ allow: false }] });
  const input = '{"unified": {"cgroup.max.depth": "3", "cgroup.max.descendants": "5"}}';
  expect(bench.current.runt(['update', '-r', '-', 'a'], { input })).toEqual(done);
  const { pid } = bench.current.state('a');
  const path = /0::\/(.*)/.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? '';
  expect(readFileSync(`/sys/fs/cgroup/${path}/cgroup.max.depth`, 'utf8')).toBe('3\n');
  expect(saved()).toMatchObject({ pids: { limit: -1 }, unified: { 'cgroup.max.depth': '3' } });
  // The second of two files is not there: the first has its old value again.
  refused(
    ['-r', '-', 'a'],
    /write "1" to cgroup\.frob: standard input: \/unified\/cgroup\.frob.*ENOENT/,
    '{"unified": {"cgroup.max.depth": "7", "cgroup.frob": "1"}}',
  );
  expect(readFileSync(`/sys/fs/cgroup/${path}/cgroup.max.depth`, 'utf8')).toBe('3\n');
  expect(bench.current.runt(['exec', 'a', '/bin/true'])).toEqual(done);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('refusals name the flag, or the file and the place in it', () => {
  running();
  const file = join(bench.current.directory, 'resources.json');
  writeFileSync(file, '{\n  "memory": {"limit": "64m"},\n  "cpu": {"idle": 5}\n}\n');
  refused(
    ['-r', file, 'a'],
    /2 faults: .*resources\.json:2:23: \/memory\/limit: .*resources\.json:3:19: \/cpu\/idle: /,
  );
  writeFileSync(file, '{"devices": [{"allow": true}], "pids": {"limit": 5}');
  refused(['--resources', file, 'a'], 'resources.json:1:52');
  refused(['--memory', '64m', 'a'], '--memory: cannot be applied: controller "memory" not available');
  refused(['--memory', '5x', 'a'], '--memory: invalid value for memory: "5x" is not a size');
  refused(['--memory-swap', '64m', 'a'], '--memory-swap: unable to set swap limit without memory limit');
  refused(['--cpu-quota', '1000', '--cpu-burst', '2000', 'a'], '--cpu-burst: must not be larger than quota');
  refused(['--kernel-memory', '1m', 'a'], '--kernel-memory: cgroup v2 has no such limit');
  refused(['--cpu-rt-period', '5', 'a'], '--cpu-rt-period: cgroup v2 has no such limit');
  refused(['--mem-bw-schema', 'MB:0=70', 'a'], 'Intel RDT');
  refused(['-r', '/nonexistent', 'a'], '/nonexistent: no such file or directory');
  refused(['--pids-limit', 'many', 'a'], '--pids-limit: is not a number');
  refused(['a', 'b'], '"update" requires exactly 1 argument(s)');
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('only of a container that lives, and has a cgroup', () => {
  const stderr = (text: string) => ({ status: 1, stderr: expect.stringContaining(text) });
  expect(bench.current.runt(['update', 'nothing'])).toMatchObject(stderr('container does not exist'));
  running();
  bench.current.runt(['kill', 'a', 'KILL']);
  while (bench.current.state('a').status !== 'stopped');
  expect(bench.current.runt(['update', 'a'])).toMatchObject(stderr('container not running'));
  expect(bench.current.runt(['delete', 'a'])).toEqual(done);
  const args = ['--cgroup-manager=disabled', 'run', '-d', '-b', bench.current.bundle, 'a'];
  expect(bench.current.detached(args)).toEqual(done);
  expect(bench.current.runt(['update', 'a'])).toEqual(done);
  expect(bench.current.runt(['update', '--memory', '64m', 'a'])).toMatchObject(stderr('--cgroup-manager=disabled'));
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('a poststart hook may update and pause the container that it belongs to', () => {
  const { binary, stateRoot } = bench.current;
  const runt = `${binary} --root ${stateRoot}`;
  bench.current.configure(['/bin/sleep', '100'], (config) => {
    const script = `${runt} update --pids-limit -1 a && ${runt} pause a && ${runt} resume a`;
    config.hooks = { poststart: [{ path: '/bin/sh', args: ['sh', '-c', script], timeout: 10 }] };
  });
  expect(bench.current.create('a')).toEqual(done);
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  expect(saved()).toMatchObject({ pids: { limit: -1 } });
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
  expect(bench.current.detached(['run', '-d', '-b', bench.current.bundle, 'a'])).toEqual(done);
  expect(saved()).toMatchObject({ pids: { limit: -1 } });
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('a hook of create is told that there is nothing to change yet', () => {
  const { binary, stateRoot } = bench.current;
  bench.current.configure(['/bin/true'], (config) => {
    const args = ['sh', '-c', `${binary} --root ${stateRoot} update --pids-limit -1 a`];
    config.hooks = { createRuntime: [{ path: '/bin/sh', args, timeout: 10 }] };
  });
  const result = bench.current.run('a');
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('container not running: a (it is creating)');
});
