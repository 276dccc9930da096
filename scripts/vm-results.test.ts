/** What the virtual machine's scripts say: counts, what is expected to fail, and the rows of engines. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { vmResults } from './vm-results.mjs';

const entry = { script: 'podman', check: 'out of memory', runtimes: ['runc'], why: 'conmon comes too late' };

function readAll(lines: string[], expected: object[] = []) {
  const { counts, read, runs } = vmResults(expected, 'runt');
  const printed = lines.map((line) => read(line)).filter((line) => line !== undefined);
  return { counts, printed, runs: runs() };
}

test('checks are counted, with and without a control, and whether the machine came to its end', () => {
  const lines = [
    'ok pids: limit',
    'not ok podman: runc: pause',
    '    ok of a detail',
    'ok io: weight # SKIP no bfq',
    '# end',
  ];
  const { counts, printed } = readAll(lines);
  expect(counts).toEqual({ passed: 1, failed: 1, skipped: 1, listed: 0, ended: true });
  expect(printed).toEqual(lines.slice(0, -1));
  expect(readAll(lines.slice(0, -1)).counts.ended).toBe(false);
});

test('a check whose name has "status" in it is one like others; what fails without the name of a script has failed', () => {
  expect(readAll(['ok exec: run: status of the program']).counts).toMatchObject({ passed: 1, skipped: 0 });
  expect(readAll(['not ok the machine stopped early']).counts).toMatchObject({ failed: 1 });
  const cut = readAll(['not ok podman: runc: out of memory: status 1, nothing'], [entry]);
  expect(cut.counts).toMatchObject({ listed: 1, failed: 0 });
});

test('what is expected to fail is listed with its reason, for that runtime and check alone', () => {
  const lines = ['podman: runc: out of memory', 'podman: runt: out of memory', 'podman: runc: pause'].map(
    (it) => `not ok ${it}`,
  );
  const { counts, printed } = readAll(lines, [entry]);
  expect(counts).toMatchObject({ listed: 1, failed: 2 });
  expect(printed).toEqual(['listed podman: runc: out of memory: conmon comes too late', ...lines.slice(1)]);
});

test('what passes although it is listed is a failure, unless it may pass', () => {
  const line = 'ok podman: runc: out of memory';
  const { counts, printed } = readAll([line], [entry]);
  expect(counts).toMatchObject({ passed: 0, failed: 1 });
  expect(printed).toEqual(['not ok podman: runc: out of memory: passed, but listed: conmon comes too late']);
  expect(readAll([line], [{ ...entry, orPasses: true }]).counts).toMatchObject({ passed: 1, failed: 0 });
});

const session = [
  '# kernel 7.2.1, controllers: cpu memory, up 6 s',
  '# runtime runt: 0.1.0',
  ...[
    '# version podman: 5.8.6',
    '# runtime runc: 1.3.6+ds1',
    'ok podman: runc: pause',
    'not ok podman: runc: out of memory',
  ],
  ...[
    '# runtime runt: 0.1.0',
    'not ok podman: runt: pause',
    'ok podman: no cgroup left',
    '# podman done with status 0, up 9 s',
  ],
  ...['ok pids: limit', '# pids done with status 0, up 10 s'],
];

test('a script with a version is an engine, with a row for each runtime', () => {
  const common = { engine: 'podman', version: '5.8.6', where: 'virtual machine', kernel: '7.2.1' };
  expect(readAll(session, [entry]).runs).toEqual([
    { ...common, runtime: 'runc', runtimeVersion: '1.3.6+ds1', passed: 1, listed: 1, failed: [] },
    { ...common, runtime: 'runt', runtimeVersion: '0.1.0', passed: 1, listed: 0, failed: ['pause'] },
  ]);
});

test('a script that did not come to its end has no row', () => {
  const stopped = session.map((line) => line.replace('podman done with status 0', 'podman done with status 124'));
  expect(readAll(stopped).runs).toEqual([]);
});

test('expected.json: scripts that are there, each with a reason', () => {
  const folder = new URL('../conformance/vm/', import.meta.url);
  for (const { script, check, runtimes, why } of JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'))) {
    expect(readFileSync(new URL(`${script}.sh`, folder), 'utf8')).toContain('sessions ');
    expect(check).toMatch(/\S/);
    expect(['runt', 'runc', 'crun']).toEqual(expect.arrayContaining(runtimes));
    expect(why.length).toBeGreaterThan(20);
  }
});
