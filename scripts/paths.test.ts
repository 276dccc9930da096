/** A checkout's path may hold blanks: the `pathname` of a URL has them as %20, which names no file. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const from = (folder: string) => {
  const names = readdirSync(new URL(`../${folder}/`, import.meta.url), { encoding: 'utf8' });
  return names.filter((name) => /\.(mjs|ts)$/.test(name)).map((name) => `${folder}/${name}`);
};

const folders = ['scripts', 'conformance', ...['harness', 'config', 'escapes'].map((name) => `conformance/${name}`)];

test.each(folders.flatMap(from))('%s takes no path from a URL as it is written', (file) => {
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  expect(text).not.toMatch(/import\.meta\.url\)\.pathname/);
});
