// The statistics of the bench: medians, minima, and the ratio of two medians with its noise. Pure.
// Medians, because a shared machine's disturbances are one-sided and large; the noise by bootstrap, because nothing is
// known about the distribution.

const RESAMPLES = 1000;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Numbers in [0, 1) from a fixed seed: the same samples always give the same table. [mulberry32] */
function makeRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * median(ours) / median(theirs), with the bounds between which it lies with 95 %.
 * Both arrays hold one value for each round, in the same order: rounds are drawn in pairs, because the arms of a round
 * ran next to each other and suffered the same neighbours.
 */
export function ratioOfMedians(ours, theirs) {
  const random = makeRandom(1);
  const ratios = Array.from({ length: RESAMPLES }, () => {
    const drawn = ours.map(() => Math.floor(random() * ours.length));
    return median(drawn.map((round) => ours[round])) / median(drawn.map((round) => theirs[round]));
  }).sort((a, b) => a - b);
  return {
    ratio: median(ours) / median(theirs),
    low: ratios[Math.floor(RESAMPLES * 0.025)],
    high: ratios[Math.floor(RESAMPLES * 0.975)],
  };
}

/** Groups the driver's lines: row name -> arm name -> { ns: [...], kib: [...] } with one element for each round. */
export function parseSamples(text) {
  const rows = {};
  for (const line of text.split('\n').filter(Boolean)) {
    const [row, arm, round, ns, kib] = line.split('\t');
    rows[row] ??= {};
    rows[row][arm] ??= { ns: [], kib: [] };
    rows[row][arm].ns[round] = Number(ns);
    rows[row][arm].kib[round] = Number(kib);
  }
  return rows;
}
