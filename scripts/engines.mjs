// `npm run test:engines`: real engines (podman, containerd, docker; by name also CRI-O) run containers through runt, and
// through runc as the control: what fails with runc too is the environment's fault. Each engine has a session of its
// own in the image, so nothing of one is seen by another or stays on the machine. Needs root, and dist/runt.
//
//   node scripts/engines.mjs [--runtime runt|runc|crun|PATH] [--engine NAME]... [--no-control] [--times] [--write]
//   --times: instead, how long ten `run --rm` take with runt, crun and runc.
//   --write puts the rows of these engines into conformance/RESULTS.md.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { loadavg, release } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureCriPrograms } from './cri-programs.mjs';
import { writeEngineRows } from './engine-rows.mjs';
import { today, writeResults } from './results.mjs';
import { ensureTestImage, Refusal } from './test-image.mjs';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const ENGINES = [
  ...['podman', 'podman-build', 'podman-network', 'podman-rootless'],
  ...['docker', 'docker-network', 'docker-swarm', 'containerd', 'checkpoint', 'systemd'],
];
// Run only by name: building their programs and critest's own waits take a quarter of an hour each.
const CRI_ENGINES = ['cri', 'cri-o'];
const PEERS = ['runc', 'crun'];
// Where engines look for programs, and not in /tmp: some refuse a runtime in a folder that everybody can write to.
const TARGET = '/run/runt-bin/runt';
const CONTROL = 'runc';

function readOptions() {
  const { values } = parseArgs({
    options: {
      runtime: { type: 'string', default: process.env.RUNTIME ?? 'runt' },
      engine: { type: 'string', multiple: true, default: ENGINES },
      'no-control': { type: 'boolean', default: false },
      times: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  return values;
}

/** A runtime's name or path on this machine -> what to bind into the image, and its path in there. */
function locate(runtime) {
  if (PEERS.includes(runtime)) return { binds: [], path: `/usr/bin/${runtime}` };
  const binary = runtime === 'runt' ? join(PROJECT, 'dist', 'runt') : resolve(runtime);
  if (!existsSync(binary)) {
    process.stderr.write(`engines: ${binary} is not there: run npm run build\n`);
    process.exit(2);
  }
  return { binds: ['--bind', `${binary}:${TARGET}`], path: TARGET };
}

/** Runs a script of conformance/engines in a session of the image. Returns its status and its lines, which are printed as well. */
function runScript(name, runtime) {
  const { binds, path } = locate(runtime);
  const folders = [join('conformance', 'engines'), 'docs'].flatMap((folder) => [
    '--bind',
    `${join(PROJECT, folder)}:/run/${basename(folder)}`,
  ]);
  if (CRI_ENGINES.includes(name)) binds.push('--bind', `${ensureCriPrograms()}:/run/cri`);
  const enter = [ensureTestImage(), ...binds, ...folders, '--', `/run/engines/${name}.sh`, path];
  process.stdout.write(`# ${name} with ${runtime}\n`);
  const result = spawnSync(join(PROJECT, 'scripts', 'enter-image.sh'), enter, {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(result.stdout);
  return { status: result.status, lines: result.stdout.split('\n') };
}

/** Runs the checks of one engine with one runtime: a run as of engineRow. */
function testEngine(engine, runtime) {
  const { status, lines } = runScript(engine, runtime);
  const value = (mark) => lines.find((line) => line.startsWith(`${mark}: `))?.slice(mark.length + 2) ?? 'unknown';
  const count = (mark) => lines.filter((line) => line.startsWith(mark)).length;
  return {
    engine,
    version: value('version'),
    where: 'test image',
    runtime: basename(runtime),
    runtimeVersion: value('runtime'),
    passed: count('ok '),
    listed: count('listed '),
    // "not ok podman: pause: status 1, ..." -> "pause"
    failed: lines.flatMap((line) => /^not ok [\w-]+: (.*?): status /.exec(line)?.[1] ?? []),
    kernel: release(),
    isGood: status === 0,
  };
}

/** `time docker runt 2042 190` of the script -> rows of engines, columns of runtimes, in seconds. */
function measureTimes(write) {
  const { status, lines } = runScript('times', 'runt');
  if (status !== 0) process.exitCode = 1;
  const words = lines.map((line) => line.split(' '));
  const versions = words.filter(([mark]) => mark === 'version:').map(([, runtime, version]) => `${runtime} ${version}`);
  const cells = words.filter(([mark]) => mark === 'time');
  const rows = [...new Set(cells.map(([, engine]) => engine))].map((engine) => {
    const seconds = ['runt', 'crun', 'runc'].map((runtime) => {
      const cell = cells.find((words) => words[1] === engine && words[2] === runtime);
      const [all, least] = cell.slice(3).map((ms) => (Number(ms) / 1000).toFixed(2));
      return least === undefined ? '-' : `${all} (${least})`;
    });
    return `| ${engine} | ${seconds.join(' | ')} |`;
  });
  const table = [`| ten \`run --rm\` by (the quickest) | ${versions.join(' | ')} |`, '|---|---|---|---|', ...rows].join(
    '\n',
  );
  process.stdout.write(`${table}\n`);
  if (!write) return;
  const where = `${today()}, seconds, in turn, in the test image, Linux ${release()}, load average ${loadavg()[0].toFixed(0)}`;
  writeResults('engine times', `## Engines: time\n\n${where}; - where the engine does not start it here.\n\n${table}`);
}

function main() {
  const options = readOptions();
  if (options.times) return measureTimes(options.write);
  const isControl = options['no-control'] || options.runtime === CONTROL;
  const runtimes = isControl ? [options.runtime] : [CONTROL, options.runtime];
  const results = options.engine.flatMap((engine) => runtimes.map((runtime) => testEngine(engine, runtime)));
  if (options.write) writeEngineRows(results);
  const failed = results.filter((result) => !result.isGood);
  for (const { engine, runtime } of failed) process.stdout.write(`failed: ${engine} with ${runtime}\n`);
  process.stdout.write(`engines: ${results.length - failed.length} passed, ${failed.length} failed\n`);
  process.exitCode = failed.length ? 1 : 0;
}

try {
  main();
} catch (error) {
  if (!(error instanceof Refusal) && error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw error;
  process.stderr.write(`engines: ${error.message}\n`);
  process.exitCode = 2;
}
