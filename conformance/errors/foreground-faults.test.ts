/**
 * run in the foreground whose own system calls fail once the program runs (strace injection): it does not leave the container to
 * itself, and the exit code is the program's whenever that has ended.
 */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();

function run(program: readonly string[], fault: string) {
  const target = bench.current;
  target.configure(program);
  const { binary, stateRoot, bundle } = target;
  const [call] = fault.split(':');
  // -D: the status is runt's own.
  const strace = ['-D', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${fault}`];
  const runt = [binary, '--root', stateRoot, 'run', '--bundle', bundle, 'a'];
  return spawnSync('strace', [...strace, ...runt], { encoding: 'utf8', timeout: 20_000 });
}
const containers = () => bench.current.runt(['list', '-q']).stdout;

test.each([
  ['ppoll:error=ENOMEM:when=1', 'runt run failed: cannot allocate memory (ENOMEM from poll(2))\n'],
  ['waitid:error=EIO:when=1', 'runt run failed: input/output error (EIO from waitid(2))\n'],
])('%s: the program is ended, the container removed', (fault, stderr) => {
  const program = fault.startsWith('ppoll') ? ['/bin/sleep', '1000'] : ['/bin/true'];
  expect(run(program, fault)).toMatchObject({ status: 1, stderr });
  expect(containers()).toBe('');
});

test('a container that cannot be removed is a warning, and delete removes it', () => {
  const { status, stderr } = run(['/bin/sh', '-c', 'exit 7'], 'unlinkat:error=EIO');
  expect(status).toBe(7);
  expect(stderr).toMatch(/^runt: warning: container a was not removed: .*EIO from unlinkat\(2\)\)\n$/);
  expect(containers()).toBe('a\n');
  expect(bench.current.runt(['delete', 'a'])).toEqual({ status: 0, stdout: '', stderr: '' });
});
