/**
 * The set-up step of npm start and npm test: Node, npm packages, cargo, a C compiler, libseccomp's static library, and
 * the static busybox of the example container. As root on Debian or Ubuntu it installs what is missing, by package name;
 * else it prints the one line that does. Quick and silent when everything is there.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { aptInstall, aptUpdate } from './apt.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const MINIMUM_NODE = 20;
/** What native/Cargo.toml and the crates need (edition 2024, rust-version). */
const MINIMUM_CARGO = [1, 85];

export class SetupError extends Error {}

/** rustup's directory counts, also when the shell does not have it in PATH yet. */
const searchPath = [
  ...(process.env.PATH ?? '').split(':'),
  join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin'),
];

function find(program) {
  return searchPath.map((directory) => join(directory, program)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function output(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, PATH: searchPath.join(':') } });
  return result.status === 0 ? result.stdout : '';
}

/** cargo of at least the wanted version; Debian 12's own is older and counts as missing. */
function hasCargo() {
  const path = find('cargo');
  if (path === undefined || find('rustc') === undefined) return false;
  const [, major, minor] = /^cargo (\d+)\.(\d+)/.exec(output(path, ['--version'])) ?? [];
  const [wantedMajor, wantedMinor] = MINIMUM_CARGO;
  return Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor);
}

/** The distribution's directories of libraries; the compiler is asked only when it is in none of them. */
function hasStaticSeccomp() {
  const directories = ['/usr/lib', '/usr/lib64', '/usr/local/lib'];
  for (const name of existsSync('/usr/lib') ? readdirSync('/usr/lib') : []) {
    if (name.endsWith('-linux-gnu')) directories.unshift(join('/usr/lib', name));
  }
  const compiler = find('cc');
  return (
    directories.some((directory) => existsSync(join(directory, 'libseccomp.a'))) ||
    (compiler !== undefined && output(compiler, ['-print-file-name=libseccomp.a']).startsWith('/'))
  );
}

/** cc that can link a static program. */
function hasCompiler() {
  return find('cc') !== undefined && existsSync('/usr/include/stdio.h');
}

/** What is needed, whether it is there, and the Debian packages that bring it. */
const NEEDS = [
  { name: 'a C compiler', isThere: hasCompiler, packages: ['gcc', 'libc6-dev'] },
  { name: 'musl, the small C library', isThere: () => find('musl-gcc') !== undefined, packages: ['musl-tools'] },
  { name: "libseccomp's static library", isThere: hasStaticSeccomp, packages: ['libseccomp-dev'] },
  { name: 'a static busybox', isThere: () => find('busybox') !== undefined, packages: ['busybox-static'] },
];

/** What only the tests of the real binary use besides (as root; without root they do not run). */
const TEST_NEEDS = [
  { name: 'strace', isThere: () => find('strace') !== undefined, packages: ['strace'] },
  { name: 'newuidmap', isThere: () => find('newuidmap') !== undefined, packages: ['uidmap'] },
  { name: 'ip', isThere: () => find('ip') !== undefined, packages: ['iproute2'] },
  { name: 'script', isThere: () => find('script') !== undefined, packages: ['bsdutils'] },
];

const RUSTUP_ARGUMENTS = ['toolchain', 'install', 'stable', '--profile', 'minimal'];

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function run(command, args) {
  say(`${command} ${args.join(' ')}`);
  const env = { ...process.env, PATH: searchPath.join(':') };
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env });
  return result.status === 0;
}

const say = (text) => console.log(`setup: ${text}`);
const installPackages = (packages) => aptInstall(packages, say, ['ignore', 'inherit', 'inherit']);

/**
 * Newer Debian and Ubuntu: the distribution's newest cargo, if it is new enough. Debian 12's security archive has
 * cargo-web, the toolchain its browsers are built with. Else rustup, from the distribution or already installed.
 */
const CARGO_WAYS = [
  () => find('rustup') !== undefined && run('rustup', RUSTUP_ARGUMENTS),
  () => isOffered('cargo') && installPackages(['cargo']),
  () => isOffered('cargo-web') && installPackages(['cargo-web', 'rustc-web']),
  () => newestVersioned() && installPackages(newestVersioned()),
  () => isAvailable('rustup') && installPackages(['rustup']) && run('rustup', RUSTUP_ARGUMENTS),
];

/** Ubuntu has cargo-1.85 and the like beside an older cargo; their programs lie in /usr/lib/rust-1.85/bin. */
function newestVersioned() {
  const names = output('apt-cache', ['pkgnames', 'cargo-1.'])
    .split('\n')
    .filter((name) => /^cargo-1\.\d+$/.test(name));
  const newest = Math.max(...names.map((name) => Number(name.slice('cargo-1.'.length))));
  if (!(newest >= MINIMUM_CARGO[1])) return undefined;
  searchPath.push(`/usr/lib/rust-1.${newest}/bin`);
  return [`cargo-1.${newest}`, `rustc-1.${newest}`];
}

function isAvailable(name) {
  return /Candidate: (?!\(none\))/.test(output('apt-cache', ['policy', name]));
}

/** Is the candidate new enough? "0.66.0+ds1-1" is Debian 12's name for cargo 1.65. */
function isOffered(name) {
  const [, major, minor] = /Candidate: (\d+)\.(\d+)/.exec(output('apt-cache', ['policy', name])) ?? [];
  return Number(major) === 1 && Number(minor) >= MINIMUM_CARGO[1];
}

function installCargo() {
  aptUpdate(say, ['ignore', 'inherit', 'inherit']);
  for (const way of CARGO_WAYS) {
    if (way() && hasCargo()) return;
  }
  throw new SetupError(
    `no cargo ${MINIMUM_CARGO.join('.')} or newer among this machine's packages: install rustup, then run this again`,
  );
}

/** npm writes node_modules/.package-lock.json when it is done: older than the lock file means stale. */
function packagesAreFresh() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const have = JSON.parse(readFileSync(installed, 'utf8')).packages;
  const want = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(want).every(
    ([path, { version, optional }]) => path === '' || optional || have[path]?.version === version,
  );
}

/** Throws SetupError with one line when something is missing that it cannot install. */
export async function setup({ forTests = false } = {}) {
  const needs = forTests && process.getuid?.() === 0 ? [...NEEDS, ...TEST_NEEDS] : NEEDS;
  if (Number(process.versions.node.split('.')[0]) < MINIMUM_NODE) {
    throw new SetupError(`Node ${MINIMUM_NODE} or newer is needed, this is ${process.versions.node}`);
  }
  const missing = needs.filter((need) => !need.isThere());
  const packages = missing.flatMap((need) => need.packages);
  const needsCargo = !hasCargo();
  if (missing.length > 0 || needsCargo) {
    const names = [
      ...missing.map((need) => need.name),
      ...(needsCargo ? [`cargo ${MINIMUM_CARGO.join('.')} or newer`] : []),
    ];
    console.log(`setup: missing: ${names.join(', ')}`);
    if (process.getuid?.() !== 0 || !isDebian()) throw new SetupError(oneLine(packages, needsCargo));
    if (packages.length > 0 && !installPackages(packages))
      throw new SetupError(`apt-get could not install ${packages.join(' ')}`);
    if (needsCargo) installCargo();
    const still = needs.filter((need) => !need.isThere());
    if (still.length > 0)
      throw new SetupError(`still missing after the installation: ${still.map((need) => need.name).join(', ')}`);
  }
  if (!packagesAreFresh() && !run('npm', ['ci', '--no-audit', '--no-fund'])) throw new SetupError('npm ci failed');
  process.env.PATH = searchPath.join(':');
}

function oneLine(packages, needsCargo) {
  const cargo = `cargo ${MINIMUM_CARGO.join('.')} or newer`;
  if (!isDebian()) {
    return `install ${[...packages, ...(needsCargo ? [cargo] : [])].join(', ')} (Debian's names), then run this again`;
  }
  if (!needsCargo) return `run this as root: apt-get install -y ${packages.join(' ')}`;
  // The set-up installs all of it; but a toolchain in another user's home would be of no use to this one.
  return `run this as root: node scripts/setup.mjs (or install ${[...packages, cargo].join(', ')} yourself; rustup will do)`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await setup();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`setup: ${error.message}`);
    process.exit(1);
  }
}
