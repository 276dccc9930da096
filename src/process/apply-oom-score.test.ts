/** The OOM score goes through a descriptor of procfs that nothing can lead astray (rule B6). */
import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { O_WRONLY } from '../kernel/flags.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { applyOomScore } from './apply-oom-score.ts';

const directory = new Fd<'proc'>(10, '/proc/self');

function procfs(errno?: string) {
  return stubKernel({
    openat2: (() => new Fd<'proc'>(11, '/proc/self/oom_score_adj')) as never,
    write() {
      if (errno !== undefined) throw new RuntimeError({ kind: 'kernel', syscall: 'write', errno });
    },
    close: () => undefined,
  });
}

test.each([0, -1000, 1000])('%i', (score) => {
  const { kernel, calls } = procfs();
  applyOomScore(kernel, directory, score, '/process');
  // NO_XDEV | NO_MAGICLINKS | NO_SYMLINKS | BENEATH
  expect(calls[0]).toEqual(['openat2', directory, 'oom_score_adj', O_WRONLY, 0, 1 | 2 | 4 | 8]);
  expect(calls[1]?.[2]).toBe(String(score));
  expect(calls[2]?.[0]).toBe('close');
});

test('EACCES names the place and the privilege, and the file is closed', () => {
  const { kernel, calls } = procfs('EACCES');
  expect(() => applyOomScore(kernel, directory, -5, '/process')).toThrow(
    /^set the OOM score to -5: \/process\/oomScoreAdj: permission denied .*CAP_SYS_RESOURCE/,
  );
  expect(calls.at(-1)?.[0]).toBe('close');
});
