/** The build step of the schemas: deterministic, self-contained, strict, and every file of schemas/ is in use. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from './compile-schemas.mjs';
import { integerRange } from './schema-keywords.mjs';

const directory = new URL('../schemas/', import.meta.url);
const files = readdirSync(directory).filter((name) => name.endsWith('.json'));

test('two compilations give the same text, without imports or regular expressions', () => {
  const first = compile();
  expect(compile()).toEqual(first);
  expect(first.code).not.toMatch(/\brequire\b|\bimport\b|new RegExp|\bIntl\b/);
  expect(first.types).toContain('export interface Config {');
});

test('the generated files are those of the schemas', () => {
  const generated = new URL('../src/spec/generated/', import.meta.url);
  expect(readFileSync(new URL('validate.js', generated), 'utf8') === compile().code, 'run npm run build').toBe(true);
});

test.each(files)('%s has its name as $id, a $comment, and less than 400 lines', (name) => {
  const text = readFileSync(new URL(name, directory), 'utf8');
  const schema = JSON.parse(text);
  expect(schema.$id).toBe(name);
  expect(schema.$comment).toBeTypeOf('string');
  expect(text.split('\n').length).toBeLessThan(400);
});

test('no schema closes itself against unknown properties', () => {
  for (const name of files) {
    expect(readFileSync(new URL(name, directory), 'utf8')).not.toMatch(/"(additional|unevaluated)Properties": false/);
  }
});

test('an unknown kind of integer is an error of the build', () => {
  expect(() => integerRange('uint65')).toThrow('unknown integer kind');
  expect(integerRange('int64').wide).toBe(true);
  expect(integerRange([0, 5]).wide).toBe(false);
});
