/** A damaged state.json: security notes, section 3, rows 18 and 19. It gives one clear error, and delete --force cleans up. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import { expectRefusal } from './expect-refusal.ts';

const bench = useBench();
const statePath = () => join(bench.current.stateRoot, 'a/state.json');

// biome-ignore lint/suspicious/noExplicitAny: damaged on purpose.
type Record = any;

function created(): Record {
  bench.current.configure(['/bin/sleep', '1000']);
  expect(bench.current.create('a')).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(readFileSync(statePath(), 'utf8'));
}

const edited = (change: (record: Record) => void) => () => {
  const record = created();
  change(record);
  writeFileSync(statePath(), JSON.stringify(record));
};
const replaced = (write: (path: string) => void) => () => {
  created();
  rmSync(statePath());
  write(statePath());
};

const damages: readonly (readonly [string, () => void])[] = [
  ['empty', replaced((path) => writeFileSync(path, ''))],
  [
    'cut short',
    () => {
      created();
      truncateSync(statePath(), 100);
    },
  ],
  [
    'one byte short',
    () => {
      created();
      truncateSync(statePath(), readFileSync(statePath()).length - 1);
    },
  ],
  ['null', replaced((path) => writeFileSync(path, 'null'))],
  ['a list', replaced((path) => writeFileSync(path, '[]'))],
  ['deep', replaced((path) => writeFileSync(path, '['.repeat(1_000_000)))],
  [
    '100 MB',
    replaced((path) => {
      writeFileSync(path, '');
      truncateSync(path, 100_000_000);
    }),
  ],
  ['not UTF-8', replaced((path) => writeFileSync(path, Buffer.from([0x22, 0xff, 0x22])))],
  ['a directory', replaced((path) => mkdirSync(path))],
  ['a FIFO', replaced((path) => spawnSync('mkfifo', [path]))],
  ['a link', replaced((path) => symlinkSync('/dev/zero', path))],
  [
    'of another id',
    edited((record) => {
      record.id = 'b';
    }),
  ],
  [
    'of a future version',
    edited((record) => {
      record.version = 99;
    }),
  ],
  [
    'of an unknown phase',
    edited((record) => {
      record.phase = 'flying';
    }),
  ],
  [
    'with pid 1',
    edited((record) => {
      record.init.pid = 1;
    }),
  ],
  [
    'with pid 0',
    edited((record) => {
      record.init.pid = 0;
    }),
  ],
  [
    'with pid -1',
    edited((record) => {
      record.init.pid = -1;
    }),
  ],
  [
    'with a pid as text',
    edited((record) => {
      record.init.pid = String(record.init.pid);
    }),
  ],
  [
    'with half a pid',
    edited((record) => {
      record.init.pid = 1.5;
    }),
  ],
  [
    'with a cgroup that leads out',
    edited((record) => {
      record.cgroup.path = '/../..';
    }),
  ],
  [
    'with the root as cgroup',
    edited((record) => {
      record.cgroup.path = '/';
    }),
  ],
  [
    'with a relative bundle',
    edited((record) => {
      record.bundle = 'x';
    }),
  ],
];

test.each(damages)('%s', (what, damage) => {
  damage();
  for (const args of [
    ['state', 'a'],
    ['start', 'a'],
    ['kill', 'a', 'KILL'],
    ['delete', 'a'],
  ]) {
    expectRefusal(bench.current, args, /state\.json|record|exist/);
  }
  expectRefusal(bench.current, ['exec', 'a', 'true'], /state\.json|record|exist/, { status: 255 });
  expectRefusal(bench.current, ['create', '-b', bench.current.bundle, 'a'], /exists/);
  const list = bench.current.runt(['list', '-q']);
  expect(list.status, what).toBe(0);

  const removed = bench.current.runt(['delete', '--force', 'a']);
  expect(removed, what).toMatchObject({ status: 0, stdout: '' });
  // The audit checks that the container's process and cgroup are gone too.
});

test.each([
  [
    'another boot',
    (record: Record) => {
      record.bootId = '00000000-0000-0000-0000-000000000000';
    },
  ],
  [
    'a reused pid',
    (record: Record) => {
      record.init.startTime = 1;
    },
  ],
])('%s: stopped, and the process that has the number now is not signalled', (what, change) => {
  bench.current.configure(['/bin/sleep', '1000']);
  const record = created();
  const { pid } = record.init;
  // A sound record of a container whose process is somebody else's today: a shell of ours.
  change(record);
  writeFileSync(statePath(), JSON.stringify(record));
  expect(bench.current.state('a').status).toBe('stopped');
  expectRefusal(bench.current, ['kill', 'a', 'KILL'], /not running/);
  expectRefusal(bench.current, ['exec', 'a', 'true'], /stopped/, { status: 255 });
  expect(spawnSync('kill', ['-0', String(pid)]).status).toBe(0);
  process.kill(pid, 'SIGKILL');
  expect(bench.current.runt(['delete', '--force', 'a'])).toMatchObject({ status: 0, stdout: '' });
  // A cgroup of another boot is somebody else's too (rule B16): it stays, and this fails if it did not.
  if (what === 'another boot') rmdirSync('/sys/fs/cgroup/a');
});

test('the directory of a container is a link: nothing behind it is touched', () => {
  const elsewhere = join(bench.current.directory, 'elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'state.json'), '{}');
  symlinkSync(elsewhere, join(bench.current.stateRoot, 'a'));
  expectRefusal(bench.current, ['delete', '--force', 'a'], /ELOOP|ENOTDIR/);
  expectRefusal(bench.current, ['state', 'a'], /ELOOP|ENOTDIR/);
  expect(readFileSync(join(elsewhere, 'state.json'), 'utf8')).toBe('{}');
  rmSync(join(bench.current.stateRoot, 'a'));
});
