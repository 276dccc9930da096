/** The table of the specification's requirements is complete, and is what the marks in the tests say. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeTable, readRequirements, TABLE } from './coverage.mjs';
import { extractFrom, extractRequirements, findSpecification } from './spec-requirements.mjs';

const table = makeTable();

test('every requirement has a test that shows it, or a reason why none does', () => {
  expect(table.open).toEqual([]);
});

test('no reason stands beside a test', () => {
  expect(table.needless).toEqual([]);
});

test('conformance/coverage.md is the one of these tests: node scripts/coverage.mjs', () => {
  expect(readFileSync(new URL(`../${TABLE}`, import.meta.url), 'utf8')).toBe(table.text);
});

const specification = findSpecification();
test.skipIf(specification === undefined)(
  'the committed list is that of the specification in the module cache of Go',
  () => {
    const found = extractRequirements(specification).map(({ id, hash, level }: { [key: string]: string }) => ({
      id,
      hash,
      level,
    }));
    expect(found).toEqual(readRequirements());
  },
);

test('sentences are found by heading and number, in paragraphs, lists, tables and notes, not in code', () => {
  const text = [
    '# <a name="x" />First Heading',
    'It MUST be so. It is so.',
    'This MAY be. That SHOULD NOT',
    'be.',
    '* **`a`** (string, REQUIRED) the a. It MUST be b.',
    '```',
    'MUST not be seen.',
    '```',
    '`rw` | MUST | write',
    '`ro` | SHOULD | read',
    '> **NOTE:** They SHALL.',
    '## Example',
    'One SHOULD.',
    '## Example',
    'Two SHOULD.',
    '[must]: MUST',
  ].join('\n');
  const found = extractFrom('f.md', text).map(({ id, level }: { id: string; level: string }) => `${id} ${level}`);
  expect(found).toEqual([
    'f.md#first-heading/1 MUST',
    'f.md#first-heading/2 SHOULD NOT',
    'f.md#first-heading/3 REQUIRED',
    'f.md#first-heading/4 MUST',
    'f.md#first-heading/5 MUST',
    'f.md#first-heading/6 SHOULD',
    'f.md#first-heading/7 SHALL',
    'f.md#example/1 SHOULD',
    'f.md#example-1/1 SHOULD',
  ]);
  const [one] = extractFrom('f.md', '# H\nIt MUST be so.');
  const [other] = extractFrom('f.md', '# H\nIt MUST be thus.');
  expect(one.hash).not.toBe(other.hash);
  expect(extractFrom('f.md', '# H\nIt MUST\nbe so.')[0].hash).toBe(one.hash);
});
