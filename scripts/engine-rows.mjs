// The table of conformance/RESULTS.md that tells what engines did through runt and through the control: one row for each
// engine, place and runtime, written by the run of that engine alone (npm run test:engines, npm run test:vm).

import { today, writeRows } from './results.mjs';

const HEAD = ['engine', 'where', 'runtime', 'passed', 'listed', 'failed', 'run'];
const INTRO = `## Engines

Where: in the test image, whose cgroup v2 tree has no controllers, or in the virtual machine, with all of them and with systemd. runc is
the control, by the same checks; runt has more of them where it promises more, and in the virtual machine one for what is left at the
end. Listed: what does not pass, with its reason, in \`engines/cri-expected.json\` for critest and in \`vm/expected.json\`.`;

/** Replaces the rows of these runs. See engineRow for what a run is. */
export function writeEngineRows(runs) {
  writeRows('engines', INTRO, HEAD, runs.map(engineRow), engineKey);
}

/**
 * The cells of a run: engine and runtime with their versions, where ("test image", "virtual machine"), counts of what passed and of what
 * is listed with a reason, the names of the checks that failed, the kernel's release.
 */
export function engineRow({ engine, version, where, runtime, runtimeVersion, passed, listed, failed, kernel }) {
  const which = [failed.length, failed.join(', ')].filter((part) => part !== '').join(': ');
  const run = `${today()}, Linux ${kernel}`;
  return [`${engine} ${version}`, where, `${runtime} ${runtimeVersion}`, passed, listed, which, run];
}

/** Not the versions: a newer one's run replaces the older's. */
export function engineKey([engine, where, runtime]) {
  return [firstWord(engine), where, firstWord(runtime)].join('\t');
}

const firstWord = (cell) => cell.split(' ')[0];
