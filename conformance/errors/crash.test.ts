/**
 * Crash safety: runt is killed with SIGKILL at each of its system calls in turn (strace injection), and whatever is left must be
 * removed completely by `delete --force`. And each call fails once with EIO or EPERM: one clear error, nothing left.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Bench, useBench } from '../harness/container.ts';

const bench = useBench();

/**
 * Runs runt under strace with one injection into its own (with follow: also its children's) n-th call of one kind.
 * -D: strace is the detached one, so the status is runt's and a container that was made does not keep us waiting.
 */
function inject(
  target: Bench,
  args: readonly string[],
  call: string,
  what: string,
  follow: boolean,
): { fired: boolean; status: number | null; stderr: string } {
  const options = [
    '-D',
    '-qq',
    ...(follow ? ['-f'] : []),
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:${what}`,
  ];
  const script = `strace ${options.join(' ')} ${[target.binary, '--root', target.stateRoot, ...args].join(' ')} </dev/null >/dev/null 2>${target.directory}/err`;
  const result = spawnSync('sh', ['-c', `${script}; code=$?; cat ${target.directory}/err >&2; exit $code`], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { fired: result.status !== 0, status: result.status, stderr: result.stderr };
}

const calls = [
  'openat2',
  'mkdirat',
  'write',
  'renameat2',
  'clone3',
  'bpf',
  'bind',
  'listen',
  'recvmsg',
  'socketpair',
  'flock',
  'close',
];

test.each(calls)(
  'create killed at each %s leaves nothing that delete --force does not remove',
  (call) => {
    bench.current.configure(['/bin/sleep', '1000']);
    let killed = 0;
    for (let when = 1; when <= 40; when++) {
      const result = inject(
        bench.current,
        ['create', '-b', bench.current.bundle, 'a'],
        call,
        `signal=KILL:when=${when}`,
        false,
      );
      expect(bench.current.runt(['delete', '--force', 'a']), `${call} #${when}`).toEqual({
        status: 0,
        stdout: '',
        stderr: '',
      });
      expect(
        readdirSync(bench.current.stateRoot).filter((name) => !name.startsWith('.')),
        `${call} #${when}`,
      ).toEqual([]);
      if (!result.fired) break;
      killed += 1;
    }
    expect(killed, `${call} was never called: the test would prove nothing`).toBeGreaterThan(0);
  },
  120_000,
);

test.each([
  'openat2',
  'mkdirat',
  'write',
  'renameat2',
  'clone3',
  'bpf',
  'bind',
  'fsopen',
  'fsmount',
  'move_mount',
  'open_tree',
  'mount_setattr',
  'pivot_root',
  'mknodat',
  'symlinkat',
  'sethostname',
  'unshare',
])(
  'create with each %s failing says so once and leaves nothing',
  (call) => {
    bench.current.configure(['/bin/sleep', '1000']);
    let failed = 0;
    for (let when = 1; when <= 60; when++) {
      const result = inject(
        bench.current,
        ['create', '-b', bench.current.bundle, 'a'],
        call,
        `error=EIO:when=${when}`,
        true,
      );
      const exists = existsSync(`${bench.current.stateRoot}/a`);
      if (result.status === 0) {
        // The call was not needed (or there are no more of them): then the container must be whole.
        expect(bench.current.runt(['delete', '--force', 'a']).status).toBe(0);
        if (failed > 0 && when > failed + 3) break;
        continue;
      }
      failed += 1;
      expect(exists, `${call} #${when}: state left`).toBe(false);
      expect(result.stderr.trim().split('\n'), `${call} #${when}`).toHaveLength(1);
      expect(result.stderr, `${call} #${when}`).not.toMatch(/internal error|at .*\(/);
    }
    expect(failed, `${call} was never called: the test would prove nothing`).toBeGreaterThan(0);
  },
  240_000,
);
