// Our own black-box cases (conformance/cases/) for `npm run conformance`: runs them in the test image, where runc and crun are, compares
// with conformance/cases/expected.json, and writes the scores of all three runtimes into conformance/RESULTS.md.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { release } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { today, writeResults } from './results.mjs';
import { ensureTestImage } from './test-image.mjs';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
export const CASES = join(PROJECT, 'conformance', 'cases');
const TRIED = ['runt', 'runc', 'crun'];

/** "runtime/kill-stopped", ... in the order of their names. */
export function listCases() {
  const folders = readdirSync(CASES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const inFolder = ({ name }) => readdirSync(join(CASES, name)).map((file) => `${name}/${file.replace(/\.sh$/, '')}`);
  return folders.flatMap(inFolder).sort();
}

/** Those for which most hosts lack something that the virtual machine has: controllers, AppArmor, SELinux. */
export function listMachineCases() {
  return listCases().filter((name) => /need_controller|apparmor_parser/.test(readCase(name)) || needsSelinux(name));
}

/** SELinux and AppArmor exclude each other: these get a machine of their own. */
export function needsSelinux(name) {
  return readCase(name).includes('/sys/fs/selinux');
}

function readCase(name) {
  return readFileSync(join(CASES, `${name}.sh`), 'utf8');
}

/** The cases that a word means: one, or all of a folder. [] if it means none. */
export function matchCases(word) {
  return listCases().filter((name) => name === word || name.startsWith(`${word.replace(/\/$/, '')}/`));
}

/** What run.sh printed -> { version, results: [{ name, result: "pass"|"fail"|"n/a"|"broken", said: [line] }] }, by name. */
export function parseCases(text) {
  const results = [];
  for (const line of text.split('\n')) {
    const [, name, result] = /^result (\S+) (pass|fail|n\/a|broken)$/.exec(line) ?? [];
    if (name !== undefined) results.push({ name, result, said: [] });
    else if (line.startsWith('#   ')) results.at(-1)?.said.push(line.slice(4));
  }
  const version = /^# (\S+ \d\S*)$/m.exec(text)?.[1] ?? '';
  return { version, results: results.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** What conformance/cases/expected.json says of a runtime: case -> { result, reason }; a case that it does not name passes. */
export function readExpected(runtime) {
  return JSON.parse(readFileSync(join(CASES, 'expected.json'), 'utf8'))[runtime];
}

/**
 * Results that are not what is expected: worse or better. Where the host lacks what a case needs, nothing is expected of it, but of a case
 * that this machine is there for (mustRun).
 */
export function unexpectedCases(results, expected, mustRun = []) {
  return results.filter(({ name, result }) =>
    result === 'n/a' ? mustRun.includes(name) : result !== (expected[name]?.result ?? 'pass'),
  );
}

/**
 * Runs them in one session of the test image. binary: a path on this machine, or, for a peer, in the image. prove: each case against the
 * runtime that its line `# broken:` describes; then "fail" is what is wanted. Gives back what parseCases does.
 */
export function runCases({ binary, isPeer }, names, { prove = false } = {}) {
  const logs = join(PROJECT, 'dist', 'cases');
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(logs, { recursive: true });
  const inside = isPeer ? binary : `/run/runtime/${basename(binary)}`;
  const binds = [`${CASES}:/run/cases`, `${logs}:/run/logs:rw`, ...(isPeer ? [] : [`${binary}:${inside}`])];
  const argv = [
    ensureTestImage(),
    ...binds.flatMap((bind) => ['--bind', bind]),
    ...['--', 'env', `RUNTIME=${inside}`, 'LOGS=/run/logs', 'sh', '/run/cases/run.sh'],
    ...(prove ? ['--prove'] : []),
    ...names,
  ];
  const session = join(PROJECT, 'scripts', 'enter-image.sh');
  const run = spawnSync(session, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (run.error) throw run.error;
  return parseCases(run.stdout);
}

function countCases(results, result) {
  return results.filter((each) => each.result === result).length;
}

function score(results) {
  return `${countCases(results, 'pass')} pass, ${countCases(results, 'fail')} fail, ${countCases(results, 'n/a')} not applicable here`;
}

/**
 * Prints what is not a pass; returns how many results of these cases are as they should be, and how many not. runtime: its name in
 * expected.json; of one that the file does not know a failure is only counted.
 */
export function judgeCases(runtime, { version, results }, { cases, prove = false, vm = false }) {
  const expected = readExpected(runtime);
  const wrong = prove
    ? results.filter(({ result }) => result === 'pass' || result === 'broken')
    : unexpectedCases(results, expected ?? {}, vm ? listMachineCases() : []).filter(
        ({ result }) => expected !== undefined || result === 'broken',
      );
  for (const { name, result, said } of results) {
    if (result === 'pass' || (prove && result === 'fail')) continue;
    const reason = prove ? undefined : expected?.[name]?.reason;
    process.stdout.write([`${name}: ${result}${reason ? ` (${reason})` : ''}`, ...said, ''].join('\n'));
  }
  process.stdout.write(`\n# cases, ${prove ? 'deliberately broken ' : ''}${version || runtime}: ${score(results)}\n`);
  for (const { name, result } of wrong) process.stdout.write(`unexpected: ${name}: ${result}\n`);
  const missing = cases.length - results.length;
  if (missing > 0) process.stdout.write(`unexpected: ${missing} cases did not run\n`);
  return { passed: results.length - wrong.length, failed: wrong.length + missing };
}

/** Runs all cases against runt, runc and crun, and writes the table. locate: name -> { runtime, binary, isPeer }. */
export function writeCases(locate) {
  const all = TRIED.map((runtime) => ({ runtime, ...runCases(locate(runtime), listCases()) }));
  const scores = all.map(
    ({ runtime, version, results }) =>
      `| ${version.replace(/-.*/, '') || runtime} | ${['pass', 'fail', 'n/a'].map((each) => countCases(results, each)).join(' | ')} |`,
  );
  const failures = listCases().filter((name) => all.some(({ results }) => resultOf(results, name) === 'fail'));
  const reasons = Object.fromEntries(TRIED.map((runtime) => [runtime, readExpected(runtime) ?? {}]));
  const rows = failures.map((name) => {
    const why = [
      ...new Set(TRIED.map((runtime) => reasons[runtime][name]?.reason).filter((each) => each !== undefined)),
    ];
    return `| ${name} | ${all.map(({ results }) => resultOf(results, name)).join(' | ')} | ${why.join('; ')} |`;
  });
  const idle = listCases().filter((name) => all.every(({ results }) => resultOf(results, name) === 'n/a'));
  const inMachine = idle.filter((name) => listMachineCases().includes(name));
  const nowhere = idle
    .filter((name) => !inMachine.includes(name))
    .map((name) => `${name} needs ${reasonOf(all[0].results, name)}`);
  const text = [
    `## Black-box cases\n\n${today()}, ${listCases().length} cases on Linux ${release()}, cgroup v2 without controllers.\n`,
    '| runtime | pass | fail | not applicable |\n|---|---|---|---|',
    ...scores,
    '\nWhat fails:\n\n| case | runt | runc | crun | why |\n|---|---|---|---|---|',
    ...rows,
    `\nNot applicable on this host, and run in the virtual machine: ${inMachine.join(', ')}.`,
    `Run nowhere: ${nowhere.join('; ') || 'none'}.`,
  ];
  writeResults('cases', text.join('\n'));
}

/** Of what one runtime did in the virtual machine. */
export function writeMachineCases(runtime, run) {
  writeResults(`cases ${runtime} vm`, formatMachineCases(runtime, run));
}

/** The table as Markdown. */
export function formatMachineCases(runtime, { version, results }) {
  const expected = readExpected(runtime) ?? {};
  const rows = results.map(({ name, result, said }) => {
    const why = result === 'fail' ? (expected[name]?.reason ?? '') : result === 'n/a' ? neededBy(said) : '';
    return `| ${name} | ${result} | ${why} |`;
  });
  const text = [
    `## Black-box cases that need controllers, AppArmor or SELinux, ${runtime}, vm\n`,
    `${today()}, ${version.replace(/-.*/, '') || runtime}, in the virtual machine: **${score(results).replace(/ here$/, '')}**.\n`,
    '| case | result | why |\n|---|---|---|',
    ...rows,
  ];
  return text.join('\n');
}

/** "the pids controller in the cgroup v2 tree" of the line "needs:  ..." of a case that is not applicable. */
function neededBy(said) {
  return said.find((line) => line.startsWith('needs:'))?.replace(/^needs: */, '') ?? '';
}

function reasonOf(results, name) {
  return neededBy(results.find((each) => each.name === name)?.said ?? []);
}

function resultOf(results, name) {
  return results.find((each) => each.name === name)?.result;
}
