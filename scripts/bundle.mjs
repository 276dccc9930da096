/**
 * src/ -> two bundles by esbuild, `first` and `later`, and what they share. All are in the start-up snapshot; they differ in where they
 * lie in the heap: what a container's start needs must fit into one huge page, which is read in one go, and the rest is only mapped, so
 * that it costs nothing until somebody asks for it. A new module is in the first part; if that gets too large, the build says so.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../src', import.meta.url));

/**
 * What is used together lies together: modules come into the heap in the order in which they are imported, and a page that is not
 * touched costs nothing. First what every command needs, then the small commands, then those that make containers.
 */
const LAYOUT = ['cli/parse-argv', 'lifecycle/show-state', 'lifecycle/kill-container', 'lifecycle/list-containers']
  .concat(['lifecycle/start-container', 'lifecycle/delete-container', 'lifecycle/create-container'])
  .concat(['lifecycle/run-container', 'lifecycle/exec-in-container']);

/**
 * What starts of common containers do without, not even for a look at whether there is something to do: the first call of such a function
 * brings in half a dozen pages. Evaluated last. Who imports one of these modules gets functions that find the real ones
 * when they are called; of their other exports only later modules know.
 */
const LATER = {
  cgroup: [
    'parse-dbus-address',
    'run-systemd-session',
    'apply-systemd-attach',
    'apply-systemd-cgroup',
    'apply-systemd-unit',
    'plan-systemd-unit',
    'plan-systemd-update',
    'run-dbus-connection',
  ],
  cli: ['format-event', 'help-text', 'make-criu-request', 'mounts-request'],
  console: ['apply-console', 'run-console-socket'],
  hooks: ['run-hook-process', 'run-hook-streams'],
  kernel: ['format-call', 'trace-kernel'],
  lifecycle: ['change-mounts', 'checkpoint-container', 'doctor', 'list-processes', 'notify-relay', 'pause-container']
    .concat(['restore-container', 'run-mapping-tools', 'show-features', 'show-plan', 'terminal-relay'])
    .concat(['update-container', 'update-intel-rdt', 'watch-container', 'write-spec']),
  namespaces: ['apply-id-maps', 'apply-namespace-joins', 'apply-net-devices', 'apply-net-devices-back', 'run-netlink'],
  process: ['apply-memory-policy', 'apply-scheduling'],
  resctrl: ['apply-resctrl'],
  rootfs: ['apply-move-root', 'apply-copy-up', 'apply-mount-id-map', 'format-step-error'],
  security: ['apply-lsm-labels', 'parse-tail-failure'],
  spec: ['check-net-devices', 'schema-faults'],
};
const laterPaths = Object.entries(LATER).flatMap(([folder, names]) =>
  names.map((name) => join(source, folder, `${name}.ts`)),
);

function entryPoints(entry) {
  const first = [...LAYOUT.map((name) => `import './${name}.ts';`), `export * from './${basename(entry)}';`];
  const later = laterPaths.flatMap((path, index) => [
    `import * as module${index} from '${path}';`,
    `import { fill as fill${index} } from 'later:${path}';`,
    `fill${index}(module${index});`,
  ]);
  return { first: first.join('\n'), later: later.join('\n') };
}

/** The functions that stand for a module's. Exports that are no functions are left out, and to import one fails the build. */
function standIns(path) {
  const names = [...readFileSync(path, 'utf8').matchAll(/^export function (\w+)/gm)].map(([, name]) => name);
  const lines = names.map((name) => `export const ${name} = (...given) => real.${name}(...given);`);
  return `let real;\nexport const fill = (module) => {\n  real = module;\n};\n${lines.join('\n')}\n`;
}

function laterPlugin(entry) {
  const contents = entryPoints(entry);
  return {
    name: 'later',
    setup(build) {
      build.onResolve({ filter: /^(first|later)$/ }, ({ path }) => ({ path, namespace: 'entry' }));
      build.onLoad({ filter: /./, namespace: 'entry' }, ({ path }) => ({
        contents: contents[path],
        resolveDir: dirname(entry),
        loader: 'ts',
      }));
      build.onResolve({ filter: /^later:/ }, ({ path }) => ({ path: path.slice('later:'.length), namespace: 'later' }));
      build.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, importer, resolveDir }) => {
        const target = join(resolveDir, path);
        const isAsked = laterPaths.includes(target) && !laterPaths.includes(importer);
        return isAsked ? { path: target, namespace: 'later' } : undefined;
      });
      build.onLoad({ filter: /./, namespace: 'later' }, ({ path }) => ({ contents: standIns(path), loader: 'js' }));
    },
  };
}

/** Gives the files in the order in which they are evaluated. */
export async function bundle(entry, outdir) {
  const esbuild = await import('esbuild');
  await esbuild.build({
    entryPoints: ['first', 'later'],
    plugins: [laterPlugin(entry)],
    splitting: true,
    chunkNames: 'shared',
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    target: 'es2023',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import', 'browser'],
    external: ['native:kernel'],
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
  });
  return ['shared', 'first', 'later'].map((name) => join(outdir, `${name}.mjs`));
}
