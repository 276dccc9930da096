/** conformance/RESULTS.md: a run replaces what it measured and nothing else. */
import { expect, test } from 'vitest';
import { engineKey, engineRow } from './engine-rows.mjs';
import { mergeTable, readSection, replaceSection } from './results.mjs';

const text = '# Results\n\n<!-- a -->\nfirst\n<!-- /a -->\n\n<!-- b -->\nsecond\n<!-- /b -->\n';

test('a section is replaced in its place, or added at the end', () => {
  expect(replaceSection(text, 'a', 'new\n')).toBe(text.replace('first', 'new'));
  expect(replaceSection(text, 'c', 'third')).toBe(`${text}\n<!-- c -->\nthird\n<!-- /c -->\n`);
});

test('a section is read by its name', () => {
  expect(readSection(text, 'b').trim()).toBe('second');
  expect(readSection(text, 'c')).toBe('');
});

const head = ['engine', 'result'];
const keyOf = ([engine]: string[]) => engine;
const old =
  'Words.\n\n| engine | result |\n| --- | --- |\n| podman | 1 |\n| docker | 2: a \\| b, c |\n\n| other | table |\n';

test('only the rows of the same key are replaced; the rows are in the order of their keys', () => {
  const rows = [
    ['podman', 3],
    ['cri', 0],
  ];
  expect(mergeTable(old, head, rows, keyOf)).toBe(
    '| engine | result |\n| --- | --- |\n| cri | 0 |\n| docker | 2: a \\| b, c |\n| podman | 3 |',
  );
});

test('merging what was merged changes nothing, whatever is in the cells', () => {
  const once = mergeTable('', head, [['docker', 'a | b || \\| c |']], keyOf);
  expect(once).toContain('| docker | a \\| b \\|\\| \\\\| c \\| |');
  expect(mergeTable(once, head, [], keyOf)).toBe(once);
});

test('a table with another head is not carried on', () => {
  expect(mergeTable(old.replace('result', 'count'), head, [], keyOf)).toBe('| engine | result |\n| --- | --- |');
});

const run = {
  ...{ engine: 'podman', version: '5.8.6', where: 'virtual machine', runtime: 'runt', runtimeVersion: '0.1.0' },
  ...{ passed: 4, listed: 1, failed: ['pause', 'update'], kernel: '7.2.1' },
};

test('an engine has a row for each place and runtime, and a newer version takes the older row', () => {
  const [engine, where, runtime, passed, listed, failed, when] = engineRow(run);
  expect([engine, where, runtime]).toEqual(['podman 5.8.6', 'virtual machine', 'runt 0.1.0']);
  expect([passed, listed, failed]).toEqual([4, 1, '2: pause, update']);
  expect(when).toMatch(/^\d+ [A-Z][a-z]+ \d{4}, Linux 7\.2\.1$/);
  const keyed = (more: Partial<typeof run>) => engineKey(engineRow({ ...run, ...more }));
  expect(keyed({ version: '6.0', runtimeVersion: '0.2.0', passed: 9 })).toBe(keyed({}));
  const others = [{ engine: 'podman-build' }, { where: 'test image' }, { runtime: 'runc' }].map(keyed);
  expect(new Set([keyed({}), ...others]).size).toBe(4);
});
