/** create, start, state, kill, delete: the statuses of the specification and the errors at the wrong time. [spec runtime.md#state] */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };

function createSleeper(id = 'a'): void {
  bench.current.configure(['/bin/sleep', '100']);
  expect(bench.current.create(id)).toEqual(done);
}

function waitForStatus(id: string, status: string): void {
  const deadline = Date.now() + 5000;
  while (bench.current.state(id).status !== status)
    if (Date.now() > deadline) throw new Error(`${id} did not become ${status}`);
}

// [shows runtime.md#scope-of-a-container/1 runtime.md#operations/1 runtime.md#create/3 runtime.md#start/3 runtime.md#lifecycle/13 runtime.md#query-state/2]
test('goes created, running, stopped', () => {
  createSleeper();
  expect(bench.current.state('a')).toMatchObject({ status: 'created' });
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  expect(bench.current.state('a')).toMatchObject({ status: 'running' });
  expect(bench.current.runt(['kill', 'a', 'KILL'])).toEqual(done);
  waitForStatus('a', 'stopped');
  expect(bench.current.state('a')).toMatchObject({ status: 'stopped', pid: 0 });
  expect(bench.current.runt(['delete', 'a'])).toEqual(done);
  expect(bench.current.runt(['state', 'a'])).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('container does not exist'),
  });
});

// [shows runtime.md#lifecycle/3 runtime.md#create/5]
test('the created process has not run anything yet', () => {
  bench.current.configure(['/bin/sh', '-c', 'echo started > /data/proof'], (config) => {
    config.root.readonly = false;
  });
  expect(bench.current.create('a')).toEqual(done);
  const proof = join(bench.current.rootfs, 'data/proof');
  expect(() => writeFileSync(proof, '', { flag: 'wx' })).not.toThrow();
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

// [shows runtime.md#state/3]
test('create of an id that exists is refused and changes nothing', () => {
  createSleeper();
  const before = bench.current.state('a');
  expect(bench.current.create('a')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('container with given ID already exists'),
  });
  expect(bench.current.state('a')).toEqual(before);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

// [shows runtime.md#start/2]
test('start twice, and start of a stopped container, are refused', () => {
  createSleeper();
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  expect(bench.current.runt(['start', 'a'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('cannot start an already running container'),
  });
  bench.current.runt(['kill', 'a', '9']);
  waitForStatus('a', 'stopped');
  expect(bench.current.runt(['start', 'a'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('cannot start a container that has stopped'),
  });
  expect(bench.current.runt(['delete', 'a'])).toEqual(done);
});

// [shows runtime.md#delete/2]
test('delete refuses a created and a running container without --force', () => {
  createSleeper();
  expect(bench.current.runt(['delete', 'a'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('cannot delete container a that is not stopped: created'),
  });
  bench.current.runt(['start', 'a']);
  expect(bench.current.runt(['delete', 'a'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('cannot delete container a that is not stopped: running'),
  });
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('delete --force of a container that does not exist succeeds; without --force it does not', () => {
  expect(bench.current.runt(['delete', '--force', 'nothing'])).toEqual(done);
  expect(bench.current.runt(['delete', 'nothing'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('container does not exist'),
  });
});

// [shows runtime.md#kill/2]
test('kill takes names and numbers, and is refused for a stopped container', () => {
  bench.current.configure(['/bin/sh', '-c', 'trap "exit 0" USR1 TERM; while :; do sleep 0.05; done']);
  expect(bench.current.create('a')).toEqual(done);
  bench.current.runt(['start', 'a']);
  expect(bench.current.runt(['kill', 'a', 'SIGFOO'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('SIGFOO'),
  });
  expect(bench.current.runt(['kill', 'a', 'CONT'])).toEqual(done);
  expect(bench.current.runt(['kill', 'a', 'sigwinch'])).toEqual(done);
  expect(bench.current.runt(['kill', 'a', '9'])).toEqual(done);
  waitForStatus('a', 'stopped');
  expect(bench.current.runt(['kill', 'a'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('container not running'),
  });
  expect(bench.current.runt(['kill', '--all', 'a'])).toEqual(done);
  expect(bench.current.runt(['delete', 'a'])).toEqual(done);
});

test('kill KILL ends every process of a container without its own pid namespace', () => {
  bench.current.configure(['/bin/sh', '-c', 'sleep 100 & sleep 100 & wait'], (config) => {
    config.linux.namespaces = config.linux.namespaces.filter((each: { type: string }) => each.type !== 'pid');
  });
  expect(bench.current.detached(['run', '-d', '-b', bench.current.bundle, 'a'])).toEqual(done);
  expect(bench.current.runt(['kill', 'a', 'KILL'])).toEqual(done);
  waitForStatus('a', 'stopped');
  expect(bench.current.runt(['delete', 'a'])).toEqual(done);
});

// [shows runtime.md#lifecycle/4]
test('state survives edits of the bundle', () => {
  createSleeper();
  writeFileSync(join(bench.current.bundle, 'config.json'), 'not JSON');
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  expect(bench.current.runt(['exec', 'a', '/bin/true'])).toEqual(done);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('state prints what runc prints', () => {
  bench.current.configure(['/bin/sleep', '100'], (config) => {
    config.annotations = { 'org.example.key': 'value' };
  });
  expect(bench.current.create('a')).toEqual(done);
  const { stdout } = bench.current.runt(['state', 'a']);
  expect(stdout.endsWith('}')).toBe(true);
  expect(Object.keys(JSON.parse(stdout))).toEqual([
    'ociVersion',
    'id',
    'pid',
    'status',
    'bundle',
    'rootfs',
    'created',
    'annotations',
    'owner',
  ]);
  expect(JSON.parse(stdout)).toMatchObject({
    id: 'a',
    bundle: bench.current.bundle,
    rootfs: bench.current.rootfs,
    owner: '',
    annotations: { 'org.example.key': 'value' },
  });
  expect(stdout.split('\n')[1]).toMatch(/^ {2}"ociVersion": "1\.\d\.\d",$/);
  expect(bench.current.runt(['delete', '--force', 'a'])).toEqual(done);
});

test('list shows every container as a table, as JSON, and ids only', () => {
  expect(bench.current.runt(['list', '-f', 'json'])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^null\n?$/),
  });
  createSleeper('a');
  createSleeper('b');
  expect(bench.current.runt(['list', '-q']).stdout).toBe('a\nb\n');
  const table = bench.current.runt(['list']).stdout.split('\n');
  expect(table[0]).toMatch(/^ID +PID +STATUS +BUNDLE +CREATED +OWNER$/);
  expect(table[1]).toMatch(/^a +\d+ +created +\S+ +\S+ +root$/);
  expect(JSON.parse(bench.current.runt(['list', '--format=json']).stdout)).toHaveLength(2);
  for (const id of ['a', 'b']) expect(bench.current.runt(['delete', '-f', id])).toEqual(done);
});

test('two creates of one id at once: one wins, the other says so', async () => {
  bench.current.configure(['/bin/sleep', '100']);
  const create = (): Promise<{ status: number | null; stderr: string }> =>
    new Promise((resolve) => {
      const child = spawn(
        bench.current.binary,
        ['--root', bench.current.stateRoot, 'create', '-b', bench.current.bundle, 'a'],
        { stdio: ['ignore', 'ignore', 'pipe'] },
      );
      let stderr = '';
      child.stderr.on('data', (data) => {
        stderr += data;
        // The winner's container keeps the pipe open: do not wait for its end.
      });
      // The winner's pipe is held open by its container; a loser's is read to its end.
      child.on('exit', (status) => {
        if (status !== 0) return;
        child.stderr.destroy();
        resolve({ status, stderr });
      });
      child.on('close', (status) => resolve({ status, stderr }));
    });
  const results = await Promise.all([create(), create(), create(), create()]);
  expect(results.filter((each) => each.status === 0)).toHaveLength(1);
  for (const loser of results.filter((each) => each.status !== 0))
    expect(loser.stderr).toContain('container with given ID already exists');
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
});
