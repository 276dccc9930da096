import { expect, test } from 'vitest';
import { formatTimestamp } from './format-timestamp.ts';

test.each([0, 951782399, 951782400, 951868800, 1709164800, 1709251199, 4102444800, 1795549265, 13569465600])(
  '%d seconds, as Date says it',
  (seconds) => {
    const expected = new Date(seconds * 1000).toISOString().replace('.000Z', '.000000042Z');
    expect(formatTimestamp(seconds, 42)).toBe(expected);
  },
);

test('every day of four centuries', () => {
  for (let day = 0; day < 146097; day += 1) {
    const iso = new Date(day * 86400000).toISOString().slice(0, 10);
    if (!formatTimestamp(day * 86400, 0).startsWith(iso)) expect(formatTimestamp(day * 86400, 0)).toBe(iso);
  }
});
