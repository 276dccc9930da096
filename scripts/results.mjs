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
  writeFileSync(FILE, replaceSection(readResults(), name, body));
}

/** The same for one table of a section: only the rows of the new ones' keys are replaced. head, keyOf: as of mergeTable. */
export function writeRows(name, intro, head, rows, keyOf) {
  const table = mergeTable(readSection(readResults(), name), head, rows, keyOf);
  writeResults(name, `${intro}\n\n${table}`);
}

function readResults() {
  return existsSync(FILE) ? readFileSync(FILE, 'utf8') : HEAD;
}

const marks = (name) => [`<!-- ${name} -->`, `<!-- /${name} -->`];

/** The text with the section of that name replaced, or added at the end. */
export function replaceSection(text, name, body) {
  const [begin, end] = marks(name);
  const section = `${begin}\n${body.trim()}\n${end}`;
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from >= 0 && to > from) return text.slice(0, from) + section + text.slice(to + end.length);
  return `${text.trimEnd()}\n\n${section}\n`;
}

/** What stands in the section of that name; empty when there is none. */
export function readSection(text, name) {
  const [begin, end] = marks(name);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  return from >= 0 && to > from ? text.slice(from + begin.length, to) : '';
}

/**
 * A Markdown table of the old one's rows in `text` and these, in the order of their keys. head: titles of the columns; rows: arrays of
 * cells; keyOf(CELLS): a row of the same key is replaced. A table with another head is not carried on.
 */
export function mergeTable(text, head, rows, keyOf) {
  const merged = new Map();
  for (const row of [...parseTable(text, head), ...rows.map((cells) => cells.map(escapeCell))])
    merged.set(keyOf(row), row);
  const sorted = [...merged].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, cells]) => cells);
  return [head, head.map(() => '---'), ...sorted].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const escapeCell = (cell) => String(cell).replaceAll('|', '\\|');

/** The rows below this head, as arrays of cells. */
function parseTable(text, head) {
  const lines = text.split('\n');
  const from = lines.indexOf(`| ${head.join(' | ')} |`);
  if (from < 0) return [];
  const rest = lines.slice(from + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end < 0 ? undefined : end).map((line) => line.slice(2, -2).split(' | '));
}

/** "25 November 2026": the day of the run. */
export function today() {
  return new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
}
