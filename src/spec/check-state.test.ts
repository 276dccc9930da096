import { expect, test } from 'vitest';
import { checkState } from './check-state.ts';

const good = { ociVersion: '1.3.0', id: 'a', status: 'running', pid: 5, bundle: '/b' };

test('a state is accepted, also one of a further status', () => {
  expect(checkState(good)).toEqual({ state: good });
  expect(checkState({ ...good, status: 'paused' }).faults).toBeUndefined();
  expect(checkState({ ...good, status: 'stopped', pid: 0, annotations: {} }).faults).toBeUndefined();
});

test.each([
  [{ ...good, pid: undefined }, '/pid'],
  [{ ...good, pid: 4194305 }, '/pid'],
  [{ ...good, bundle: 'b' }, '/bundle'],
  [{ ...good, id: '' }, '/id'],
  [{ ...good, annotations: { a: 1 } }, '/annotations/a'],
  [[], ''],
])('a faulty state: %j', (state, pointer) => {
  expect(checkState(state).faults?.map((fault) => fault.pointer)).toEqual([pointer]);
});
