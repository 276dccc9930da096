/**
 * Which test shows which requirement of the runtime specification: conformance/coverage.md, made from marks in the tests,
 *     // [shows config.md#mounts/1 config.md#linux-mount-options/2..40]
 * in the line above a test, and from the reasons in conformance/not-shown.txt where no test can.
 *
 *     node scripts/coverage.mjs            writes the table
 *     node scripts/coverage.mjs --update   also conformance/requirements.txt, from the specification in Go's module cache
 *                                          (go mod download github.com/opencontainers/runtime-spec@v1.3.0)
 *     node scripts/coverage.mjs --open     prints the requirements that have neither, with their text
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extractRequirements, findSpecification, SPEC_VERSION } from './spec-requirements.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const REQUIREMENTS = 'conformance/requirements.txt';
const REASONS = 'conformance/not-shown.txt';
export const TABLE = 'conformance/coverage.md';

/** [{ id, level, hash }] as committed: no text of the specification. */
export function readRequirements() {
  return linesOf(REQUIREMENTS).map((line) => {
    const [id, hash, ...level] = line.split(' ');
    return { id, hash, level: level.join(' ') };
  });
}

/** Lines that say something: not empty, no comment. */
function linesOf(path) {
  const lines = readFileSync(join(root, path), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('# '));
}

/** id or range -> reason; a range is `ID..LAST`. */
function readReasons(known) {
  const reasons = new Map();
  for (const line of linesOf(REASONS)) {
    const [ids, ...words] = line.split(' ');
    for (const id of expand(ids, known, REASONS)) reasons.set(id, words.join(' '));
  }
  return reasons;
}

/** "config.md#mounts/2..4" is three ids; an id that the specification does not have is an error. */
function expand(word, known, where) {
  const [, prefix, first, last] = /^(.+\/)(\d+)(?:\.\.(\d+))?$/.exec(word) ?? [];
  if (prefix === undefined) throw new Error(`${where}: ${word} is no requirement`);
  const ids = [];
  for (let number = Number(first); number <= Number(last ?? first); number++) ids.push(`${prefix}${number}`);
  for (const id of ids) if (!known.has(id)) throw new Error(`${where}: the specification has no ${id}`);
  return ids;
}

function listTests(directory) {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'target' || entry.name === 'generated' ? [] : listTests(path);
    return /\.test\.ts$|^conformance\/(vm|engines|cases)\/.*\.sh$/.test(path) ? [path] : [];
  });
}

/** id -> ["conformance/config/x.test.ts: title", ...] */
export function readMarks(known) {
  const marks = new Map();
  for (const path of ['src', 'native/tests', 'scripts', 'conformance'].flatMap(listTests).sort()) {
    const lines = readFileSync(join(root, path), 'utf8').split('\n');
    lines.forEach((line, at) => {
      const mark = /^\s*(?:\/\/|#) \[shows ([^\]]+)\]$/.exec(line)?.[1];
      if (mark === undefined) return;
      const title = titleBelow(path, lines, at);
      for (const id of mark.split(' ').flatMap((word) => expand(word, known, path))) {
        marks.set(id, [...(marks.get(id) ?? []), `${relative('.', path)}: ${title}`]);
      }
    });
  }
  return marks;
}

/** The title of the test below a mark; in a script of the virtual machine the words of the check, in a case its first line. */
function titleBelow(path, lines, at) {
  if (path.startsWith('conformance/cases/')) return lines[0].replace(/^# /, '').replace(/\.$/, '');
  const below = lines.slice(at + 1, at + 60);
  if (path.endsWith('.sh'))
    return /'([^']+)'/.exec(below.find((line) => !line.startsWith('#')) ?? '')?.[1] ?? 'all of it';
  const start = below.findIndex((line) => /^\s*(test|it|describe)\b/.test(line));
  if (start !== 0 && !below.slice(0, start).every((line) => /^\s*\/\//.test(line))) {
    throw new Error(`${path}:${at + 1}: a mark stands directly above its test`);
  }
  const isTable = /\.each\b/.test(below[0 + start]);
  for (const [index, line] of below.slice(start).entries()) {
    const found = isTable
      ? (/\)\(\s*(['"`])(.*?)\1,/.exec(line) ?? (index > 0 ? /^\s*(['"`])(.*?)\1,$/.exec(line) : null))
      : /(?:test|it|describe)\S*\(\s*(['"`])(.*?)\1/.exec(line);
    if (found !== null) return found[2];
  }
  throw new Error(`${path}:${at + 1}: no title found below the mark`);
}

export function makeTable() {
  const requirements = readRequirements();
  const known = new Set(requirements.map(({ id }) => id));
  const marks = readMarks(known);
  const reasons = readReasons(known);
  const open = requirements.filter(({ id }) => !marks.has(id) && !reasons.has(id)).map(({ id }) => id);
  const needless = [...reasons.keys()].filter((id) => marks.has(id));
  return { text: formatTable(requirements, marks, reasons), open, needless };
}

function formatTable(requirements, marks, reasons) {
  const shown = requirements.filter(({ id }) => marks.has(id)).length;
  const lines = [
    `# Requirements of runtime-spec ${SPEC_VERSION} and the tests that show them`,
    '',
    'Made by `node scripts/coverage.mjs` from marks in the tests; do not edit. A requirement is a sentence with MUST, SHOULD, SHALL or',
    'REQUIRED: the anchor of its heading and its number under it.',
    '',
    `${requirements.length} requirements: ${shown} are shown by a test, ${requirements.length - shown} have a reason why no test shows them.`,
    '',
    '| requirement | | shown by |',
    '|---|---|---|',
  ];
  for (const { id, level } of requirements) {
    const tests = marks
      .get(id)
      ?.map((test) => test.replaceAll('|', '\\|'))
      .join('<br>');
    lines.push(`| ${id} | ${level} | ${tests ?? `*${reasons.get(id) ?? 'nothing'}*`} |`);
  }
  return `${lines.join('\n')}\n`;
}

function main(options) {
  const specification = findSpecification();
  if (options.includes('--update')) {
    if (specification === undefined) throw new Error('the specification is not in the module cache of Go');
    const lines = extractRequirements(specification).map(({ id, hash, level }) => `${id} ${hash} ${level}`);
    const header = `# Every requirement of runtime-spec ${SPEC_VERSION}: anchor and number, hash of its words, its strongest word.`;
    writeFileSync(join(root, REQUIREMENTS), `${[header, ...lines].join('\n')}\n`);
  }
  const { text, open, needless } = makeTable();
  writeFileSync(join(root, TABLE), text);
  const texts = new Map(
    specification === undefined ? [] : extractRequirements(specification).map((each) => [each.id, each.text]),
  );
  if (options.includes('--open')) for (const id of open) console.log(`${id} ${(texts.get(id) ?? '').slice(0, 200)}`);
  console.log(`coverage: ${open.length} requirements without test or reason, ${needless.length} reasons too many`);
  for (const id of needless) console.log(`  a test shows ${id}: take its reason out of ${REASONS}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
