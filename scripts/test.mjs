/**
 * npm test: sets up, builds, checks and runs every test this machine can run, and ends with one line
 * "N passed, N failed, N skipped". As root the real binary is tried on the real kernel inside private mount and pid
 * namespaces with a cgroup2 tree of its own view; without root that part is left out and named.
 * `npm test -- PATTERN` runs only test files whose path contains PATTERN; `npm test -- --vm`, which is what continuous integration
 * calls, runs the virtual machine too, with its selection of scripts: it needs the network once, for its image.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { check } from './check.mjs';
import { setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const patterns = process.argv.slice(2).filter((word) => word !== '--vm');
const withMachine = process.argv.includes('--vm');
const total = { passed: 0, failed: 0, skipped: 0 };

try {
  await setup({ forTests: true });
  await build();
} catch (error) {
  // The steps' own errors are one line for the user; anything else is a fault of these scripts.
  if (!/^(Setup|Build)Error$/.test(error?.constructor?.name ?? '')) throw error;
  console.error(`npm test: ${error.message}`);
  process.exit(1);
}
if (patterns.length === 0) total.failed += await check();
mkdirSync(`${root}dist`, { recursive: true });

runVitest('unit', ['vitest', 'run', ...patterns], []);
if (process.getuid?.() === 0) {
  runVitest(
    'real kernel',
    ['vitest', 'run', '--config', 'conformance/vitest.config.ts', ...patterns],
    [`${root}conformance/harness/private-namespaces.sh`],
  );
} else {
  console.log('left out (they need root): the tests of the real binary on the real kernel, conformance/');
}

if (withMachine) runMachine();

console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);

/** npm run test:vm, whose last line has its counts; one that ends without is one failure. */
function runMachine() {
  console.log('--- virtual machine');
  const run = spawnSync('node', ['scripts/test-vm.mjs'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Its own count is part of ours.
  console.log(run.stdout.replace(/^(ok .*|\d+ passed, .*)\n/gm, '').trimEnd());
  const counts = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(run.stdout);
  const [passed, failed, skipped] = counts ? counts.slice(1).map(Number) : [0, 1, 0];
  total.passed += passed;
  total.failed += failed + (run.status !== 0 && failed === 0 ? 1 : 0);
  total.skipped += skipped;
}

/** Runs vitest and adds its counts; a run that dies without a report counts as one failure. */
function runVitest(name, command, prefix) {
  const report = `${root}dist/report.json`;
  rmSync(report, { force: true });
  console.log(`--- ${name} tests`);
  const argv = [
    ...prefix,
    'npx',
    ...command,
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const result = spawnSync(argv[0], argv.slice(1), { cwd: root, stdio: 'inherit' });
  const counts = readCounts(report);
  total.passed += counts.passed;
  total.skipped += counts.skipped;
  total.failed += counts.failed;
  if (result.status !== 0 && counts.failed === 0) total.failed += 1;
}

function readCounts(report) {
  try {
    const json = JSON.parse(readFileSync(report, 'utf8'));
    return {
      passed: json.numPassedTests,
      failed: json.numFailedTests,
      skipped: json.numPendingTests + json.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
