/**
 * mounts add and mounts remove against a container that swaps the directories above the destination for links as fast as it
 * can: nothing is mounted outside of its root, no cover of a masked path is taken off (the second test trips without the
 * comparison of identities). [CVE-2021-30465]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };

/** A container that exchanges /w/a, a directory, and /w/evil, a link to `target`, all the time. */
function startRacer(target: string): void {
  const { rootfs } = bench.current;
  mkdirSync(join(rootfs, 'w/a'), { recursive: true });
  symlinkSync(target, join(rootfs, 'w/evil'));
  const source = fileURLToPath(new URL('exchange.c', import.meta.url));
  expect(spawnSync('cc', ['-O2', '-static', '-o', join(rootfs, 'bin/exchange'), source]).status).toBe(0);
  bench.current.configure(['/bin/exchange', '/w', 'a', 'evil'], (config) => {
    config.root.readonly = false;
  });
  expect(bench.current.create('a')).toEqual(done);
}

const covers = (): string => {
  const result = bench.current.runt([
    'exec',
    'a',
    '/bin/sh',
    '-c',
    'grep -e " /proc/" -e " /sys" /proc/self/mountinfo',
  ]);
  return result.stdout;
};
const results = { done: 0, refused: 0 };
function count(status: number | null): void {
  if (status === 0) results.done++;
  else results.refused++;
}

test('add: what is mounted lies in the container, wherever the path leads meanwhile', () => {
  const { directory } = bench.current;
  const canary = join(directory, 'canary');
  mkdirSync(canary);
  mkdirSync(join(directory, 'source'));
  startRacer(`/../../../../../../../../../../../..${canary}`);
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  const before = readFileSync('/proc/self/mountinfo', 'utf8');
  for (let round = 0; round < 150; round++) {
    count(bench.current.runt(['mounts', 'add', 'a', join(directory, 'source'), '/w/a/b/new']).status);
  }
  expect(readdirSync(canary)).toEqual([]);
  expect(readdirSync(join(directory, 'source'))).toEqual([]);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before);
  expect(results.done).toBeGreaterThan(0);
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
}, 60_000);

test('remove: only what mounts add has mounted goes, never the cover of a masked path', () => {
  const { directory } = bench.current;
  writeFileSync(join(directory, 'file'), '');
  startRacer('/proc');
  expect(bench.current.runt(['mounts', 'add', 'a', join(directory, 'file'), '/w/a/keys'])).toEqual(done);
  const before = covers();
  expect(before).toContain('/proc/keys');
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  for (let round = 0; round < 150; round++) {
    const { status } = bench.current.runt(['mounts', 'remove', 'a', '/w/a/keys']);
    if (status === 0) {
      // Back again, so that there is something to take off in the next round; at times it needs a few attempts.
      while (bench.current.runt(['mounts', 'add', 'a', join(directory, 'file'), '/w/a/keys']).status !== 0);
    }
    count(status);
  }
  expect(covers()).toBe(before);
  expect(results.refused).toBeGreaterThan(0);
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
}, 60_000);
