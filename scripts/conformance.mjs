// `npm run conformance`: the 58 programs of OCI runtime-tools against dist/runt, in mount, pid and cgroup namespaces of its own, and with
// --vm in a virtual machine that has all controllers, all capabilities and AppArmor; then our own black-box cases (cases.mjs), in the test
// image, or those that need what that machine has in it (one with SELinux has AppArmor off: it is booted a second time). Prints tables; an unexpected result, better or worse than conformance/expected.json and
// conformance/cases/expected.json say, fails the run. Of another runtime than those that are named there nothing is expected.
//
//   node scripts/conformance.mjs [--vm] [--runtime runt|runc|crun|PATH] [--write] [PROGRAM | CASE | FOLDER OF CASES]...  (or RUNTIME=...)
//   node scripts/conformance.mjs --prove [CASE]...      each case against a runtime that is broken on purpose: it must fail
//   runc and crun, also as /usr/bin/runc, are those of the test image; --write puts the tables into conformance/RESULTS.md.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { release, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  CASES,
  judgeCases,
  listCases,
  listMachineCases,
  matchCases,
  needsSelinux,
  parseCases,
  runCases,
  writeCases,
  writeMachineCases,
} from './cases.mjs';
import { copyPrograms, ensureSuite, programs, SUITE_VERSION } from './oci-suite.mjs';
import { today, writeResults } from './results.mjs';
import { ensureTestImage, Refusal } from './test-image.mjs';
import { ensureVmImage } from './vm-image.mjs';
import { ensureQemu, runMachine } from './vm-machine.mjs';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const SUITE_SCRIPTS = join(PROJECT, 'conformance', 'suite');
const SELINUX_POLICY = join(PROJECT, 'conformance', 'vm', 'selinux-policy.sh');
const PEERS = ['runc', 'crun'];
const VM_MINUTES = 45;

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      vm: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      prove: { type: 'boolean', default: false },
      runtime: { type: 'string', default: process.env.RUNTIME || 'runt' },
    },
  });
  // The test image's programs have these paths, and are what is meant.
  const runtime = values.runtime.replace(/^\/usr\/bin\/(?=(runc|crun)$)/, '');
  const cases = positionals.flatMap(matchCases);
  const names = positionals.filter((word) => matchCases(word).length === 0);
  const all = positionals.length === 0;
  return {
    ...values,
    ...{ runtime, names },
    cases: all ? (values.vm ? listMachineCases() : listCases()) : cases,
    suite: !values.prove && (all || names.length > 0),
  };
}

function locateBinary(runtime) {
  const path = runtime === 'runt' ? join(PROJECT, 'dist', 'runt') : resolve(runtime);
  if (!existsSync(path)) throw new Refusal(`${path} is not there: run npm run build`);
  return path;
}

/** A line of run.sh -> what it means. vacuous: the program checks nothing, whatever happens. */
function classify(line) {
  const [, name, status, passed, failed, plan] = line.split(' ');
  const counts = { name, passed: Number(passed), failed: Number(failed) };
  const nothing = counts.passed + counts.failed === 0;
  if (status === '0' && nothing) return { ...counts, result: 'vacuous' };
  const whole = status === '0' && counts.failed === 0 && Number(plan) === counts.passed;
  return { ...counts, result: whole ? 'pass' : 'fail' };
}

function parseResults(text) {
  return text
    .split('\n')
    .filter((line) => /^result \S+ \d+ /.test(line))
    .map(classify);
}

/** On this machine: runt in namespaces of its own; a peer in the test image, where it is installed. */
function runHere({ runtime, names }, suite) {
  const logs = join(PROJECT, 'dist', 'suite');
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(logs, { recursive: true });
  const argv = PEERS.includes(runtime)
    ? [
        join(PROJECT, 'scripts', 'enter-image.sh'),
        ensureTestImage(),
        ...[
          '--bind',
          `${suite}:/run/programs`,
          '--bind',
          `${SUITE_SCRIPTS}:/run/scripts`,
          '--bind',
          `${logs}:/run/logs:rw`,
          '--',
        ],
        ...['env', `RUNTIME=/usr/bin/${runtime}`, 'sh', '/run/scripts/run.sh', '/run/programs', '/run/logs', ...names],
      ]
    : [
        join(PROJECT, 'conformance', 'harness', 'private-namespaces.sh'),
        ...['sh', join(SUITE_SCRIPTS, 'run.sh'), suite, logs, ...names],
      ];
  const env = PEERS.includes(runtime) ? process.env : { ...process.env, RUNTIME: locateBinary(runtime) };
  const run = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] });
  if (run.error) throw run.error;
  return parseResults(run.stdout);
}

/**
 * suite: undefined if none of its programs is asked for. What needs SELinux is run in a second machine, whose kernel has that in
 * AppArmor's place.
 */
async function runInMachine(options, suite) {
  ensureQemu();
  const image = ensureVmImage();
  const selinux = options.cases.filter(needsSelinux);
  const others = options.cases.filter((name) => !needsSelinux(name));
  const lines = [];
  if (suite !== undefined || others.length > 0)
    lines.push(...(await runMachineWith({ ...options, cases: others }, { image, suite, kernel: '', log: 'vm.log' })));
  if (selinux.length > 0) {
    const machine = { image, suite: undefined, kernel: 'security=selinux enforcing=0', log: 'vm-selinux.log' };
    lines.push(...(await runMachineWith({ ...options, names: [], cases: selinux }, machine)));
  }
  const text = lines.join('\n');
  return { suite: parseResults(text), cases: parseCases(text) };
}

/** Its lines. */
async function runMachineWith({ runtime, names, cases, prove }, { image, suite, kernel, log }) {
  const folder = mkdtempSync(join(tmpdir(), 'runt-suite-'));
  const lines = [];
  try {
    const [inputs, logs] = ['inputs', 'logs'].map((name) => join(folder, name));
    for (const path of [inputs, logs]) mkdirSync(path);
    cpSync(SUITE_SCRIPTS, inputs, { recursive: true });
    copyFileSync(join(inputs, 'run-vm.sh'), join(inputs, 'run-all.sh'));
    chmodSync(join(inputs, 'run-all.sh'), 0o755);
    copyFileSync(SELINUX_POLICY, join(inputs, 'selinux-policy.sh'));
    if (suite !== undefined) copyPrograms(suite, join(inputs, 'suite'));
    if (cases.length > 0) cpSync(CASES, join(inputs, 'cases'), { recursive: true });
    writeFileSync(join(inputs, 'case-names'), [...(prove ? ['--prove'] : []), ...cases].join(' '));
    const isPeer = PEERS.includes(runtime);
    if (!isPeer) copyFileSync(locateBinary(runtime), join(inputs, 'runt'));
    writeFileSync(
      join(inputs, 'request'),
      `${isPeer ? `/usr/bin/${runtime}` : '/usr/local/bin/runt'} ${names.join(' ')}\n`,
    );
    const onLine = (line) => lines.push(line);
    const end = await runMachine({ image, inputs, logs, kernel, seconds: VM_MINUTES * 60, onLine });
    const kept = join(PROJECT, 'dist', 'suite');
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(kept, log), `${lines.join('\n')}\n`);
    if (!lines.includes('# end'))
      throw new Refusal(`the machine did not come to its end (${end}); log: ${join(kept, log)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return lines;
}

/**
 * What conformance/expected.json says of a program in this environment; a program that it does not name passes. orElse: the other
 * result of one whose checks depend on who comes first.
 */
function expectations(environment) {
  const file = JSON.parse(readFileSync(join(PROJECT, 'conformance', 'expected.json'), 'utf8'));
  return (name) => {
    const entry = file.programs[name];
    if (entry === undefined || !entry.where.includes(environment)) return { result: 'pass', reason: '' };
    return { result: entry.result, orElse: entry.orElse, reason: entry.reason };
  };
}

function count(results, result) {
  return results.filter((each) => each.result === result).length;
}

function table(results, expected) {
  const rows = results.map(({ name, result, passed, failed }) => {
    const { reason } = expected(name);
    return `| ${name} | ${result} | ${passed} | ${failed} | ${result === 'pass' ? '' : reason} |`;
  });
  return ['| program | result | ok | not ok | reason |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** The folder of the suite, which has all programs that are asked for. */
function findSuite(names) {
  const suite = ensureSuite();
  const unknown = names.find((name) => !programs(suite).includes(name));
  if (unknown !== undefined) throw new Refusal(`neither the suite has a program "${unknown}" nor are there such cases`);
  return suite;
}

/** How many programs of the suite did what is expected, and how many not. */
function judgeSuite(options, suite, results) {
  const environment = options.vm ? 'vm' : 'native';
  const judged = options.runtime === 'runt';
  const expected = judged ? expectations(environment) : () => ({ result: undefined, reason: '' });
  const unexpected = judged
    ? results.filter(({ name, result }) => ![expected(name).result, expected(name).orElse].includes(result))
    : [];
  const score = `${count(results, 'pass')} pass, ${count(results, 'fail')} fail, ${count(results, 'vacuous')} vacuous`;
  const text = table(results, expected);
  process.stdout.write(`${text}\n\n# ${options.runtime}, ${environment}: ${score}\n`);
  for (const { name, result } of unexpected)
    process.stdout.write(`unexpected: ${name}: ${result}, conformance/expected.json says ${expected(name).result}\n`);
  if (options.write && options.names.length === 0) write(options, environment, score, text);
  const missing = options.names.length === 0 ? programs(suite).length - results.length : 0;
  if (missing > 0) process.stdout.write(`unexpected: ${missing} programs did not run\n`);
  return { passed: results.length - unexpected.length, failed: unexpected.length + missing };
}

function locateForCases(runtime) {
  const isPeer = PEERS.includes(runtime);
  return { runtime, isPeer, binary: isPeer ? `/usr/bin/${runtime}` : locateBinary(runtime) };
}

async function main() {
  const options = readOptions();
  const { runtime, cases, vm, prove } = options;
  const suite = options.suite ? findSuite(options.names) : undefined;
  const machine = vm ? await runInMachine(options, suite) : undefined;
  const judged = [];
  if (suite !== undefined) judged.push(judgeSuite(options, suite, machine?.suite ?? runHere(options, suite)));
  if (cases.length > 0) {
    const found = machine?.cases ?? runCases(locateForCases(runtime), cases, options);
    judged.push(judgeCases(runtime, found, options));
    const isWhole = listMachineCases().every((name) => cases.includes(name));
    if (options.write && vm && !prove && isWhole) writeMachineCases(runtime, found);
  }
  if (options.write && !vm && cases.length === listCases().length) writeCases(locateForCases);
  const [passed, failed] = ['passed', 'failed'].map((each) => judged.reduce((sum, one) => sum + one[each], 0));
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function write({ runtime }, environment, score, text) {
  const where =
    environment === 'vm'
      ? 'in the virtual machine (all controllers and capabilities)'
      : `on Linux ${release()}, cgroup v2 without controllers`;
  const body = `## OCI runtime-tools, ${runtime}, ${environment}\n\n${today()}, runtime-tools ${SUITE_VERSION}, ${where}: **${score}**.`;
  writeResults(`suite ${runtime} ${environment}`, runtime === 'runt' ? `${body}\n\n${text}` : body);
}

main().catch((error) => {
  if (!(error instanceof Refusal) && error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw error;
  process.stderr.write(`conformance: ${error.message}\n`);
  process.exitCode = 2;
});
