/** Annotations of crun that engines and users set: groups that stay, files for the output of hooks. [man crun.1] */
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };
const inBundle = (name: string) => join(bench.current.bundle, name);

/** run, as a caller with the supplementary groups 7 and 8. */
function runWithGroups(): string {
  const args = ['--root', bench.current.stateRoot, 'run', '-b', bench.current.bundle, 'a'];
  const result = spawnSync('setpriv', ['--groups', '7,8', bench.current.binary, ...args], { encoding: 'utf8' });
  expect(result).toMatchObject({ status: 0, stderr: '' });
  return result.stdout.replaceAll(/[ \t]+/g, ' ').trim();
}

test.each([
  ['with', { 'run.oci.keep_original_groups': '1' }, 'Groups: 7 8'],
  ['without', {}, 'Groups: 5'],
])('%s keep_original_groups', (_, annotations, expected) => {
  bench.current.configure(['/bin/grep', '^Groups', '/proc/self/status'], (config) => {
    config.annotations = annotations;
    config.process.user = { uid: 1000, gid: 1000, additionalGids: [5] };
  });
  expect(runWithGroups()).toBe(expected);
});

function withHooks(config: Config): void {
  const script = inBundle('hook');
  writeFileSync(script, '#!/bin/sh\necho "$1 out"; echo "$1 err" >&2\n');
  chmodSync(script, 0o755);
  const hook = (name: string) => [{ path: script, args: [script, name] }];
  config.hooks = {
    createRuntime: hook('createRuntime'),
    createContainer: hook('createContainer'),
    startContainer: [{ path: '/bin/sh', args: ['sh', '-c', 'echo startContainer out; echo startContainer err >&2'] }],
    poststart: hook('poststart'),
    poststop: hook('poststop'),
  };
  // An absolute and a relative name: relative to the bundle.
  config.annotations = { 'run.oci.hooks.stdout': inBundle('out'), 'run.oci.hooks.stderr': 'err' };
}

const lines = (stream: string) =>
  ['createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'].map((name) => `${name} ${stream}\n`);

test('what hooks write is appended to files, at create, at start and at delete', () => {
  writeFileSync(inBundle('out'), 'before\n');
  bench.current.configure(['/bin/sleep', '100'], withHooks);
  expect(bench.current.create('a')).toEqual(done);
  expect(readFileSync(inBundle('out'), 'utf8')).toBe(`before\n${lines('out').slice(0, 2).join('')}`);
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
  expect(readFileSync(inBundle('out'), 'utf8')).toBe(`before\n${lines('out').join('')}`);
  expect(readFileSync(inBundle('err'), 'utf8')).toBe(lines('err').join(''));
});

test('run as well, and the program inherits none of it', () => {
  bench.current.configure(['/bin/sh', '-c', 'ls /proc/self/fd'], withHooks);
  expect(bench.current.run('a')).toMatchObject({ status: 0, stderr: '', stdout: '0\n1\n2\n3\n' });
  expect(readFileSync(inBundle('out'), 'utf8')).toBe(lines('out').join(''));
});

test('a file that cannot be opened is named, and nothing is left', () => {
  bench.current.configure(['/bin/true'], (config) => {
    withHooks(config);
    config.annotations = { 'run.oci.hooks.stdout': '/nowhere/out' };
  });
  expect(bench.current.run('a')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('/annotations/run.oci.hooks.stdout: /nowhere/out: no such file or directory'),
  });
});

test('other annotations mean nothing', () => {
  bench.current.configure(['/bin/true'], (config) => {
    config.annotations = {
      'run.oci.handler': 'wasm',
      'run.oci.mount_context_type': 'x',
      'run.oci.pidfd_receiver': '/x',
    };
  });
  expect(bench.current.run('a')).toEqual(done);
});
