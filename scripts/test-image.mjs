// Makes the test image: a root file system with the newest peers (runc, crun) and engines (podman, containerd,
// docker), in which the bench and the engine tests run. Made once by mmdebstrap and kept in the cache folder under
// a hash of what is in it; a changed package list makes a new one. Prints the image's path, and only that, on stdout.
// Must not name a mirror: which one to use is the machine's own business, and its apt configuration knows.
//
//   node scripts/test-image.mjs          RUNT_CACHE_DIR=DIR overrides where images are kept (default .cache)

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aptCommand, aptInstall, aptUpdate, tryAgain } from './apt.mjs';

// Stable distributions carry peers that are years old; beating those would prove nothing.
const SUITE = 'sid';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PACKAGES = [
  ...['runc', 'crun', 'criu', 'conmon'],
  ...['containerd', 'podman', 'buildah', 'catatonit', 'docker.io', 'docker-cli', 'docker-buildx', 'docker-compose'],
  ...['netavark', 'aardvark-dns', 'passt', 'slirp4netns'],
  ...['fuse-overlayfs', 'uidmap', 'iproute2', 'nftables', 'iptables'],
  ...['systemd', 'systemd-sysv', 'dbus', 'kmod', 'procps'],
  ...['busybox-static', 'jq', 'strace', 'bats', 'hyperfine'],
  'containernetworking-plugins',
];
// The dynamic busybox excludes the static one as a package, so it is only unpacked. Its shell starts programs by their
// path, as critest expects; Debian's static one runs its own applets first.
const BUSYBOX_BESIDE = [
  '--customize-hook=chroot "$1" sh -c "cd /tmp && apt-get download busybox && dpkg -x busybox_*.deb /opt/busybox && rm busybox_*.deb"',
];

/** One try of making an image; it takes half a minute on an idle machine with a near archive. */
const MOST_MINUTES = 8;

const log = (text) => process.stderr.write(`test image: ${text}\n`);

/** An expected refusal: printed as one line, without a stack. */
export class Refusal extends Error {}

/**
 * The folder `directory`, made now by make(PARTIAL), a new folder, if it is not there. A folder under its final name is always whole,
 * also when two sessions make it at once or one is killed.
 */
export function ensureMade(directory, make) {
  if (existsSync(directory)) return directory;
  const partial = `${directory}.partial-${process.pid}`;
  try {
    mkdirSync(partial, { recursive: true });
    make(partial);
    if (!existsSync(directory)) renameSync(partial, directory);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return directory;
}

/** Where images are kept: RUNT_CACHE_DIR, or .cache of the project. */
export function cacheDirectory() {
  const project = dirname(dirname(fileURLToPath(import.meta.url)));
  return resolve(process.env.RUNT_CACHE_DIR ?? join(project, '.cache'));
}

/** The Debian archive this machine itself installs from, out of apt's own reading of its configuration. */
function readMirror() {
  const mirror = knownMirror() ?? (process.getuid() === 0 && aptUpdate(log) ? knownMirror() : undefined);
  if (mirror === undefined) {
    throw new Refusal("no Debian archive in this machine's apt sources (run apt-get update; needs a Debian machine)");
  }
  return mirror;
}

/** undefined when no source is Debian's, and also before the first apt-get update of a new machine. */
function knownMirror() {
  const format = '$(CREATED_BY)\t$(ORIGIN)\t$(RELEASE)\t$(REPO_URI)';
  const result = spawnSync('apt-get', ['indextargets', '--format', format], { encoding: 'utf8' });
  const targets = (result.stdout ?? '').split('\n').map((line) => line.split('\t'));
  const main = targets.find(
    ([kind, origin, release]) => kind === 'Packages' && origin === 'Debian' && !release.includes('-'),
  );
  return main?.[3];
}

function installMmdebstrap() {
  if (spawnSync('mmdebstrap', ['--version']).status === 0) return;
  if (process.getuid() !== 0) throw new Refusal(`mmdebstrap is missing; as root: ${aptCommand(['mmdebstrap'])}`);
  if (!aptInstall(['mmdebstrap'], log)) throw new Refusal('apt-get could not install mmdebstrap');
}

/** Makes a root file system of these packages under `directory`, whole or not at all; extra: more options of mmdebstrap. */
export function buildImage(directory, packages = PACKAGES, extra = []) {
  installMmdebstrap();
  // [order] a private name, then a rename: a folder under the final name is always a whole image, also when two
  // sessions build at once or one is killed.
  const partial = `${directory}.partial-${process.pid}`;
  log(`making ${SUITE} with ${packages.length} packages, a few minutes`);
  const options = [
    '--variant=minbase',
    // A mirror may be a snapshot whose release file is old.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Retries "3"',
    `--keyring=${KEYRING}`,
    `--include=${packages.join(',')}`,
    ...extra,
  ];
  // A mount namespace of its own: whatever ends it, no mount of the host's /dev or /sys is left below what is then removed.
  const argv = ['--mount', '--propagation', 'private', 'mmdebstrap', ...options, SUITE, partial, readMirror()];
  let built;
  const isBuilt = tryAgain(
    'mmdebstrap',
    () => {
      rmSync(partial, { recursive: true, force: true });
      built = spawnSync('unshare', argv, { stdio: ['ignore', 2, 2], timeout: MOST_MINUTES * 60_000 });
      return built.status === 0;
    },
    log,
  );
  if (!isBuilt) {
    rmSync(partial, { recursive: true, force: true });
    throw new Refusal(`mmdebstrap failed (${built.error?.message ?? `status ${built.status ?? built.signal}`})`);
  }
  try {
    renameSync(partial, directory);
  } catch (error) {
    // Another session finished first: its image is as good as ours.
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
}

/** The path of the test image, which is made now if it is not there. Throws with a readable message if it cannot be. */
export function ensureTestImage() {
  const hash = createHash('sha256')
    .update(JSON.stringify([SUITE, PACKAGES, BUSYBOX_BESIDE]))
    .digest('hex')
    .slice(0, 12);
  const cache = cacheDirectory();
  const directory = join(cache, `test-image-${hash}`);
  if (!existsSync(directory)) {
    if (process.getuid() !== 0) throw new Refusal('making the test image needs root');
    mkdirSync(cache, { recursive: true });
    buildImage(directory, PACKAGES, BUSYBOX_BESIDE);
  }
  return directory;
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${ensureTestImage()}\n`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    log(error.message);
    process.exit(1);
  }
}
