/**
 * The house rules as a test: who may import whom, which files are pure, sizes, banned words. It reads the sources as text
 * (import.meta.glob), so it needs no Node types. A rule that stops fitting is changed here, with its reason, not worked around.
 */
import { describe, expect, test } from 'vitest';

const sources = import.meta.glob<string>('./**/*.ts', { query: '?raw', import: 'default', eager: true });
const domains = [
  'namespaces',
  'rootfs',
  'cgroup',
  'resctrl',
  'security',
  'process',
  'hooks',
  'console',
  'handshake',
  'state',
  'checkpoint',
];
/** Only leftwards: a folder may import from itself and from rings with a smaller number. */
const rings: Readonly<Record<string, number>> = {
  base: 0,
  kernel: 1,
  spec: 2,
  ...Object.fromEntries(domains.map((name) => [name, 3])),
  plan: 4,
  init: 5,
  lifecycle: 6,
  cli: 7,
  'main.ts': 8,
};

const production = Object.entries(sources)
  .map(([path, text]) => ({ path: path.slice(2), text }))
  .filter(
    ({ path }) =>
      !path.endsWith('.test.ts') &&
      !path.endsWith('.d.ts') &&
      !path.startsWith('testing/') &&
      !path.includes('generated/'),
  );

const folderOf = (path: string): string => path.split('/')[0] ?? '';
const nameOf = (path: string): string => path.split('/').at(-1) ?? '';
const importsOf = (text: string): string[] => [...text.matchAll(/from '(\.[^']+)'/g)].map((match) => match[1] ?? '');

function resolveImport(from: string, relative: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** Lines of each top-level function, formatted by Biome: it ends at the first "}" in column 0. */
function topLevelFunctions(text: string): { name: string; lines: number }[] {
  const lines = text.split('\n');
  const found: { name: string; lines: number }[] = [];
  lines.forEach((line, start) => {
    const name = /^(?:export )?function\*? ?(\w+)/.exec(line)?.[1];
    if (name === undefined) return;
    const length = lines.slice(start).indexOf('}');
    found.push({ name, lines: length + 1 });
  });
  return found;
}

test('there is something to check', () => {
  expect(production.length).toBeGreaterThan(20);
});

describe.each(production)('$path', ({ path, text }) => {
  test('imports go one way', () => {
    const own = folderOf(path);
    for (const target of importsOf(text).map((relative) => resolveImport(path, relative))) {
      const other = folderOf(target);
      if (other === own || target.startsWith('spec/generated')) continue;
      expect(rings[other], `${path} imports ${target}: unknown folder`).toBeDefined();
      expect(rings[other], `${path} imports ${target}`).toBeLessThan(rings[own] ?? -1);
    }
  });

  test('only the real kernel and the architecture table know the native module', () => {
    if (!/from 'native:kernel'/.test(text)) return;
    expect(path).toMatch(/^kernel\/(native-[a-z]+|architecture-flags)\.ts$/);
  });

  test('pure files have no effects', () => {
    if (!/^(plan|parse|check|format)-/.test(nameOf(path)) || folderOf(path) === 'lifecycle' || folderOf(path) === 'cli')
      return;
    expect(text).not.toMatch(/\bkernel: Kernel\b/);
    expect(importsOf(text).filter((each) => /\/(apply|read|write|run|native)-/.test(each))).toEqual([]);
  });

  test('effects receive the kernel first', () => {
    if (!/^(apply|read|write|run)-/.test(nameOf(path)) || folderOf(path) === 'cli') return;
    for (const match of text.matchAll(/^export function (\w+)(?:<[^>]*>)?\(\s*(\w+)/gm)) {
      expect(['kernel', '_kernel'], `${path}: ${match[1]} takes ${match[2]} first`).toContain(match[2]);
    }
  });

  test('begins by saying what it owns', () => {
    expect(text.startsWith('/**'), `${path} has no header`).toBe(true);
  });

  test('is small', () => {
    expect(text.split('\n').length, `${path}: lines`).toBeLessThanOrEqual(401);
    for (const each of topLevelFunctions(text)) expect(each.lines, `${path}: ${each.name}`).toBeLessThanOrEqual(70);
  });

  // Node's process and console need no rule: tsconfig.json has no types for them.
  test('has none of the banned words', () => {
    const banned = [
      [/\basync\b|\bawait\b|\bPromise\b|\bsetTimeout\b/, 'everything is synchronous'],
      [/\bMath\.random\b|\bDate\.now\b/, 'time and randomness come from the kernel'],
      [/\bas any\b|: any\b|@ts-ignore|@ts-expect-error/, 'types are kept'],
      [/\beval\(|\bnew Function\(/, 'no code from text'],
      [/\brequire\(/, 'modules only'],
    ] as const;
    // Comments and texts are not code ('async' is a mount option, 'await-child.ts' a file).
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$|'[^'\n]*'/gm, '');
    for (const [pattern, reason] of banned) expect(code, `${path}: ${reason}`).not.toMatch(pattern);
    expect(nameOf(path)).not.toMatch(/^index\.ts$|utils|helpers|common|manager/);
  });
});
