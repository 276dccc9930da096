import { describe, expect, it } from 'vitest';
import { tryAgain } from './apt.mjs';

describe('tryAgain', () => {
  const failing = (times: number) => {
    const calls = { count: 0, said: [] as string[] };
    const step = () => ++calls.count > times;
    const isDone = tryAgain('the download', step, (line: string) => calls.said.push(line), [0, 0.01]);
    return { isDone, ...calls };
  };

  it.each([
    [0, true, 1, []],
    [1, true, 2, ['the download failed, again in 0 seconds']],
    [2, true, 3, ['the download failed, again in 0 seconds', 'the download failed, again in 0.01 seconds']],
    [9, false, 3, ['the download failed, again in 0 seconds', 'the download failed, again in 0.01 seconds']],
  ])('a step that fails %d times', (times, isDone, count, said) =>
    expect(failing(times)).toEqual({ isDone, count, said }),
  );
});
