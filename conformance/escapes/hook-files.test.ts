/** The files that hooks write to, where the container can put other things in their place. [CVE-2025-24965] */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };
const shared = (name = ''): string => join(bench.current.directory, 'shared', name);
const canary = (): string => join(bench.current.directory, 'canary');
const ran = (): string => join(bench.current.directory, 'ran');

/** A container with a volume, in which the hooks of the host write too. */
function created(): void {
  mkdirSync(shared());
  writeFileSync(canary(), 'canary\n');
  bench.current.configure(['/bin/sleep', '100'], (config) => {
    config.mounts.push({ destination: '/shared', type: 'bind', source: shared(), options: ['bind', 'rw'] });
    const args = ['sh', '-c', `echo hook; echo ran >> '${ran()}'`];
    const hook = [{ path: '/bin/sh', args, env: [`PATH=${process.env.PATH}`] }];
    config.hooks = { createRuntime: hook, poststop: hook };
    config.annotations = { 'run.oci.hooks.stdout': shared('log') };
  });
  expect(bench.current.create('a')).toEqual(done);
  expect(readFileSync(shared('log'), 'utf8')).toBe('hook\n');
  rmSync(shared('log'));
}

test.each<[string, () => void, RegExp]>([
  ['a link', () => symlinkSync(canary(), shared('log')), /symbolic links.*ELOOP.* it is a symbolic link/],
  ['a dangling link', () => symlinkSync(`${canary()}2`, shared('log')), /ELOOP.* it is a symbolic link/],
  ['a FIFO', () => spawnSync('mkfifo', [shared('log')]), /ENXIO.* it is a FIFO that nobody reads/],
  ['a directory', () => mkdirSync(shared('log')), /EISDIR/],
])('%s in place of the file: a warning, the hook runs, and the container is deleted', (_name, replace, warning) => {
  created();
  replace();
  const { status, stderr } = bench.current.runt(['delete', '--force', 'a'], { timeoutMs: 5000 });
  expect(status).toBe(0);
  expect(stderr).toMatch(warning);
  expect(stderr).toContain('/annotations/run.oci.hooks.stdout');
  expect(readFileSync(canary(), 'utf8')).toBe('canary\n');
  expect(existsSync(`${canary()}2`)).toBe(false);
  expect(readFileSync(ran(), 'utf8')).toBe('ran\nran\n');
});

test('at create it is an error, and nothing is left', () => {
  created();
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
  rmSync(shared('log'));
  symlinkSync(canary(), shared('log'));
  const refused = bench.current.create('a');
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('it is a symbolic link') });
  expect(readFileSync(canary(), 'utf8')).toBe('canary\n');
});

test('a FIFO that somebody reads, and the links of /dev, are taken', () => {
  mkdirSync(shared());
  spawnSync('mkfifo', [shared('log')]);
  bench.current.configure(['/bin/true'], (config) => {
    const hook = [{ path: '/bin/sh', args: ['sh', '-c', 'echo out; echo err >&2'], env: [`PATH=${process.env.PATH}`] }];
    config.hooks = { createRuntime: hook };
    config.annotations = { 'run.oci.hooks.stdout': shared('log'), 'run.oci.hooks.stderr': '/dev/stderr' };
  });
  const { binary, stateRoot, bundle } = bench.current;
  const script = `exec 3<>'${shared('log')}'; '${binary}' --root '${stateRoot}' run -b '${bundle}' a 3>&- 2>'${ran()}'; cat '${ran()}' >&2; read -t 5 line <&3; echo "$line"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', timeout: 10_000 });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'out\n', stderr: 'err\n' });
});
