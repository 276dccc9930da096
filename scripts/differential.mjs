// `npm run test:differential`: the same configurations through runt, runc and crun of the test image; what the containers see of
// themselves is compared line by line. A difference to a peer needs a reason in conformance/differential/differences.json, and a reason
// that is not needed any more fails too. Needs root and dist/runt.
//
//   node scripts/differential.mjs [NAME]...      only these configurations (then unused reasons do not matter)
//   The differences of the last run, all of them: dist/differential.txt

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeConfigs } from '../conformance/differential/configs.mjs';
import { ensureTestImage, Refusal } from './test-image.mjs';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const FOLDER = join(PROJECT, 'conformance', 'differential');
const BINARY = join(PROJECT, 'dist', 'runt');
const PEERS = ['runc', 'crun'];

function baseConfig(folder) {
  execFileSync(BINARY, ['spec', '--bundle', folder]);
  return JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
}

/** Runs everything in one session of the image; gives back a reader of (name, runtime) -> lines. */
function runAll(folder, names) {
  const [configs, out, spec] = ['configs', 'out', 'spec'].map((name) => join(folder, name));
  for (const path of [configs, out, spec]) mkdirSync(path);
  const wanted = makeConfigs(baseConfig(spec)).filter(({ name }) => names.length === 0 || names.includes(name));
  if (wanted.length === 0)
    throw new Refusal(`no configuration of that name; they are in conformance/differential/configs.mjs`);
  for (const { name, text } of wanted) writeFileSync(join(configs, `${name}.json`), text);
  const binds = [
    [BINARY, '/run/runt-bin/runt'],
    [configs, '/run/diff/configs'],
    [join(FOLDER, 'probe.sh'), '/run/diff/probe.sh'],
    [join(FOLDER, 'run.sh'), '/run/diff/run.sh'],
    [out, '/run/out:rw'],
  ].flatMap(([source, target]) => ['--bind', `${source}:${target}`]);
  const runtimes = ['runt=/run/runt-bin/runt', ...PEERS.map((peer) => `${peer}=/usr/bin/${peer}`)];
  const argv = [ensureTestImage(), ...binds, '--', 'sh', '/run/diff/run.sh', ...runtimes];
  const run = spawnSync(join(PROJECT, 'scripts', 'enter-image.sh'), argv, { stdio: ['ignore', 2, 2] });
  if (run.status !== 0) throw new Refusal(`the session in the test image ended with ${run.status}`);
  return wanted.map(({ name }) => ({
    name,
    seen: Object.fromEntries(
      ['runt', ...PEERS].map((runtime) => [runtime, readLines(join(out, `${name}.${runtime}`))]),
    ),
  }));
}

function readLines(path) {
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : ['status: none'];
}

/** One line for each fact that only one side has: "NAME runc < FACT" (the peer's) or "NAME runc > FACT" (ours). */
function compare({ name, seen }) {
  return PEERS.flatMap((peer) => {
    const theirs = counted(seen[peer]);
    const ours = counted(seen.runt);
    const only = (side, other, sign) =>
      [...side].flatMap(([line, times]) =>
        Array(Math.max(0, times - (other.get(line) ?? 0))).fill(`${name} ${peer} ${sign} ${line}`),
      );
    return [...only(theirs, ours, '<'), ...only(ours, theirs, '>')];
  });
}

function counted(lines) {
  const counts = new Map();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

function main() {
  if (!existsSync(BINARY)) throw new Refusal(`${BINARY} is not there: run npm run build`);
  const names = process.argv.slice(2);
  const folder = mkdtempSync(join(tmpdir(), 'runt-differential-'));
  try {
    const results = runAll(folder, names);
    const broken = results.filter(
      ({ seen }) => seen.runt.length < 2 && !seen.runt.some((line) => /^status: (?!0)/.test(line)),
    );
    const differences = results.flatMap(compare);
    writeFileSync(join(PROJECT, 'dist', 'differential.txt'), `${differences.join('\n')}\n`);
    const reasons = JSON.parse(readFileSync(join(FOLDER, 'differences.json'), 'utf8')).map((each) => ({
      ...each,
      expression: new RegExp(each.match),
      used: 0,
    }));
    const unexplained = differences.filter((line) => {
      const reason = reasons.find(({ expression }) => expression.test(line));
      if (reason !== undefined) reason.used += 1;
      return reason === undefined;
    });
    const unused = names.length === 0 ? reasons.filter(({ used }) => used === 0) : [];
    for (const line of unexplained) process.stdout.write(`not ok without a reason: ${line}\n`);
    for (const { match } of unused) process.stdout.write(`not ok a reason without a difference: ${match}\n`);
    for (const { name } of broken) process.stdout.write(`not ok ${name}: nothing was seen\n`);
    for (const { match, reason, used } of reasons)
      if (used > 0) process.stdout.write(`# ${used} x ${reason} (${match})\n`);
    const bad = new Set([...unexplained.map((line) => line.split(' ')[0]), ...broken.map(({ name }) => name)]).size;
    process.stdout.write(`${results.length - bad} passed, ${bad + unused.length} failed\n`);
    process.exitCode = bad + unused.length > 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`differential: ${error.message}\n`);
  process.exitCode = 2;
}
