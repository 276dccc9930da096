/** hooks: all six, their order, namespaces, stdin, environment, timeouts and failures. [spec config.md#posix-platform-hooks] */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const names = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'] as const;
const inContainer = 'startContainer';

/** A hook script on the host (or, for startContainer, in the root) that appends to a log both can reach. */
function hook(name: string, script: string): { path: string; args?: string[]; env?: string[]; timeout?: number } {
  const text = `#!/bin/sh\n${script}\n`;
  const path = name === inContainer ? join(bench.current.rootfs, 'data', name) : join(bench.current.directory, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return { path: name === inContainer ? `/data/${name}` : path };
}

const log = () => join(bench.current.rootfs, 'data/log');
const logFor = (name: string) => (name === inContainer ? '/data/log' : log());
const writable = (config: Config) => {
  config.root.readonly = false;
};

test('run in order, with the state on stdin and its status', () => {
  bench.current.configure(['/bin/sh', '-c', 'echo process >> /data/log'], (config) => {
    writable(config);
    config.hooks = Object.fromEntries(
      names.map((name) => [
        name,
        [
          hook(
            name,
            `read -r state; echo "${name} $(echo "$state" | /bin/sed 's/.*"status":"\\([a-z]*\\)".*/\\1/')" >> ${logFor(name)}`,
          ),
        ],
      ]),
    );
  });
  expect(bench.current.run('a')).toMatchObject({ status: 0, stderr: '' });
  const lines = readFileSync(log(), 'utf8').trim().split('\n');
  // The process and the poststart hook run at the same time.
  expect(lines.filter((line) => line !== 'process')).toEqual([
    'prestart created',
    'createRuntime created',
    'createContainer created',
    'startContainer created',
    'poststart running',
    'poststop stopped',
  ]);
  expect(lines.indexOf('process')).toBeGreaterThan(3);
});

// [shows config.md#posix-platform-hooks/20]
test('the state names id, pid, bundle and annotations; args and env are exactly what is given', () => {
  bench.current.configure(['/bin/true'], (config) => {
    config.annotations = { key: 'value' };
    config.hooks = {
      createRuntime: [
        {
          ...hook(
            'createRuntime',
            `cat > ${bench.current.directory}/given; echo "$0 $1 $A" > ${bench.current.directory}/args; env > ${bench.current.directory}/env`,
          ),
          args: ['zero', 'one'],
          env: ['A=b', 'PATH=/bin:/usr/bin'],
        },
      ],
    };
  });
  expect(bench.current.run('a', { env: { SECRET: 'x' } }).status).toBe(0);
  const state = JSON.parse(readFileSync(join(bench.current.directory, 'given'), 'utf8'));
  expect(state).toMatchObject({
    id: 'a',
    bundle: bench.current.bundle,
    annotations: { key: 'value' },
    pid: expect.any(Number),
  });
  expect(readFileSync(join(bench.current.directory, 'args'), 'utf8')).toMatch(/one b\n$/);
  expect(readFileSync(join(bench.current.directory, 'env'), 'utf8')).not.toContain('SECRET');
});

// [shows runtime.md#lifecycle/6 runtime.md#lifecycle/8 runtime.md#lifecycle/10 runtime.md#lifecycle/12 runtime.md#lifecycle/15]
test.each(['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart'] as const)(
  'a failing %s hook fails the operation, with its output, and nothing is left',
  (name) => {
    bench.current.configure(['/bin/sleep', '100'], (config) => {
      writable(config);
      config.hooks = { [name]: [hook(name, 'echo complaint >&2; exit 3')] };
    });
    const result = bench.current.run('a');
    expect(result.status).not.toBe(0);
    expect(result.stderr).toContain(`error running ${name} hook #0`);
    expect(result.stderr).toContain('complaint');
    expect(result.stderr).toContain('3');
    expect(bench.current.runt(['state', 'a']).status).toBe(1);
  },
);

// [shows runtime.md#lifecycle/6 runtime.md#lifecycle/8 runtime.md#lifecycle/10 runtime.md#lifecycle/12 runtime.md#lifecycle/15..17]
test.each(['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart'] as const)(
  'after a failing %s hook create or start destroys the container, and its poststop hooks run',
  (name) => {
    bench.current.configure(['/bin/sleep', '100'], (config) => {
      writable(config);
      config.hooks = {
        [name]: [hook(name, 'exit 3')],
        poststop: [hook('poststop', `cat > ${bench.current.directory}/given`)],
      };
    });
    const created = bench.current.create('a');
    const failing = created.status === 0 ? bench.current.runt(['start', 'a']) : created;
    expect(failing).toMatchObject({ status: 1, stderr: expect.stringContaining(`error running ${name} hook #0`) });
    const state = JSON.parse(readFileSync(join(bench.current.directory, 'given'), 'utf8'));
    expect(state).toMatchObject({ id: 'a', status: 'stopped', bundle: bench.current.bundle });
    expect(bench.current.runt(['state', 'a']).status).toBe(1);
  },
);

// [shows runtime.md#lifecycle/18]
test('a failing poststop hook is a warning and the rest still run', () => {
  bench.current.configure(['/bin/true'], (config) => {
    config.hooks = {
      poststop: [hook('poststop', 'exit 3'), hook('second', `echo second > ${bench.current.directory}/second.log`)],
    };
  });
  expect(bench.current.run('a').status).toBe(0);
  expect(existsSync(join(bench.current.directory, 'second.log'))).toBe(true);
});

test('a timeout ends the hook, also one that ignores TERM and leaves children holding its output', () => {
  bench.current.configure(['/bin/true'], (config) => {
    config.hooks = { createRuntime: [{ ...hook('createRuntime', 'trap "" TERM; sleep 60 & sleep 60'), timeout: 1 }] };
  });
  const begin = Date.now();
  const result = bench.current.run('a');
  expect(Date.now() - begin).toBeLessThan(6000);
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(/error running createRuntime hook #0.*(timeout|timed out)/);
});

test('a state larger than a pipe and a hook that never reads it do not block', () => {
  bench.current.configure(['/bin/true'], (config) => {
    config.annotations = { big: 'x'.repeat(300_000) };
    config.hooks = {
      createRuntime: [hook('createRuntime', 'exit 0')],
      createContainer: [hook('createContainer', `wc -c > ${bench.current.directory}/size`)],
    };
  });
  expect(bench.current.run('a')).toMatchObject({ status: 0, stderr: '' });
  expect(Number(readFileSync(join(bench.current.directory, 'size'), 'utf8'))).toBeGreaterThan(300_000);
});

test('a hook that is missing is named', () => {
  bench.current.configure(['/bin/true'], (config) => {
    config.hooks = { prestart: [{ path: '/nothing/there' }] };
  });
  expect(bench.current.run('a')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/error running prestart hook #0.*\/nothing\/there.*no such file or directory/),
  });
});

test('hooks of the runtime run in the bundle, createContainer in the root', () => {
  bench.current.configure(['/bin/true'], (config) => {
    writable(config);
    const named = names.filter((name) => name !== inContainer);
    config.hooks = Object.fromEntries(named.map((name) => [name, [hook(name, `echo "${name} $(pwd)" >> ${log()}`)]]));
  });
  expect(bench.current.run('a')).toMatchObject({ status: 0, stderr: '' });
  const { bundle, rootfs } = bench.current;
  expect(readFileSync(log(), 'utf8').trim().split('\n')).toEqual([
    `prestart ${bundle}`,
    `createRuntime ${bundle}`,
    `createContainer ${rootfs}`,
    `poststart ${bundle}`,
    `poststop ${bundle}`,
  ]);
});
