// Programs that others publish as Go modules: checked by Go against its own sums, built here.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { Refusal } from './test-image.mjs';

/** Throws unless a Go of at least [major, minor] is there. what: the programs, for the message. */
export function requireGo(least, what) {
  const result = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  const version = /^go(\d+)\.(\d+)/.exec(result.stdout ?? '');
  const [major, minor] = version ? [Number(version[1]), Number(version[2])] : [0, 0];
  if (major > least[0] || (major === least[0] && minor >= least[1])) return;
  throw new Refusal(
    `${what} is built with Go ${least.join('.')} or newer, ${version ? `found ${version[0]}` : 'and there is none'}`,
  );
}

/** A writable copy of the module's sources in `directory`. module: as in "example.org/name@v1.2.3". */
export function copyModule(module, directory, env = process.env) {
  const result = spawnSync('go', ['mod', 'download', '-json', module], { encoding: 'utf8', env });
  const answer = JSON.parse(result.stdout || '{}');
  if (result.status !== 0 || answer.Dir === undefined)
    throw new Refusal(`${module}: ${answer.Error ?? result.stderr.trim()}`);
  cpSync(answer.Dir, directory, { recursive: true });
  execFileSync('chmod', ['-R', 'u+w', directory]);
}

/** Runs a program of the build in `directory`: minutes on all processors, so others come first. Its output goes to stderr. */
export function runNiced(program, argv, directory, env = process.env) {
  try {
    execFileSync('nice', ['-n', '19', program, ...argv], { cwd: directory, env, stdio: ['ignore', 2, 2] });
  } catch (error) {
    throw new Refusal(`${program} ${argv[0]} in ${directory} failed (${error.message.split('\n')[0]})`);
  }
}
