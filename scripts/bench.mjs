// `npm run bench`: runt against crun, runc and the C floor, interleaved in one run inside the test image. Prints a
// table and writes it as JSON. Builds nothing of the product; compiles the floor and the driver each time, so that
// nobody compares with yesterday's. Must leave nothing on the machine but the JSON and the cached test image.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeSeccompProfile } from '../conformance/bench/seccomp-profile.mjs';
import { limitsOf, planText, ROWS, WORK } from './bench-rows.mjs';
import { median, parseSamples, ratioOfMedians } from './bench-statistics.mjs';
import { ensureTestImage, Refusal } from './test-image.mjs';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const BENCH = join(PROJECT, 'conformance', 'bench');
const WARM_UP = 3;
const USAGE = `usage: npm run bench -- [options]
  --rounds N         rounds of each row (default 120)     --quick        20 rounds
  --only ROW         only this row, repeatable            --gate         status 1 if a limit is exceeded beyond noise
  --runt PATH        the binary (default dist/runt)       --without-runt peers and floor only
  --also NAME=PATH   one more runtime, repeatable: e.g. an older build
  --output FILE      the JSON (default dist/bench.json)
rows: ${ROWS.map((row) => row.name).join(' ')}
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '120' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      gate: { type: 'boolean', default: false },
      runt: { type: 'string', default: join(PROJECT, 'dist', 'runt') },
      'without-runt': { type: 'boolean', default: false },
      also: { type: 'string', multiple: true, default: [] },
      output: { type: 'string', default: join(PROJECT, 'dist', 'bench.json') },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = values.quick ? 20 : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Refusal(`--rounds ${values.rounds}: not a positive number`);
  const unknown = values.only.find((name) => !ROWS.some((row) => row.name === name));
  if (unknown) throw new Refusal(`--only ${unknown}: no such row\n${USAGE}`);
  return { ...values, rounds, rows: ROWS.filter((row) => !values.only.length || values.only.includes(row.name)) };
}

/** The runtimes that are brought into the image: name -> path on this machine. The peers are in it already. */
function findBinaries(options) {
  const also = options.also.map((text) => [text.split('=')[0], text.slice(text.indexOf('=') + 1)]);
  const binaries = Object.fromEntries(options['without-runt'] ? also : [['runt', options.runt], ...also]);
  for (const [name, path] of Object.entries(binaries)) {
    if (!existsSync(path)) {
      throw new Refusal(`${path} is not there (${name}): run npm run build, or leave runt out by --without-runt`);
    }
  }
  return binaries;
}

function compile(name, folder) {
  // Static like the product, so that no arm's start-up is a dynamic loader's; small, for the driver's sake.
  const options = ['-O2', '-static', '-o', join(folder, name), join(BENCH, `${name}.c`)];
  const result = spawnSync('cc', options, { stdio: ['ignore', 2, 2] });
  if (result.error) throw new Refusal(`no C compiler (${result.error.message}): run npm run setup`);
  if (result.status !== 0) throw new Refusal(`${name}.c does not compile`);
}

function prepare(work, options, binaries, arms) {
  mkdirSync(join(work, 'bin'));
  for (const [name, path] of Object.entries(binaries)) copyFileSync(path, join(work, 'bin', name));
  compile('driver', work);
  compile('floor', work);
  copyFileSync(join(BENCH, 'inside.sh'), join(work, 'inside.sh'));
  writeFileSync(join(work, 'seccomp.json'), JSON.stringify(makeSeccompProfile()));
  writeFileSync(join(work, 'plan'), planText(options.rows, arms));
}

/** Runs the driver in the image; gives the samples and the versions of the peers. */
function measure(options) {
  const binaries = findBinaries(options);
  const arms = [...Object.keys(binaries), 'crun', 'runc', 'floor'];
  const image = ensureTestImage();
  const work = mkdtempSync(join(tmpdir(), 'runt-bench-'));
  try {
    prepare(work, options, binaries, arms);
    const inside = [`${WORK}/inside.sh`, WORK, String(options.rounds), String(WARM_UP), ...arms];
    const enter = [image, '--bind', `${work}:${WORK}:rw`, '--', ...inside];
    const result = spawnSync(join(PROJECT, 'scripts', 'enter-image.sh'), enter, { stdio: ['ignore', 2, 2] });
    if (result.status !== 0) throw new Refusal(`the bench did not finish (status ${result.status ?? result.signal})`);
    return {
      arms,
      samples: parseSamples(readFileSync(join(work, 'samples'), 'utf8')),
      versions: readFileSync(join(work, 'versions'), 'utf8').trim().split('\n'),
    };
  } finally {
    rmSync(work, { recursive: true });
  }
}

function summarise(row, arms, names) {
  // Not every row has a floor.
  const shown = names.filter((arm) => arms[arm] !== undefined);
  const summaries = shown.map((arm) => {
    const { ns, kib } = arms[arm];
    return [arm, { medianNs: median(ns), minimumNs: Math.min(...ns), memoryKib: median(kib) }];
  });
  const limits = limitsOf(row).filter(({ against }) => arms.runt && arms[against]);
  const ratios = limits.map(({ against, ratio: limit, goal, unit = 'ns' }) => {
    const found = ratioOfMedians(arms.runt[unit], arms[against][unit]);
    // Exceeded only when all of the interval is: a ratio within the noise of its limit is not a fault of the code.
    return { against, unit, ...found, limit, goal, met: found.ratio <= limit, exceeded: found.low > limit };
  });
  return { name: row.name, title: row.title, unit: row.unit ?? 'ns', arms: Object.fromEntries(summaries), ratios };
}

const milliseconds = (ns) => `${(ns / 1e6).toFixed(2).padStart(7)} ms`;
const mebibytes = (kib) => `${(kib / 1024).toFixed(2).padStart(6)} MiB`;

function describeRatio({ against, unit, ratio, low, high, limit, goal, met, exceeded }) {
  const verdict = met ? 'ok' : exceeded ? 'EXCEEDED' : 'over, within noise';
  const aim = goal === undefined ? '' : `, goal ${goal}`;
  const what = unit === 'kib' ? 'memory' : 'time';
  return `  ${what} of runt / ${against}: ${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}), at most ${limit}${aim}: ${verdict}`;
}

function describeRow({ title, unit, arms, ratios }) {
  const lines = Object.entries(arms).map(([arm, { medianNs, minimumNs, memoryKib }]) =>
    unit === 'kib'
      ? `  ${arm.padEnd(8)} ${mebibytes(memoryKib)}`
      : `  ${arm.padEnd(8)} median ${milliseconds(medianNs)}   minimum ${milliseconds(minimumNs)}   memory ${mebibytes(memoryKib)}`,
  );
  return [title, ...lines, ...ratios.map(describeRatio), ''].join('\n');
}

function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(USAGE);
  const { arms, samples, versions } = measure(options);
  const rows = options.rows.map((row) => summarise(row, samples[row.name], arms));
  const machine = { kernel: release(), processors: cpus().length, model: cpus()[0].model };
  const output = resolve(options.output);
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, `${JSON.stringify({ rounds: options.rounds, machine, versions, rows }, null, 2)}\n`);
  process.stdout.write(`\n${rows.map(describeRow).join('\n')}\n`);
  const all = rows.flatMap((row) => row.ratios);
  const exceeded = all.filter((ratio) => ratio.exceeded).length;
  if (all.length)
    process.stdout.write(
      `bench: ${all.filter((r) => r.met).length} of ${all.length} limits met, ${exceeded} exceeded\n`,
    );
  if (options.gate && exceeded) process.exitCode = 1;
}

try {
  main();
} catch (error) {
  if (!(error instanceof Refusal) && error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 2;
}
