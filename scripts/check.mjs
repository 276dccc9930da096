/** The static checks: TypeScript and Biome (house rules are a vitest file, src/architecture.test.ts). Returns the number of failed checks. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

export async function check() {
  const commands = [
    ['tsc', '--noEmit', '-p', '.'],
    ['tsc', '--noEmit', '-p', 'conformance'],
    ['biome', 'check', '--error-on-warnings', '.'],
  ];
  let failed = 0;
  for (const command of commands) {
    console.log(`--- ${command.join(' ')}`);
    if (spawnSync('npx', command, { cwd: root, stdio: 'inherit' }).status !== 0) failed += 1;
  }
  return failed;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit((await check()) === 0 ? 0 : 1);
