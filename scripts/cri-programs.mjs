// Kubernetes' suite for engines (critest), CRI-O with its pinns, and a containerd that can leave cgroups alone: Go modules
// of fixed versions, built once and kept in the cache folder. Debian has none of them in these versions.

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyModule, requireGo, runNiced } from './go-module.mjs';
import { cacheDirectory, ensureMade } from './test-image.mjs';

const CRI_TOOLS = 'v1.34.0';
const CRI_O = 'v1.34.0';
const CONTAINERD = 'v1.7.27';
const LEAST_GO = [1, 24];
// Without C libraries for what no test uses: signatures by gpgme, storage on btrfs, devicemapper and ZFS.
const CRI_O_TAGS = [
  ...['containers_image_openpgp', 'containers_image_ostree_stub', 'seccomp'],
  ...['exclude_graphdriver_btrfs', 'exclude_graphdriver_devicemapper', 'btrfs_noversion'],
];
const CONTAINERD_TAGS = ['no_btrfs', 'no_devmapper', 'no_zfs'];

const environment = {
  ...process.env,
  GOFLAGS: '-mod=mod -buildvcs=false',
  // Not every proxy of sums knows these; go.sum of the modules still holds.
  GONOSUMDB: 'sigs.k8s.io/*,k8s.io/*',
};

/** The folder with critest, critest.version, containerd/ and cri-o/; built now if it is not there. */
export function ensureCriPrograms() {
  return ensureMade(join(cacheDirectory(), `cri-programs-${CRI_TOOLS}-${CRI_O}-${CONTAINERD}`), (partial) => {
    requireGo(LEAST_GO, 'critest');
    process.stderr.write('engines: building critest, CRI-O and containerd, some ten minutes\n');
    for (const name of ['containerd', 'cri-o']) mkdirSync(join(partial, name));
    buildCritest(partial);
    buildCriO(partial);
    buildContainerd(partial);
    for (const name of ['sources-critest', 'sources-cri-o', 'sources-containerd'])
      rmSync(join(partial, name), { recursive: true });
  });
}

function buildCritest(partial) {
  const sources = join(partial, 'sources-critest');
  copyModule(`sigs.k8s.io/cri-tools@${CRI_TOOLS}`, sources, environment);
  go(sources, ['test', '-c', '-o', join(partial, 'critest'), './cmd/critest'], { CGO_ENABLED: '0' });
  writeFileSync(join(partial, 'critest.version'), `${CRI_TOOLS}\n`);
}

function buildCriO(partial) {
  const sources = join(partial, 'sources-cri-o');
  copyModule(`github.com/cri-o/cri-o@${CRI_O}`, sources, environment);
  go(sources, ['build', '-tags', CRI_O_TAGS.join(' '), '-o', join(partial, 'cri-o', 'crio'), './cmd/crio'], {});
  runNiced('make', ['-s'], join(sources, 'pinns'));
  copyFileSync(join(sources, 'bin', 'pinns'), join(partial, 'cri-o', 'pinns'));
}

function buildContainerd(partial) {
  const sources = join(partial, 'sources-containerd');
  copyModule(`github.com/containerd/containerd@${CONTAINERD}`, sources, environment);
  const programs = ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => `./cmd/${name}`);
  const version = `-X github.com/containerd/containerd/version.Version=${CONTAINERD.slice(1)}`;
  const output = `${join(partial, 'containerd')}/`;
  go(sources, ['build', '-tags', CONTAINERD_TAGS.join(' '), '-o', output, ...programs], { CGO_ENABLED: '0' }, version);
}

/** The path of crictl, which asks an engine what the kubelet asks; built now if it is not there. */
export function ensureCrictl() {
  const directory = ensureMade(join(cacheDirectory(), `crictl-${CRI_TOOLS}`), (partial) => {
    requireGo(LEAST_GO, 'crictl');
    process.stderr.write('virtual machine: building crictl, some minutes\n');
    const sources = join(partial, 'sources');
    copyModule(`sigs.k8s.io/cri-tools@${CRI_TOOLS}`, sources, environment);
    go(sources, ['build', '-o', join(partial, 'crictl'), './cmd/crictl'], { CGO_ENABLED: '0' });
    rmSync(sources, { recursive: true });
  });
  return join(directory, 'crictl');
}

/** argv: of go, without the flags that all of them get. */
function go(directory, [command, ...rest], more, linkerFlags = '') {
  const argv = [command, '-trimpath', '-ldflags', `-s -w ${linkerFlags}`, ...rest];
  runNiced('go', argv, directory, { ...environment, ...more });
}
