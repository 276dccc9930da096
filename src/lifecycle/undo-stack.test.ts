import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { withUndo } from './undo-stack.ts';

const failure = new RuntimeError({ kind: 'kernel', operation: 'do it', errno: 'EIO', hint: 'look' });

test('success undoes nothing', () => {
  const log: string[] = [];
  expect(withUndo((undo) => [undo.push('a', () => log.push('a')), 7][1])).toBe(7);
  expect(log).toEqual([]);
});

test('failure undoes everything, last first, and is told unchanged', () => {
  const log: string[] = [];
  const run = () =>
    withUndo((undo) => {
      for (const name of ['a', 'b', 'c']) undo.push(name, () => log.push(name));
      throw failure;
    });
  expect(run).toThrow(failure);
  expect(log).toEqual(['c', 'b', 'a']);
});

test('an inverse that fails stops no other and does not hide the error', () => {
  const log: string[] = [];
  const run = () =>
    withUndo((undo) => {
      undo.push('remove the directory', () => log.push('directory'));
      undo.push('remove the cgroup', () => {
        throw new Error('busy');
      });
      throw failure;
    });
  expect(run).toThrow('do it: input/output error (EIO) - hint: look; not undone: remove the cgroup: busy');
  expect(log).toEqual(['directory']);
});
