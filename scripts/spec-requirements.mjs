/**
 * The requirements of the runtime specification, found in its text: every sentence with MUST, SHOULD, SHALL or REQUIRED, by the
 * anchor of its heading and its number under it, with a short hash of its words, so that a changed text is noticed.
 * Nothing of the text is kept. Used by coverage.mjs.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const SPEC_VERSION = '1.3.0';
export const SPEC_FILES = [
  'bundle',
  'config',
  'config-linux',
  'runtime',
  'runtime-linux',
  'features',
  'features-linux',
].map((name) => `${name}.md`);
const KEYWORDS = /\b(MUST NOT|MUST|SHOULD NOT|SHOULD|SHALL NOT|SHALL|REQUIRED)\b/;

/** Where Go keeps the specification after `go mod download`; undefined: it is not there, or there is no Go. */
export function findSpecification() {
  const cache = spawnSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).stdout?.trim();
  if (!cache) return undefined;
  const directory = join(cache, 'github.com/opencontainers', `runtime-spec@v${SPEC_VERSION}`);
  return existsSync(directory) ? directory : undefined;
}

/** The same, fetched first; undefined: there is no Go, or no network. */
export function fetchSpecification() {
  const argv = ['mod', 'download', `github.com/opencontainers/runtime-spec@v${SPEC_VERSION}`];
  return findSpecification() ?? (spawnSync('go', argv).status === 0 ? findSpecification() : undefined);
}

/** [{ id: "config.md#mounts/3", level: "MUST", hash: "1a2b3c", text }] in the order of the text. */
export function extractRequirements(directory) {
  return SPEC_FILES.flatMap((file) => extractFrom(file, readFileSync(join(directory, file), 'utf8')));
}

export function extractFrom(file, markdown) {
  const found = [];
  const slugs = new Map();
  let anchor = '';
  let count = 0;
  for (const block of blocksOf(markdown)) {
    if (block.heading !== undefined) {
      anchor = uniqueSlug(block.heading, slugs);
      count = 0;
      continue;
    }
    for (const text of sentencesOf(block.text)) {
      const level = KEYWORDS.exec(text)?.[1];
      if (level === undefined) continue;
      count += 1;
      const hash = createHash('sha256').update(text).digest('hex').slice(0, 6);
      found.push({ id: `${file}#${anchor}/${count}`, level, hash, text });
    }
  }
  return found;
}

/** Headings, and the text of paragraphs, list items and table rows; code is left out. */
function blocksOf(markdown) {
  const blocks = [];
  let lines = [];
  let fence = false;
  let quote = false;
  const flush = () => {
    if (lines.length > 0) blocks.push({ text: lines.join(' ').replace(/\s+/g, ' ').trim() });
    lines = [];
  };
  for (const line of markdown.split('\n')) {
    if (/^\s*>/.test(line) !== quote) {
      flush();
      quote = !quote;
    }
    if (/^\s*```/.test(line)) {
      flush();
      fence = !fence;
    } else if (fence) continue;
    else if (/^#+ /.test(line)) {
      flush();
      blocks.push({ heading: line.replace(/^#+ /, '') });
    } else if (line.trim() === '' || /^\[[^\]]+\]: /.test(line)) flush();
    else {
      if (/^\s*([*+-]|\d+\.) |\s\|\s/.test(line)) flush();
      lines.push(line.replace(/^\s*> ?/, ''));
    }
  }
  flush();
  return blocks;
}

function sentencesOf(text) {
  return text.split(/(?<=[.!?]['")*`]*)\s+(?=[A-Z*`[("_])/);
}

/** As GitHub makes it of the heading's words; a second one of the same words gets -1. */
function uniqueSlug(heading, slugs) {
  const slug = heading
    .replace(/<[^>]*>/g, '')
    .trim()
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
  const seen = slugs.get(slug) ?? 0;
  slugs.set(slug, seen + 1);
  return seen === 0 ? slug : `${slug}-${seen}`;
}
