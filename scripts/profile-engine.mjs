// `npm run profile`: makes native/profile/ anew, with which the engine is compiled: how often each of its branches is taken in the lives
// of common containers (conformance/bench/train.sh), as GCC's -fprofile-generate counts it. Needed after another version of
// the engine or of the C compiler; as root, in the test image.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeSeccompProfile } from '../conformance/bench/seccomp-profile.mjs';
import { buildStage0, makeProgram, PROFILE_DIRECTORY, profiledEngine } from './build.mjs';
import { bundle } from './bundle.mjs';
import { setup } from './setup.mjs';
import { ensureTestImage, Refusal } from './test-image.mjs';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const KEPT = join(PROJECT, 'native', 'profile');

function train(work) {
  const script = join(PROJECT, 'conformance', 'bench', 'train.sh');
  const binds = ['--bind', `${work}:${PROFILE_DIRECTORY}:rw`, '--bind', `${dirname(script)}:/run/bench-scripts`];
  const argv = [ensureTestImage(), ...binds, '--', 'sh', '/run/bench-scripts/train.sh', PROFILE_DIRECTORY];
  const { status, signal } = spawnSync(join(PROJECT, 'scripts', 'enter-image.sh'), argv, { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Refusal(`the containers did not run (status ${status ?? signal})`);
}

async function main() {
  if (existsSync(PROFILE_DIRECTORY)) throw new Refusal(`${PROFILE_DIRECTORY} is there: remove it first`);
  await setup();
  const stage0 = buildStage0('profile');
  const work = mkdtempSync(join(tmpdir(), 'runt-profile-'));
  try {
    // The build's own runs are counted too, and forgotten: they compile, which is not what users wait for.
    makeProgram(stage0, await bundle(join(PROJECT, 'src/main.ts'), join(work, 'bundle')), join(work, 'runt'));
    rmSync(PROFILE_DIRECTORY, { recursive: true, force: true });
    writeFileSync(join(work, 'seccomp.json'), JSON.stringify(makeSeccompProfile()));
    train(work);
    const made = readdirSync(work).filter((name) => name.endsWith('.gcda'));
    if (made.length === 0) throw new Refusal('no profile came out');
    rmSync(KEPT, { recursive: true, force: true });
    mkdirSync(KEPT);
    // Each is named by the whole path of where its source was compiled.
    for (const name of made) copyFileSync(join(work, name), join(KEPT, name.slice(name.lastIndexOf('#') + 1)));
    writeFileSync(join(KEPT, 'made-with'), profiledEngine());
  } finally {
    rmSync(work, { recursive: true });
    rmSync(PROFILE_DIRECTORY, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`profile: ${error.message}`);
  process.exit(1);
}
