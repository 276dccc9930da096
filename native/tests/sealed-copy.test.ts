/** create, run, exec and restore do not show the host's binary: security.md B1, CVE-2019-5736. */
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compileProgram, makeDirectory, removeDirectory, runProgram } from './run-program.ts';

const directory = makeDirectory();
afterAll(() => removeDirectory(directory));
const isRoot = process.getuid?.() === 0;

const program = compileProgram(
  directory,
  'sealed',
  `const exe = '/proc/self/exe';
   const maps = k.readAll(k.openat2(-100, '/proc/self/maps', 0, 0, 0), 1 << 20);
   const own = k.statx(-100, exe, 0);
   const plain = k.statx(-100, '${directory}/sealed', 0);
   const cmdline = k.readAll(k.openat2(-100, '/proc/self/cmdline', 0, 0, 0), 1 << 20);
   print(show({
     link: k.readlinkat(-100, exe), sealed: k.isSealed(), same: own.ino === plain.ino && own.devMinor === plain.devMinor,
     write: k.errnoName(-k.openat2(-100, exe, 2, 0, 0)), truncate: k.errnoName(-k.openat2(-100, exe, 0o1001, 0, 0)),
     named: maps.includes('${directory}'), cmdline: cmdline.split('\\0').slice(1, -1),
     opened: k.readDirectory(k.openat2(-100, '/proc/self/fd', 0o200000, 0, 0)).length,
   }));
   return 3;`,
);
const facts = (args: readonly string[], prefix: readonly string[] = []) => {
  const { stdout, stderr, status } = runProgram(program, args, prefix);
  expect({ stderr, status }).toEqual({ stderr: '', status: 3 });
  return JSON.parse(stdout) as Record<string, unknown>;
};

const sealed = { link: '/memfd:runt (deleted)', sealed: true, same: false, named: false };

/** The whole program in a memfd can never be written to; an empty one may be opened, its seals refuse the rest. */
function expectSealed(found: Record<string, unknown>): void {
  expect(found).toMatchObject(sealed);
  expect(['EPERM', 'ETXTBSY']).toContain(found.write);
  expect(['EPERM', 'ETXTBSY']).toContain(found.truncate);
}

test.each(['create', 'run', 'exec', 'restore'])('%s runs sealed', (command) => {
  const before = createHash('sha256').update(readFileSync(program)).digest('hex');
  const found = facts([command, 'id']);
  expectSealed(found);
  expect(found.cmdline).toEqual([command, 'id']);
  expect(createHash('sha256').update(readFileSync(program)).digest('hex')).toBe(before);
});

test('global flags, also with such a word as value, lead to sealing; after "--" nothing does', () => {
  expectSealed(facts(['--root', '/x', '--log=y', 'run', 'id']));
  expectSealed(facts(['--root', 'exec', 'state', 'id']));
  expect(facts(['state', '--', 'run'])).toMatchObject({ sealed: false, link: program });
  expect(facts(['state', 'id'])).toMatchObject({ sealed: false, link: program, same: true });
});

test('leaves no descriptor behind', () => {
  expect(facts(['run', 'id']).opened).toBe(facts(['state', 'id']).opened);
});

describe.skipIf(!isRoot)('without the privileges of sealing in place', () => {
  const prefix = ['setpriv', '--bounding-set=-sys_admin,-sys_resource,-checkpoint_restore', '--inh-caps=-all'];
  test('the program goes on from a sealed memfd', () => {
    expectSealed(facts(['run', 'id'], prefix));
    expect(facts(['run', 'id'], prefix).cmdline).toEqual(['run', 'id']);
  });
  test('where memfd_noexec forbids that too, from a file without a name', () => {
    const strict = [
      'unshare',
      '-m',
      '-p',
      '-f',
      '--mount-proc',
      'sh',
      '-c',
      'echo 2 >/proc/sys/vm/memfd_noexec && exec "$@"',
      'sh',
    ];
    const found = facts(['run', 'id'], [...strict, ...prefix]);
    expect(found).toMatchObject({ sealed: true, same: false, named: false, write: 'ETXTBSY', truncate: 'ETXTBSY' });
    expect(found.link).toMatch(/^\/(run|tmp|var\/tmp|dev\/shm)\/#\d+ \(deleted\)$/);
  });
  test('a program that was replaced while it starts is not taken for such a file', () => {
    const copy = join(directory, 'replaced');
    copyFileSync(program, copy);
    const script = 'exec 9<"$0"; rm "$0"; exec /proc/self/fd/9 run id';
    const { stdout } = runProgram(copy, [], ['sh', '-c', script]);
    expectSealed(JSON.parse(stdout) as Record<string, unknown>);
  });
  test('as a plain user too', () => {
    const copy = join('/tmp', `runt-native-sealed-${process.pid}`); // mkdtemp's directory is closed to others
    copyFileSync(program, copy);
    const user = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'];
    const { stdout } = runProgram(copy, ['run', 'id'], user);
    rmSync(copy);
    expect(JSON.parse(stdout)).toMatchObject({ link: '/memfd:runt (deleted)', sealed: true });
  });
});
