// Kubernetes' kubelet: a Go module of a fixed version, built once and kept in the cache folder. Debian has none of this
// version.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyModule, requireGo, runNiced } from './go-module.mjs';
import { cacheDirectory, ensureMade } from './test-image.mjs';

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
  const directory = ensureMade(join(cacheDirectory(), `kubelet-${VERSION}`), (partial) => {
    requireGo(LEAST_GO, 'the kubelet');
    process.stderr.write(`virtual machine: building kubelet ${VERSION}, some ten minutes\n`);
    build(partial);
    rmSync(join(partial, 'sources'), { recursive: true });
  });
  return join(directory, 'kubelet');
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

const go = (argv, directory) => runNiced('go', argv, directory, environment);
