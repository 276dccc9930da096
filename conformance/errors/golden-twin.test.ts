/**
 * The real binary against the files that the unit tests keep: QuickJS plans what Node plans, and the child's system calls on
 * the real kernel are those of the fake one. A difference means that the engine differs or that the fake lies.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();
const golden = (name: string): string =>
  readFileSync(new URL(`../../src/testing/golden/${name}`, import.meta.url), 'utf8');

/** The default configuration without a terminal, as the unit tests have it. */
function configureDefault(): void {
  const { bundle } = bench.current;
  expect(bench.current.runt(['spec', '-b', bundle]).status).toBe(0);
  const path = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8'));
  config.process.terminal = false;
  writeFileSync(path, JSON.stringify(config));
}

test('the plan is the one that Node makes', () => {
  configureDefault();
  const { bundle } = bench.current;
  const result = bench.current.runt(['plan', '-b', bundle, 'web']);
  expect(result).toMatchObject({ status: 0, stderr: '' });
  expect(result.stdout.replaceAll(bundle, '/bundle')).toBe(golden('plan-default.json.txt'));
});

/** What builds the file system; opens and looks differ with what a kernel has in /proc. */
const compared = new Set([
  'umask',
  'unshare',
  'setsid',
  'fsopen',
  'fsconfig',
  'fsmount',
  'move_mount',
  'open_tree',
  'mount_setattr',
  'mkdirat',
  'mknodat',
  'symlinkat',
  'pivot_root',
  'umount2',
  'sethostname',
]);

/** openTreeOrErrno -> open_tree, umount -> umount2. */
function syscallName(method: string): string {
  const name = method.replace(/OrErrno$/, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return name === 'umount' ? 'umount2' : name;
}

const shown = (name: string, rest: string): string => {
  // Of a file system: its type; of a parameter: its key.
  const text = name === 'fsopen' || name === 'fsconfig' ? /"([^"]*)"/.exec(rest)?.[1] : undefined;
  return text === undefined ? name : `${name} ${text}`;
};

/** /dev/core is made where the kernel has /proc/kcore. */
const isCompared = (name: string, rest: string): boolean => compared.has(name) && !rest.includes('/proc/kcore');

function fakeCalls(): string[] {
  return golden('create-child.txt')
    .split('\n')
    .map((line) => /^(\w+)\((.*)/.exec(line))
    .filter((match) => match !== null)
    .map(([, method = '', rest = '']) => [syscallName(method), rest] as const)
    .filter(([name, rest]) => isCompared(name, rest))
    .map(([name, rest]) => shown(name, rest));
}

/** Of the process that pivots. With -f each line begins with its pid. */
function realCalls(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const child = lines.find((line) => line.includes('pivot_root('))?.split(/\s+/)[0];
  return lines
    .map((line) => /^(\d+)\s+(\w+)\((.*)/.exec(line))
    .filter((match) => match !== null)
    .filter(([, pid, name = '', rest = '']) => pid === child && isCompared(name, rest))
    .map(([, , name = '', rest = '']) => shown(name, rest));
}

test('the child calls what the fake kernel saw', () => {
  configureDefault();
  const { binary, stateRoot, bundle, directory } = bench.current;
  const trace = join(directory, 'trace');
  const command = `exec strace -D -f -qq -o ${trace} -e trace=${[...compared].join(',')} ${binary} --root ${stateRoot} create -b ${bundle} web`;
  const result = spawnSync('sh', ['-c', `${command} </dev/null >/dev/null 2>${directory}/err`], { timeout: 20_000 });
  expect(result.status, readFileSync(`${directory}/err`, 'utf8')).toBe(0);
  expect(bench.current.runt(['delete', '--force', 'web']).status).toBe(0);
  waitFor(() => existsSync(trace) && readFileSync(trace, 'utf8').includes('killed by SIGKILL'));

  const fake = fakeCalls();
  const real = realCalls(trace);
  expect(fake.length).toBeGreaterThan(80);
  const upTo = (calls: readonly string[]) => calls.slice(0, calls.indexOf('sethostname') + 1);
  expect(upTo(real)).toEqual(upTo(fake));
  // Read-only paths: four are in every /proc. The fifth and the masked ones are there or not, as the kernel is made.
  // The umask after them is the exec tail's, which native code carries out while the container waits.
  const after = (calls: readonly string[]) => calls.slice(upTo(calls).length).filter((call) => call !== 'umask');
  expect(after(real).slice(0, 12)).toEqual(after(fake).slice(0, 12));
  expect(after(real).at(-1)).toBe(after(fake).at(-1));
});

function waitFor(condition: () => boolean): void {
  const deadline = Date.now() + 5000;
  while (!condition() && Date.now() < deadline) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
}
