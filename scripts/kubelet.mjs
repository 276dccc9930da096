// Kubernetes' kubelet: a Go module of a fixed version, built once and kept in the cache folder. Debian has none of this
// version.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyModule, requireGo } from './go-module.mjs';
import { cacheDirectory, Refusal } from './test-image.mjs';

const VERSION = 'v1.36.3';
const LEAST_GO = [1, 26];

const environment = {
  ...process.env,
  CGO_ENABLED: '0',
  GOFLAGS: '-mod=mod -buildvcs=false',
  GOWORK: 'off',
  // Not every proxy of sums knows these; go.sum of the module still holds.
  GONOSUMDB: 'sigs.k8s.io/*,k8s.io/*',
};

/** The path of the kubelet, static; built now if it is not there. */
export function ensureKubelet() {
  const directory = join(cacheDirectory(), `kubelet-${VERSION}`);
  const program = join(directory, 'kubelet');
  if (existsSync(program)) return program;
  requireGo(LEAST_GO, 'the kubelet');
  const partial = `${directory}.partial-${process.pid}`;
  process.stderr.write(`virtual machine: building kubelet ${VERSION}, some ten minutes\n`);
  try {
    mkdirSync(partial, { recursive: true });
    build(partial);
    rmSync(join(partial, 'sources'), { recursive: true });
    // [order] last: a folder under the final name is always whole.
    if (!existsSync(directory)) renameSync(partial, directory);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return program;
}

function build(partial) {
  const sources = join(partial, 'sources');
  copyModule(`k8s.io/kubernetes@${VERSION}`, sources, environment);
  takePublishedParts(sources);
  const [major, minor] = VERSION.slice(1).split('.');
  const version = Object.entries({ gitVersion: VERSION, gitMajor: major, gitMinor: minor }).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  const flags = ['-trimpath', '-ldflags', ['-s', '-w', ...version].join(' '), '-o', join(partial, 'kubelet')];
  go(['build', '-p', '1', ...flags, './cmd/kubelet'], sources);
}

/** The module's archive lacks the modules under staging/, which it replaces by: each is published, v0.X.Y for v1.X.Y. */
function takePublishedParts(sources) {
  const version = VERSION.replace('v1', 'v0');
  const names = readFileSync(join(sources, 'go.mod'), 'utf8').matchAll(/^\s*(\S+) => \.\/staging\//gm);
  const flags = [...names].map(([, name]) => `-replace=${name}=${name}@${version}`);
  go(['mod', 'edit', ...flags], sources);
  for (const name of ['vendor', 'go.work', 'go.work.sum'])
    rmSync(join(sources, name), { recursive: true, force: true });
}

function go(argv, directory) {
  try {
    // Minutes on all processors: others come first.
    execFileSync('nice', ['-n', '19', 'go', ...argv], {
      cwd: directory,
      env: environment,
      stdio: ['ignore', 2, 2],
    });
  } catch (error) {
    throw new Refusal(`go ${argv[0]} in ${directory} failed (${error.message.split('\n')[0]})`);
  }
}
