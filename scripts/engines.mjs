// `npm run test:engines`: real engines (podman, containerd, docker) of the test image run containers through runt, and
// through runc as the control: what fails with runc too is the environment's fault. Each engine has a session of its
// own in the image, so nothing of one is seen by another or stays on the machine. Needs root, and dist/runt.
//
//   node scripts/engines.mjs [--runtime runt|runc|crun|PATH] [--engine NAME]... [--no-control]

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureTestImage, Refusal } from './test-image.mjs';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const ENGINES = ['podman', 'containerd', 'docker', 'checkpoint'];
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

/** Runs the checks of one engine with one runtime; true if all passed. Their lines go to our stdout. */
function testEngine(engine, runtime) {
  const { binds, path } = locate(runtime);
  const scripts = ['--bind', `${join(PROJECT, 'conformance', 'engines')}:/run/engines`];
  const enter = [ensureTestImage(), ...binds, ...scripts, '--', `/run/engines/${engine}.sh`, path];
  process.stdout.write(`# ${engine} with ${runtime}\n`);
  const result = spawnSync(join(PROJECT, 'scripts', 'enter-image.sh'), enter, {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return result.status === 0;
}

function main() {
  const options = readOptions();
  const isControl = options['no-control'] || options.runtime === CONTROL;
  const runtimes = isControl ? [options.runtime] : [CONTROL, options.runtime];
  const results = options.engine.flatMap((engine) =>
    runtimes.map((runtime) => ({ engine, runtime, passed: testEngine(engine, runtime) })),
  );
  const failed = results.filter((result) => !result.passed);
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
