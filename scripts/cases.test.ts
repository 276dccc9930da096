/** The black-box cases of conformance/cases: each says what it shows and how it can fail, and what is expected is of cases that are there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  CASES,
  formatMachineCases,
  listCases,
  listMachineCases,
  matchCases,
  needsSelinux,
  parseCases,
  readExpected,
  unexpectedCases,
} from './cases.mjs';
import { SPEC_FILES } from './spec-requirements.mjs';

const names: string[] = listCases();

test.each(names)('%s: a sentence, the rule that it is named after, and the fault that it sees', (name) => {
  const [sentence, mark, fault, ...body] = readFileSync(join(CASES, `${name}.sh`), 'utf8').split('\n');
  expect(sentence).toMatch(/^# .*\.$/);
  const rules = /^# \[(?:shows|rule) (.+)\]$/.exec(mark ?? '')?.[1]?.split(' ') ?? [];
  const files = rules.map((rule) => rule.split('#')[0] ?? '');
  expect(files.filter((file) => !SPEC_FILES.includes(file))).toEqual([]);
  // In the folder of one of its rules' files.
  expect(files.map((file) => file.replace('.md', ''))).toContain(name.split('/')[0]);
  expect(fault).toMatch(/^# broken: (config \S|instead [a-z]+ \S)/);
  expect(body.join('\n')).toMatch(
    /\b(expect|expect_match|must|must_fail|not_started|inside|refused|eventually|fail)\b/,
  );
});

test.each(['runt', 'runc', 'crun'])(
  'expected of %s: cases that are there, each with a result and a reason',
  (runtime) => {
    for (const [name, { result, reason }] of Object.entries(readExpected(runtime)) as [
      string,
      Record<string, string>,
    ][]) {
      expect(names).toContain(name);
      expect(result).toBe('fail');
      expect(reason?.length).toBeGreaterThan(20);
    }
  },
);

const printed = [
  '# profile loaded',
  '# runc 1.3.6',
  'result runtime/b fail',
  '#   wanted: x',
  'result runtime/a pass',
  'result runtime/c n/a',
  '#   needs:  a controller',
  '# 1 pass, 1 fail, 1 not applicable, 0 broken',
].join('\n');

test('what run.sh prints is read: results by name with what was said, and the version', () => {
  expect(parseCases(printed)).toEqual({
    version: 'runc 1.3.6',
    results: [
      { name: 'runtime/a', result: 'pass', said: [] },
      { name: 'runtime/b', result: 'fail', said: ['wanted: x'] },
      { name: 'runtime/c', result: 'n/a', said: ['needs:  a controller'] },
    ],
  });
});

test('worse and better than expected are unexpected; what the host cannot show is not', () => {
  const { results } = parseCases(printed);
  const fails = { result: 'fail', reason: '' };
  const wrong = (expected: Record<string, typeof fails>) =>
    unexpectedCases(results, expected).map(({ name }: { name: string }) => name);
  expect(wrong({})).toEqual(['runtime/b']);
  expect(wrong({ 'runtime/b': fails, 'runtime/c': fails })).toEqual([]);
  expect(wrong({ 'runtime/b': fails, 'runtime/a': fails })).toEqual(['runtime/a']);
  // In the machine that is there for it.
  expect(unexpectedCases(results, { 'runtime/b': fails }, ['runtime/c']).map(({ name }) => name)).toEqual([
    'runtime/c',
  ]);
});

test('what runs in the virtual machine: controllers, AppArmor, and SELinux in a machine of its own', () => {
  const inMachine: string[] = listMachineCases();
  const some = ['config-linux/pids-limit-zero', 'config/linux-process-apparmor', 'config/linux-process-selinux'];
  expect(inMachine).toEqual(expect.arrayContaining(some));
  expect(inMachine.filter((name) => needsSelinux(name))).toEqual(['config/linux-process-selinux']);
  const table = formatMachineCases('runc', parseCases(printed));
  expect(table).toContain('runc 1.3.6, in the virtual machine: **1 pass, 1 fail, 1 not applicable**.');
  expect(table).toContain('| runtime/a | pass |  |\n| runtime/b | fail |  |\n| runtime/c | n/a | a controller |');
});

test('a word means a case or a folder of them', () => {
  expect(matchCases('runtime/kill-stopped')).toEqual(['runtime/kill-stopped']);
  expect(matchCases('runtime')).toEqual(names.filter((name) => name.startsWith('runtime/')));
  expect(matchCases('kill')).toEqual([]);
});
