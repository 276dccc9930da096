/** crun's options for bind mounts of symbolic links: src-nofollow, dest-nofollow, copy-symlink. [man crun.1] */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const userNamespace = (config: Config): void => {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 65536 }];
  config.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 65536 }];
};
const bind =
  (destination: string, options: readonly string[], more: (config: Config) => void = () => {}) =>
  (config: Config): void => {
    more(config);
    config.root.readonly = false;
    config.mounts.push({ destination, source: join(bench.current.directory, 'link'), options: ['bind', ...options] });
  };

/** link on the host leads to /etc/os-name, which is another file in the container. */
beforeEach(() => {
  const { directory, rootfs } = bench.current;
  writeFileSync(join(directory, 'target'), 'of the host\n');
  symlinkSync('target', join(directory, 'link'));
  mkdirSync(join(rootfs, 'd'));
  writeFileSync(join(rootfs, 'd/target'), 'of the container\n');
  writeFileSync(join(rootfs, 'd/file'), 'file\n');
  symlinkSync('target', join(rootfs, 'd/same'));
  symlinkSync('file', join(rootfs, 'd/other'));
});

test('without an option the link is followed', () => {
  expect(bench.current.script('cat /d/new', bind('/d/new', []))).toBe('of the host\n');
});

test.each([
  ['host', () => {}],
  ['new', userNamespace],
] as const)('src-nofollow with the user namespace %s: the link itself, which leads into the container', (_, more) => {
  const script = 'readlink /d/file; cat /d/file; grep -c " /d/file " /proc/self/mountinfo';
  expect(bench.current.script(script, bind('/d/file', ['src-nofollow'], more))).toBe('target\nof the container\n1\n');
});

test('dest-nofollow: the link itself is covered, not what it leads to', () => {
  const script = 'cat /d/other /d/file';
  expect(bench.current.script(script, bind('/d/other', ['dest-nofollow']))).toBe('of the host\nfile\n');
  expect(bench.current.script(script, bind('/d/other', []))).toBe('of the host\nof the host\n');
});

test('copy-symlink: the link is made anew, once', () => {
  const script = 'readlink /d/new; cat /d/new; grep -c "/d/new" /proc/self/mountinfo; true';
  expect(bench.current.script(script, bind('/d/new', ['copy-symlink']))).toBe('target\nof the container\n0\n');
  expect(bench.current.script('readlink /d/same', bind('/d/same', ['copy-symlink']))).toBe('target\n');
});

test.each(['/d/file', '/d/other'])('copy-symlink: %s is something else', (destination) => {
  bench.current.configure(['/bin/true'], bind(destination, ['copy-symlink']));
  const result = bench.current.run('a');
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toContain(`${destination}: is there already and is no link to target`);
});

test('only for bind mounts', () => {
  bench.current.configure(['/bin/true'], (config) => {
    config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['dest-nofollow'] });
  });
  expect(bench.current.run('a').stderr).toContain('for bind mounts only');
});
