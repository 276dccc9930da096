// The programs of OCI runtime-tools, fetched as a Go module of a fixed version, built once and kept in the cache folder.
// Nothing of it is kept in the repository: it is someone else's suite, and its word counts because it is.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { copyModule, requireGo } from './go-module.mjs';
import { cacheDirectory, ensureMade } from './test-image.mjs';

const MODULE = 'github.com/opencontainers/runtime-tools';
export const SUITE_VERSION = 'v0.9.1-0.20250523060157-0ea5ed0382a2';
const LEAST_GO = [1, 21];

/** The folder with runtimetest, the root file system's archive and validation/NAME/NAME.t; built now if it is not there. */
export function ensureSuite() {
  return ensureMade(join(cacheDirectory(), `runtime-tools-${SUITE_VERSION}`), (partial) => {
    requireGo(LEAST_GO, 'the suite');
    process.stderr.write(`conformance: building runtime-tools ${SUITE_VERSION}, a minute\n`);
    copyModule(`${MODULE}@${SUITE_VERSION}`, partial);
    // mod, not vendor: the module's archive has no vendored sources. Static and stripped: they are sent to a virtual machine.
    const env = { ...process.env, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };
    const flags = ['EXTRA_FLAGS=', 'BUILD_FLAGS=-ldflags "-s -w"', 'STATIC_BUILD_FLAGS=-ldflags "-s -w"'];
    execFileSync('make', ['-s', ...flags, 'runtimetest', 'validation-executables'], {
      cwd: partial,
      env,
      stdio: ['ignore', 2, 2],
    });
  });
}

/** What a run needs of the suite, without sources. */
export function copyPrograms(suite, target) {
  for (const name of ['runtimetest', 'rootfs-amd64.tar.gz', 'rootfs-386.tar.gz'])
    if (existsSync(join(suite, name))) cpSync(join(suite, name), join(target, name));
  for (const name of programs(suite)) {
    const file = join('validation', name, `${name}.t`);
    cpSync(join(suite, file), join(target, file));
  }
}

export function programs(suite) {
  return readdirSync(join(suite, 'validation')).filter((name) =>
    existsSync(join(suite, 'validation', name, `${name}.t`)),
  );
}
