import { expect, test } from 'vitest';
import { planUnitPlace } from './plan-unit-place.ts';

test.each([
  ['/a.slice/runt-c.scope', '/a.slice/runt-c.scope', []],
  ['/a.slice/runt-c.scope/sub/inner', '/a.slice/runt-c.scope', ['sub', 'inner']],
  ['/a.slice/runt-c.scope/runt-c.scope', '/a.slice/runt-c.scope', ['runt-c.scope']],
  ['/somewhere/else', '/somewhere/else', []],
])('%s', (path, unit, below) => {
  expect(planUnitPlace(path, 'runt-c.scope')).toEqual({ unit, below });
});
