import { expect, test } from 'vitest';
import { checkStepOrder, orderRules } from './check-step-order.ts';
import { type InitStep, type InitStepKind, stepOperations } from './init-step.ts';

/** Only the kind matters here. */
const step = (kind: InitStepKind) => ({ kind }) as InitStep;

test.each(orderRules)('$before before $after', ({ before, after, because }) => {
  expect(() => checkStepOrder([step(before), step(after)])).not.toThrow();
  expect(() => checkStepOrder([step(after), step(before)])).toThrow(because);
  // One of them is late: the first of the ones after and the last of the ones before count.
  expect(() => checkStepOrder([step(before), step(after), step(before)])).toThrow(because);
});

test('the rules can be kept all at once', () => {
  const edges = new Map<string, string[]>();
  for (const { before, after } of orderRules) edges.set(before, [...(edges.get(before) ?? []), after]);
  const done = new Set<string>();
  const visit = (kind: string, path: readonly string[]): void => {
    expect(path, 'a circle of rules').not.toContain(kind);
    if (done.has(kind)) return;
    for (const next of edges.get(kind) ?? []) visit(next, [...path, kind]);
    done.add(kind);
  };
  for (const kind of edges.keys()) visit(kind, []);
});

test('every kind has a sentence, and every rule speaks of known kinds', () => {
  for (const { before, after } of orderRules) {
    expect(stepOperations[before]).toBeTruthy();
    expect(stepOperations[after]).toBeTruthy();
  }
});
