/** The nearest known word, for typos. */
import { expect, test } from 'vitest';
import { nearest } from './fault.ts';

test.each([
  ['stat', ['start', 'state'], 'state'],
  ['stat', ['state', 'start'], 'state'],
  ['craete', ['create', 'delete'], 'create'],
  ['rn', ['run', 'list'], 'run'],
  ['cgrp', ['cap', 'cgroup', 'cwd'], 'cgroup'],
  ['something', ['run', 'list'], undefined],
])('%s of %j is %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});
