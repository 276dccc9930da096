/** runt is killed at each system call of start, exec and delete (strace injection): delete --force then leaves nothing. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { type Bench, useBench } from '../harness/container.ts';

const bench = useBench();

/** Whether the n-th call of that kind came, and killed it. -D: the status is runt's own. */
function killedAt(target: Bench, args: readonly string[], call: string, when: number): boolean {
  const options = `-D -qq -o /dev/null -e trace=${call} -e inject=${call}:signal=KILL:when=${when}`;
  const command = `strace ${options} ${target.binary} --root ${target.stateRoot} ${args.join(' ')}`;
  const result = spawnSync('sh', ['-c', `${command} </dev/null >/dev/null 2>&1`], { timeout: 20_000 });
  return result.status === null || result.status === 137;
}

const cases = {
  start: ['openat2', 'flock', 'connect', 'sendmsg', 'recvmsg', 'unlinkat', 'statx', 'close'],
  exec: ['openat2', 'pidfd_open', 'setns', 'socketpair', 'clone3', 'recvmsg', 'prctl', 'waitid', 'close'],
  delete: ['openat2', 'flock', 'statx', 'write', 'unlinkat', 'getdents64', 'close'],
} as const;

const all = Object.entries(cases).flatMap(([command, calls]) => calls.map((call) => [command, call] as const));

test.each(all)(
  '%s killed at each %s',
  (command, call) => {
    const target = bench.current;
    target.configure(['/bin/sleep', '1000']);
    for (let when = 1; when <= 40; when++) {
      expect(target.create('a').status).toBe(0);
      if (command !== 'start') expect(target.runt(['start', 'a']).status).toBe(0);
      const args = { start: ['start', 'a'], exec: ['exec', 'a', '/bin/true'], delete: ['delete', '--force', 'a'] };
      const killed = killedAt(target, args[command as keyof typeof args], call, when);
      const removed = target.runt(['delete', '--force', 'a']);
      expect(removed, `${command}, ${call} #${when}`).toEqual({ status: 0, stdout: '', stderr: '' });
      // Each call of a kind in turn, until there is no such call any more; the audit looks for what is left.
      if (!killed) break;
      expect(when, 'a command with so many calls').toBeLessThan(40);
    }
  },
  60_000,
);

test('a start that was killed half-way can be repeated', () => {
  const target = bench.current;
  target.configure(['/bin/sleep', '1000']);
  for (const call of ['connect', 'sendmsg', 'recvmsg', 'unlinkat']) {
    expect(target.create('a').status).toBe(0);
    killedAt(target, ['start', 'a'], call, 1);
    const again = target.runt(['start', 'a']);
    if (again.status !== 0) expect(again.stderr).toMatch(/already running/);
    expect(target.state('a').status, call).toBe('running');
    expect(target.runt(['delete', '--force', 'a']).status).toBe(0);
  }
});
