/**
 * Small JavaScript programs on the real native program: each is compiled and given a snapshot by stage 0, as dist/runt is.
 * Stage 0 is built first when native/ has changed.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildStage0, makeProgram } from '../../scripts/build.mjs';

export const stage0: string = buildStage0();

/** A directory of this test file; removed by the caller. */
export function makeDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'runt-native-'));
}

export function removeDirectory(directory: string): void {
  if (!directory.startsWith(join(tmpdir(), 'runt-native-'))) throw new Error(`not ours: ${directory}`);
  rmSync(directory, { recursive: true });
}

/** Makes an executable of a program in parts, module name to source, in the order in which they are evaluated; the last lies apart. */
export function compileModules(directory: string, name: string, sources: Readonly<Record<string, string>>): string {
  const modules = Object.entries(sources).map(([module, source]) => {
    const path = join(directory, `${module}.mjs`);
    writeFileSync(path, source);
    return path;
  });
  makeProgram(stage0, modules, join(directory, name));
  return join(directory, name);
}

/** Makes an executable from the body of main(argv); `k` is native:kernel, `print` writes a line to stdout. */
export function compileProgram(directory: string, name: string, body: string, before = ''): string {
  const source = `import * as k from 'native:kernel';
const print = (text) => { k.write(1, text + '\\n'); };
const show = (value) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? v + 'n' : v));
${before}
export function main(argv) { ${body} }
`;
  const module = join(directory, `${name}.mjs`);
  writeFileSync(module, source);
  makeProgram(stage0, [module], join(directory, name));
  return join(directory, name);
}

export function runProgram(
  program: string,
  args: readonly string[] = [],
  prefix: readonly string[] = [],
): SpawnSyncReturns<string> {
  const [command, ...rest] = [...prefix, program, ...args] as [string, ...string[]];
  return spawnSync(command, rest, { encoding: 'utf8', env: { PATH: process.env.PATH ?? '' } });
}
