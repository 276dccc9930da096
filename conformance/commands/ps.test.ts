/** ps: the container's processes as the host sees them, in every status. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };

function start(args: readonly string[]): number {
  bench.current.configure(args);
  expect(bench.current.create('a')).toEqual(done);
  const { pid } = bench.current.state('a');
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  return pid;
}

const pids = () => JSON.parse(bench.current.runt(['ps', '--format', 'json', 'a']).stdout) as number[] | null;

function waitFor(condition: () => boolean): void {
  const deadline = Date.now() + 5000;
  while (!condition()) if (Date.now() > deadline) throw new Error('it did not happen');
}

test('json: the pids, of init first, in one line', () => {
  const pid = start(['/bin/sh', '-c', 'sleep 100 & sleep 101 & wait']);
  waitFor(() => pids()?.length === 3);
  const { stdout } = bench.current.runt(['ps', '-f', 'json', 'a']);
  expect(stdout).toMatch(/^\[[0-9]+,[0-9]+,[0-9]+\]\n$/);
  expect(JSON.parse(stdout)[0]).toBe(pid);
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
});

test('table: ps -ef of the host, only the lines of the container', () => {
  const pid = start(['/bin/sleep', '100']);
  const result = bench.current.runt(['ps', 'a']);
  expect(result).toMatchObject({ status: 0, stderr: '' });
  const [title, line, ...rest] = result.stdout.split('\n');
  expect(title?.split(/\s+/).slice(0, 3)).toEqual(['UID', 'PID', 'PPID']);
  expect(line?.split(/\s+/)[1]).toBe(String(pid));
  expect(line).toContain('sleep 100');
  expect(rest).toEqual(['']);
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
});

test('options of ps stand after the id, dashes and all', () => {
  const pid = start(['/bin/sleep', '100']);
  expect(bench.current.runt(['ps', '--format', 'table', 'a', '-e', '-o', 'pid,comm'])).toEqual({
    status: 0,
    stdout: expect.stringMatching(new RegExp(`^ *PID COMMAND *\n *${pid} sleep\n$`)),
    stderr: '',
  });
  expect(bench.current.runt(['ps', 'a', '-e', '-o', 'comm'])).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining("couldn't find PID field in ps output"),
  });
  expect(bench.current.runt(['ps', 'a', '--no-such-option'])).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('ps: exit status 1: '),
  });
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
});

test('a created container has its waiting process, a stopped one none', () => {
  bench.current.configure(['/bin/sleep', '100']);
  expect(bench.current.create('a')).toEqual(done);
  expect(pids()).toEqual([bench.current.state('a').pid]);
  expect(bench.current.runt(['start', 'a'])).toEqual(done);
  expect(bench.current.runt(['kill', 'a', 'KILL'])).toEqual(done);
  waitFor(() => bench.current.state('a').status === 'stopped');
  expect(bench.current.runt(['ps', '-f', 'json', 'a'])).toEqual({ status: 0, stdout: 'null\n', stderr: '' });
  expect(bench.current.runt(['ps', 'a']).stdout).toMatch(/^UID[^\n]*\n$/);
  expect(bench.current.runt(['delete', 'a'])).toEqual(done);
});

test('a process of exec belongs to it', () => {
  start(['/bin/sleep', '100']);
  expect(bench.current.detached(['exec', '--detach', 'a', '/bin/sleep', '101'])).toEqual(done);
  waitFor(() => pids()?.length === 2);
  expect(bench.current.runt(['ps', 'a']).stdout).toContain('sleep 101');
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
});

test('a ps that is missing, a format that there is not, a container that there is not', () => {
  start(['/bin/sleep', '100']);
  expect(bench.current.runt(['ps', 'a'], { env: { PATH: '/nowhere' } })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('exec: "ps": executable file not found in $PATH'),
  });
  expect(bench.current.runt(['ps', '-f', 'xml', 'a'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('invalid format option'),
  });
  expect(bench.current.runt(['ps', 'b'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('container does not exist'),
  });
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
});

test('ps is given the null device, an environment, and no descriptor of ours', () => {
  start(['/bin/sleep', '100']);
  const directory = join(bench.current.directory, 'bin');
  mkdirSync(directory);
  // By the shell alone: one that is starting another program blocks signals and has pipes meanwhile.
  const script = `#!/bin/sh
echo PID
readlink /proc/self/fd/0
for each in /proc/$$/fd/*; do printf '%s ' "\${each##*/}"; done
while read -r name mask; do case $name in SigBlk:|SigIgn:) echo "$name$mask";; esac; done < /proc/$$/status
exit 3
`;
  writeFileSync(join(directory, 'ps'), script);
  chmodSync(join(directory, 'ps'), 0o755);
  const { stderr, status } = bench.current.runt(['ps', 'a'], { env: { PATH: `${directory}:${process.env.PATH}` } });
  expect(status).toBe(1);
  // 10 is dash's own, of the script; 3 that of the directory it reads.
  expect(stderr).toMatch(/exit status 3: PID \/ \/dev\/null \/ 0 1 10 2 (3 )?SigBlk:0+ \/ SigIgn:0+$/m);
  expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
});
