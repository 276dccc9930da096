// conformance/RESULTS.md: tables of runs, each written by the script that ran it, between marks of its own name; never by hand.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILE = join(dirname(dirname(fileURLToPath(import.meta.url))), 'conformance', 'RESULTS.md');
const HEAD = `# Results

Written by \`npm run conformance\`, \`npm run test:engines\` and others with \`--write\`; each table says when, where and with which versions.
`;

/** Replaces the section of that name, or adds it at the end. `body` is Markdown, with its own heading. */
export function writeResults(name, body) {
  const text = existsSync(FILE) ? readFileSync(FILE, 'utf8') : HEAD;
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const section = `${begin}\n${body.trim()}\n${end}`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from >= 0 && to > from) writeFileSync(FILE, text.slice(0, from) + section + text.slice(to + end.length));
  else writeFileSync(FILE, `${text.trimEnd()}\n\n${section}\n`);
}

/** "25 November 2026": the day of the run. */
export function today() {
  return new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
}
