/**
 * npm run build -> dist/runt. Schemas -> validators and types, yargs -> answers; esbuild -> modules; cargo -> stage 0, the binary without
 * a program; stage 0 compiles them to bytecode and appends the start-up snapshot to a copy of itself.
 * Each stage has a stamp of its inputs' content in dist/obj/: what has not changed is not made again.
 * `--dev` builds stage 0 quickly, without link-time optimisation.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { SetupError, setup } from './setup.mjs';
import { warmPages } from './warm-pages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const objects = join(root, 'dist/obj');
const MAXIMUM_BYTES = 5 << 20;

class BuildError extends Error {}

/** Every file below a directory, or the file itself; sorted. */
function filesOf(path, wanted = () => true) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).sort();
  return names.flatMap((name) => filesOf(join(path, name), wanted)).filter((file) => wanted(file));
}

function hashOf(paths, ...words) {
  const hash = createHash('sha256');
  for (const word of words) hash.update(`${word}\0`);
  for (const path of paths)
    hash
      .update(`${relative(root, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  return hash.digest('hex');
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (result.error) throw new BuildError(`${command}: ${result.error.message}: run npm run setup`);
  if (result.status !== 0) throw new BuildError(`${command} ${args[0] ?? ''} failed`);
}

/** A stage's stamp holds the hash of its inputs when it last succeeded. Builds may run at the same time (test files). */
function stamp(name) {
  try {
    return readFileSync(join(objects, `${name}.stamp`), 'utf8');
  } catch {
    return '';
  }
}

function stage(name, hash, outputs, make) {
  if (stamp(name) === hash && outputs.every((path) => existsSync(path))) return;
  make();
  replaceFile(join(objects, `${name}.stamp`), (path) => writeFileSync(path, hash));
}

/** Writes a file beside its place and moves it there: nobody sees half of it. */
function replaceFile(path, write) {
  const temporary = `${path}.${randomUUID()}`;
  mkdirSync(objects, { recursive: true });
  write(temporary);
  renameSync(temporary, path);
}

function compileSchemas() {
  const script = join(root, 'scripts/compile-schemas.mjs');
  if (!existsSync(script)) return;
  const tools = ['compile-schemas.mjs', 'generate-types.mjs', 'schema-keywords.mjs'].map((name) =>
    join(root, 'scripts', name),
  );
  const inputs = [
    ...filesOf(join(root, 'schemas'), (file) => file.endsWith('.json')),
    ...tools.filter((path) => existsSync(path)),
  ];
  const outputs = ['validate.js', 'validate.d.ts', 'config-types.ts'].map((name) =>
    join(root, 'src/spec/generated', name),
  );
  stage('schemas', hashOf([...inputs, join(root, 'package-lock.json')]), outputs, () =>
    run(process.execPath, [script]),
  );
}

function generateFlagAnswers() {
  const script = join(root, 'scripts/generate-flag-answers.mjs');
  const inputs = ['command-table.ts', 'ask-yargs.ts'].map((name) => join(root, 'src/cli', name));
  const hash = hashOf([script, ...inputs, join(root, 'package-lock.json')]);
  stage('flags', hash, [join(root, 'src/cli/generated/flag-answers.ts')], () => run(process.execPath, [script]));
}

/** The triple of the machine we build on, as rustc says it. */
function hostTriple() {
  const text = execFileSync('rustc', ['-vV'], { encoding: 'utf8', env: withCargo() });
  const host = /^host: (.*)$/m.exec(text)?.[1];
  if (!host) throw new BuildError('rustc -vV names no host');
  return { host, version: text };
}

/** rustup's directory, also when the shell does not have it in PATH. */
function withCargo() {
  return { ...process.env, PATH: `${process.env.PATH}:${join(homedir(), '.cargo/bin')}` };
}

const native = join(root, 'native');

/** Where the profile of a `profile` build goes, on whichever machine it runs. */
export const PROFILE_DIRECTORY = '/run/runt-profile';

/** What a profile fits, and nothing else: the compiler to its last letter, the machine, and the engine's source. */
export function profiledEngine() {
  const compiler = execFileSync('musl-gcc', ['--version'], { encoding: 'utf8' }).split('\n')[0];
  const machine = execFileSync('musl-gcc', ['-dumpmachine'], { encoding: 'utf8' }).trim();
  const lock = readFileSync(join(native, 'Cargo.lock'), 'utf8');
  const engine = /name = "rquickjs-sys"\nversion = "(.*)"\n/.exec(lock)?.[1];
  return `${compiler}\n${machine}\nrquickjs-sys ${engine}\n`;
}

/** For engine-cc.sh. A profile of another compiler or engine would be worse than none: it cannot be read. */
function profileFlags() {
  const directory = join(native, 'profile');
  const madeWith = readFileSync(join(directory, 'made-with'), 'utf8');
  const here = profiledEngine();
  if (madeWith !== here) {
    const words = [madeWith, here].map((text) => text.trim().replaceAll('\n', ', '));
    console.log(
      `build: without the engine's profile, which is for ${words[0]} (this is ${words[1]}): starts are slower by 3 to 5 %`,
    );
    return { flags: '' };
  }
  return { flags: '-fprofile-use -Werror=missing-profile', profile: directory };
}

/** cargo's arguments and folder, the flags of the engine's compiler, and the folder of the profile that it reads. */
const VARIANTS = {
  release: () => ({ cargo: ['--release'], made: 'release', ...profileFlags() }),
  dev: () => ({ cargo: [], made: 'debug', flags: '' }),
  profile: () => ({
    cargo: ['--release', '--features', 'profile'],
    made: 'release',
    flags: `-fprofile-generate -fprofile-update=single -fprofile-dir=${PROFILE_DIRECTORY}`,
  }),
};

/**
 * Builds stage 0 when native/ or the compiler changed; gives its path. Variants: release; dev, quickly and without link-time
 * optimisation; profile, whose engine counts what it executes (scripts/profile-engine.mjs).
 */
export function buildStage0(variant = 'release') {
  const suffix = variant === 'release' ? '' : `-${variant}`;
  const stage0 = join(objects, `stage0${suffix}`);
  const sources = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'engine-cc.sh', '.cargo', 'src', 'profile'].flatMap((name) =>
    filesOf(join(native, name)),
  );
  const settings = ['CFLAGS', 'REALGCC', 'RUNT_MUSL_DIR', 'RUNT_LIBSECCOMP_DIR'].map((name) => process.env[name] ?? '');
  stage(`native${suffix}`, hashOf(sources, identityOf('rustc'), identityOf('gcc'), ...settings), [stage0], () => {
    const { host } = hostTriple();
    console.log(`build: cargo build of native/ (${variant === 'dev' ? 'development' : `${variant}, about a minute`})`);
    const { cargo, made, flags, profile = '' } = VARIANTS[variant]();
    const target = join(native, 'target', ...(variant === 'profile' ? ['profile'] : []));
    const env = { ...withCargo(), CARGO_ENCODED_RUSTFLAGS: rustFlags(), CARGO_TARGET_DIR: target };
    // cargo compiles the engine again when its flags change, and looks at no compiler, script or profile.
    const compiled = [join(native, 'engine-cc.sh'), ...filesOf(join(native, 'profile'))];
    const engine = hashOf(compiled, identityOf('gcc'), ...settings).slice(0, 12);
    env.CFLAGS = [process.env.CFLAGS, flags, `-DENGINE_HASH=${engine}`].filter(Boolean).join(' ');
    env[`CC_${host.replaceAll('-', '_')}`] = join(native, 'engine-cc.sh');
    Object.assign(env, { RUNT_TARGET: target, RUNT_PROFILE: profile });
    run('cargo', ['build', '--quiet', '--locked', '--target', host, ...cargo], { cwd: native, env });
    replaceFile(stage0, (path) => copyFileSync(join(target, host, made, 'runt'), path));
  });
  return stage0;
}

/** A compiler's version costs 40 ms to ask: its file's identity is enough to notice a new one. */
function identityOf(compiler) {
  const places = withCargo().PATH.split(':');
  const path = places.map((directory) => join(directory, compiler)).find((each) => existsSync(each));
  return path === undefined ? '' : `${statSync(path).size} ${statSync(path).mtimeMs}`;
}

/** No path of this machine may reach the binary: two checkouts give the same bytes. */
function rustFlags() {
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
  const flags = ['-C', 'target-feature=+crt-static', '-C', 'relocation-model=static', '-C', 'linker=musl-gcc'];
  flags.push(`--remap-path-prefix=${root}=runt`, `--remap-path-prefix=${cargoHome}=cargo`);
  return flags.join('\x1f');
}

/**
 * Modules, in the order in which they are evaluated, to a program: bytecode, then stage 0 with its snapshot. Of several, the last
 * lies behind the others in the heap. Used by the native tests too.
 */
export function makeProgram(stage0, modules, out, { version = '0.0.0', commit = '' } = {}) {
  const env = { RUNT_VERSION: version, RUNT_COMMIT: commit };
  const compiled = modules.map((_, index) => `${out}.${index}.qbc`);
  for (const [index, module] of modules.entries()) run(stage0, ['--compile', module, compiled[index]], { env });
  run(stage0, ['--snapshot', ...compiled, `${out}.new`], { env });
  run(`${out}.new`, ['--self-check'], { env });
  renameSync(`${out}.new`, out);
}

function git(...args) {
  const result = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : '';
}

/** Builds what is not up to date. Prints nothing when nothing is to do. */
export async function build({ dev = false } = {}) {
  try {
    mkdirSync(objects, { recursive: true });
  } catch (error) {
    throw new BuildError(`${error.message}: the build writes to this checkout`);
  }
  compileSchemas();
  generateFlagAnswers();
  const stage0 = buildStage0(dev ? 'dev' : 'release');
  const entry = join(root, 'src/main.ts');
  const binary = join(root, 'dist/runt');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const commit = git('describe', '--always', '--dirty', '--abbrev=12', '--exclude=*');
  const sources = filesOf(join(root, 'src'), (file) => /\.(ts|js)$/.test(file) && !file.endsWith('.test.ts'));
  const inputs = [...sources, stage0, join(root, 'package-lock.json')].concat(
    ['build.mjs', 'bundle.mjs', 'warm-pages.mjs'].map((name) => join(root, 'scripts', name)),
  );
  const hash = hashOf(inputs, version, commit);
  if (stamp('program') === hash && existsSync(binary)) return;
  const modules = await bundle(entry, join(objects, 'bundle'));
  makeProgram(stage0, modules, join(objects, 'cold'), { version, commit });
  const warm = await warmPages(join(objects, 'cold'));
  stage('program', hash, [binary], () => {
    run(stage0, ['--warm', warm, join(objects, 'cold'), join(objects, 'runt')]);
    run(join(objects, 'runt'), ['--self-check']);
    const bytes = statSync(join(objects, 'runt')).size;
    if (!dev && bytes > MAXIMUM_BYTES)
      throw new BuildError(`dist/runt would have ${bytes} bytes: at most ${MAXIMUM_BYTES}`);
    renameSync(join(objects, 'runt'), binary);
    console.log(`build: dist/runt, ${(bytes / 1048576).toFixed(2)} MiB`);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await setup();
    await build({ dev: process.argv.includes('--dev') });
  } catch (error) {
    if (!(error instanceof BuildError || error instanceof SetupError)) throw error;
    console.error(`build: ${error.message}`);
    process.exit(1);
  }
}
