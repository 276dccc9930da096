/** What every hostile input gets: one line on stderr, nothing on stdout, the exit code, quickly. The audit does the rest. */
import { expect } from 'vitest';
import type { Bench, RunOptions } from '../harness/container.ts';

const limitMs = 2000;

export interface Refusal extends RunOptions {
  /** 1, or 255 for exec. */
  readonly status?: number;
}

/** Returns the line. */
export function expectRefusal(
  bench: Bench,
  args: readonly string[],
  expected: RegExp,
  { status = 1, ...options }: Refusal = {},
): string {
  const shown = args.map((arg) => (arg.length > 100 ? `${arg.slice(0, 100)}...` : arg)).join(' ');
  const start = performance.now();
  const result = bench.runt(args, options);
  const tookMs = performance.now() - start;
  expect({ status: result.status, stdout: result.stdout }, `${shown}: ${result.stderr}`).toEqual({
    status,
    stdout: '',
  });
  expect(result.stderr.trimEnd().split('\n'), shown).toHaveLength(1);
  expect(result.stderr, shown).toMatch(expected);
  expect(result.stderr, shown).not.toMatch(/internal error|TypeError|RangeError|\bbug\b|panicked/);
  expect(tookMs, `${shown}: took too long`).toBeLessThan(limitMs);
  return result.stderr;
}
