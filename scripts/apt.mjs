// Debian's packages for the scripts, and steps that download: tried again after a pause, because a network or an archive that
// fails for a moment must not fail a build. What is wrong for good costs the pauses and is then reported as before.

import { spawnSync } from 'node:child_process';

const PAUSES_S = [10, 30];
/** A machine that has just booted may be upgrading itself: that is waited for. Without a terminal of its own dpkg draws no progress. */
const OPTIONS = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0', '-o', 'Acquire::Retries=3'];
/** Without it apt-get update is content with no list at all. */
const UPDATE_OPTIONS = ['-o', 'APT::Update::Error-Mode=any', '-o', 'Acquire::Retries=3'];
let listsAreFresh = false;

/**
 * Runs `step` until it returns true, at most one time more than there are pauses. say: gets a line before each repetition.
 * Returns whether it came out.
 */
export function tryAgain(what, step, say, pauses = PAUSES_S) {
  for (const seconds of pauses) {
    if (step()) return true;
    say(`${what} failed, again in ${seconds} seconds`);
    // Scripts that build are sequential: waiting is all there is to do.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
  }
  return step();
}

/** The command that a user without root is told. */
export const aptCommand = (packages) => `apt-get install -y --no-install-recommends ${packages.join(' ')}`;

/** apt-get update, once in a process. Returns whether it came out; lists of yesterday may still do. */
export function aptUpdate(say, stdio) {
  if (listsAreFresh) return true;
  listsAreFresh = tryAgain('apt-get update', () => aptGet(['update', '-qq', ...UPDATE_OPTIONS], say, stdio), say);
  return listsAreFresh;
}

/** Installs packages as root. say: gets each command before it runs. stdio: where apt's own words go. */
export function aptInstall(packages, say, stdio = ['ignore', 2, 2]) {
  aptUpdate(say, stdio);
  const install = ['install', '-y', '-qq', ...OPTIONS, '--no-install-recommends', ...packages];
  return tryAgain('apt-get install', () => aptGet(install, say, stdio), say);
}

function aptGet(args, say, stdio) {
  say(`apt-get ${args.join(' ')}`);
  return spawnSync('apt-get', args, { stdio, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
}
