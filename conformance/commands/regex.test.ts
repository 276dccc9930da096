/** kill --regex and delete --regex, crun's: every container whose id the pattern matches. */
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };

function create(...ids: string[]): void {
  for (const id of ids) {
    bench.current.configure(['/bin/sleep', '100'], (config) => {
      config.linux.cgroupsPath = `/${id}`;
    });
    expect(bench.current.create(id)).toEqual(done);
  }
}

const ids = () => bench.current.runt(['list', '--quiet']).stdout.trim().split('\n');

function waitForStopped(id: string): void {
  const deadline = Date.now() + 5000;
  while (bench.current.state(id).status !== 'stopped') if (Date.now() > deadline) throw new Error(`${id} did not stop`);
}

test('kill and delete what matches, and nothing else', () => {
  create('web-1', 'web-2', 'db');
  expect(bench.current.runt(['kill', '--regex', '^web-[0-9]$', 'KILL'])).toEqual(done);
  waitForStopped('web-1');
  waitForStopped('web-2');
  expect(bench.current.state('db').status).toBe('created');
  expect(bench.current.runt(['delete', '-r', 'web'])).toEqual(done);
  expect(ids()).toEqual(['db']);
  expect(bench.current.runt(['delete', '--regex', '--force', '.*'])).toEqual(done);
  expect(ids()).toEqual(['']);
});

test('what fails for one has its line and stops no other', () => {
  create('a1', 'a2', 'a3');
  bench.current.runt(['kill', 'a2', 'KILL']);
  waitForStopped('a2');
  const result = bench.current.runt(['delete', '--regex', 'a']);
  expect(result.status).toBe(1);
  expect(result.stderr.trim().split('\n')).toEqual([
    expect.stringContaining('container a1: cannot delete container a1 that is not stopped: created'),
    expect.stringContaining('container a3: cannot delete container a3 that is not stopped: created'),
    'runt: 2 of 3 containers that match "a" could not be deleted',
  ]);
  expect(ids()).toEqual(['a1', 'a3']);
  expect(bench.current.runt(['delete', '-f', '-r', 'a'])).toEqual(done);
});

test('no match is no error; a pattern that is none, or of another kind, is', () => {
  create('a');
  expect(bench.current.runt(['kill', '--regex', 'b', 'KILL'])).toEqual(done);
  for (const pattern of ['(', '[[:alpha:]]', '']) {
    expect(bench.current.runt(['delete', '--force', '--regex', pattern])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('--regex: invalid regular expression'),
    });
  }
  expect(ids()).toEqual(['a']);
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
});
