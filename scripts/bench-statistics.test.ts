import { describe, expect, it } from 'vitest';
import { limitsOf, planText, ROWS } from './bench-rows.mjs';
import { median, parseSamples, ratioOfMedians } from './bench-statistics.mjs';

describe('median', () => {
  it.each([
    [[3], 3],
    [[10, 9, 2], 9],
    [[4, 1, 100, 2], 3],
  ])('of %j is %d', (values, expected) => expect(median(values)).toBe(expected));
});

describe('ratioOfMedians', () => {
  const steady = Array.from({ length: 50 }, (_, round) => 100 + (round % 5));

  it('is narrow when nothing disturbs', () => {
    const { ratio, low, high } = ratioOfMedians(
      steady.map((value) => value / 2),
      steady,
    );
    expect(ratio).toBe(0.5);
    expect(low).toBeGreaterThan(0.47);
    expect(high).toBeLessThan(0.53);
  });

  it('is wide when the samples are all over the place', () => {
    const wild = steady.map((value, round) => value * (1 + (round % 10)));
    const { low, high } = ratioOfMedians(wild, steady);
    expect(high - low).toBeGreaterThan(1);
  });

  it('gives the same answer for the same samples', () => {
    expect(ratioOfMedians(steady, [...steady].reverse())).toEqual(ratioOfMedians(steady, [...steady].reverse()));
  });
});

describe('parseSamples', () => {
  it('groups by row and arm, in the order of the rounds', () => {
    const text = 'run\tcrun\t0\t500\t3000\nrun\trunt\t1\t200\t90\nrun\trunt\t0\t100\t80\n';
    expect(parseSamples(text)).toEqual({
      run: { crun: { ns: [500], kib: [3000] }, runt: { ns: [100, 200], kib: [80, 90] } },
    });
  });
});

describe('rows', () => {
  it('compare memory with crun once each', () => {
    for (const row of ROWS) {
      expect(limitsOf(row).filter(({ unit, against }) => unit === 'kib' && against === 'crun')).toHaveLength(1);
    }
  });

  it('give each arm an id of its own, and the floor only where it stands for something', () => {
    const plan = planText(ROWS, ['crun', 'floor']);
    expect(plan.match(/^arm floor$/gm)).toHaveLength(1);
    expect(plan.match(/^row /gm)).toHaveLength(ROWS.length);
    expect(plan).toContain('time /tmp/work/bin/crun --root /run/bench/crun state bench-crun\n');
    expect(plan).not.toContain('undefined');
  });
});
