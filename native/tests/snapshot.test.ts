/** The start-up snapshot: same bytes from same source, damage is found, what a start may meet. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { warmPages } from '../../scripts/warm-pages.mjs';
import { compileModules, compileProgram, makeDirectory, removeDirectory, runProgram, stage0 } from './run-program.ts';

const directory = makeDirectory();
afterAll(() => removeDirectory(directory));

const program = compileProgram(
  directory,
  'program',
  `count++; print(show([argv.slice(1), count, table.get('b'), typeof fresh.next().value])); return argv.length;`,
  `let count = 0; const table = new Map([['a', 1], ['b', new Date(0).toISOString()]]);
   function* generate() { yield Math.random(); } const fresh = generate(); const seeds = [Math.random(), Date.now()];`,
);

test('main gets the arguments, its number is the exit code, and each start begins with the same state', () => {
  for (let run = 0; run < 2; run++) {
    const { stdout, status } = runProgram(program, ['state', 'é', '']);
    expect([stdout, status]).toEqual(['[["state","é",""],1,"1970-01-01T00:00:00.000Z","number"]\n', 4]);
  }
});

test('the same bytecode gives the same bytes, whatever the directory, environment and stack', () => {
  let bytes: Buffer | undefined;
  for (let round = 0; round < 20; round++) {
    const place = join(directory, 'x'.repeat(1 + round * 11));
    mkdirSync(place);
    const env = { FILL: 'y'.repeat(round * 999), RUNT_VERSION: '0.0.0', RUNT_COMMIT: 'ba821ca99768' };
    expect(spawnSync(stage0, ['--compile', join(directory, 'program.mjs'), join(place, 'q')], { env }).status).toBe(0);
    expect(spawnSync(stage0, ['--snapshot', join(place, 'q'), join(place, 'out')], { env }).status).toBe(0);
    bytes ??= readFileSync(join(place, 'out'));
    expect(Buffer.compare(bytes, readFileSync(join(place, 'out')))).toBe(0);
  }
});

test('200 flipped bits, each alone, are found by --self-check', () => {
  expect(runProgram(program, ['--self-check']).status).toBe(0);
  const bytes = readFileSync(program);
  const heap = statSync(stage0).size; // where the appended heap begins, at the next page
  const damaged = join(directory, 'damaged');
  let seed = 1;
  const random = (limit: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % limit;
  };
  for (let flip = 0; flip < 200; flip++) {
    const at = heap + random(bytes.length - heap);
    const bit = 1 << random(8);
    bytes.writeUInt8((bytes.readUInt8(at) ?? 0) ^ bit, at);
    writeFileSync(damaged, bytes);
    chmodSync(damaged, 0o755);
    const { status, stderr } = runProgram(damaged, ['--self-check']);
    expect({ at, bit, status, stderr }).toEqual({
      at,
      bit,
      status: 1,
      stderr: "runt: the program's file is damaged: build or copy it again\n",
    });
    bytes.writeUInt8(bytes.readUInt8(at) ^ bit, at);
  }
  writeFileSync(damaged, bytes.subarray(0, bytes.length - 4096));
  expect(runProgram(damaged, ['--self-check']).status).toBe(1);
});

test('an argument that is not UTF-8 is refused, on one line', () => {
  const result = spawnSync('sh', ['-c', `exec "$0" state "$(printf 'a\\377')"`, program], { encoding: 'utf8' });
  expect([result.stdout, result.stderr, result.status]).toEqual(['', 'runt: argument 2 is not UTF-8\n', 1]);
});

test('closed standard files are opened on /dev/null', () => {
  const check = compileProgram(
    directory,
    'closed',
    `return [0, 1, 2].every((fd) => k.statx(fd, '', 0x1000).rdevMinor === 3) && k.openat2(-100, '/', 0, 0, 0) === 3 ? 5 : 6;`,
  );
  const result = spawnSync('sh', ['-c', 'exec "$0" state <&- >&- 2>&-', check], { stdio: ['ignore', 'pipe', 'pipe'] });
  expect(result.status).toBe(5);
});

test('small address spaces and stacks are enough', () => {
  for (const limit of ['-v 20000', '-s 256']) {
    const result = spawnSync('sh', ['-c', `ulimit ${limit}; exec "$0" state`, program], { encoding: 'utf8' });
    expect([limit, result.stderr, result.status]).toEqual([limit, '', 2]);
  }
});

test('a bug is one line with the way to report it', () => {
  const thrown = compileProgram(
    directory,
    'thrown',
    `function inner() { throw new RangeError('line one\\nline two'); } inner();`,
  );
  const result = runProgram(thrown);
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(
    /^runt: internal error: RangeError: line one line two at inner at main[^\n<]*; please report it\n$/,
  );
});

test('no memory is one line too', () => {
  const greedy = compileProgram(
    directory,
    'greedy',
    `const all = []; for (;;) all.push('x'.repeat(1 << 20) + all.length, new Array(1e5).fill(1));`,
  );
  const result = spawnSync('sh', ['-c', 'ulimit -v 60000; exec "$0" state', greedy], { encoding: 'utf8' });
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(/^runt: internal error: .*out of memory.*; please report it\n$/);
});

test('endless recursion is an error, not a crash', () => {
  const endless = compileProgram(directory, 'endless', `const f = (n) => f(n + 1) + 1; return f(0);`);
  const result = runProgram(endless);
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(/RangeError: Maximum call stack size exceeded/);
});

const parts = {
  common: `import * as k from 'native:kernel';
    export const print = (text) => { k.write(1, text + '\\n'); };
    export const registry = { later: undefined, count: 0 };`,
  first: `import { print, registry } from './common.mjs';
    export function main(argv) {
      print(JSON.stringify([registry.count, registry.later.add('x'), registry.later.add('y')]));
      const text = registry.later.fill(Number(argv[2]));
      print(text.length + ' ' + text.slice(-2));
      try { registry.later.fail(); } catch (error) { print(error.message); }
      return registry.count;
    }`,
  later: `import { registry } from './common.mjs';
    const names = ['from', 'later'];
    registry.count += 1;
    registry.later = {
      add(name) { registry.count += 1; names.push(name); return names.join(' '); },
      fill(count) { const all = []; for (let i = 0; i < count; i++) all.push({ i, text: 'n' + i }); return all.map((each) => each.text).join(); },
      fail() { throw new RangeError('out of ' + names[1]); },
    };`,
};

test('a part of the program that lies apart in the heap is evaluated before the start, and grows with the rest', () => {
  const parted = compileModules(directory, 'parted', parts);
  // `run` gets a huge page where the kernel gives one, `state` the mapped file. 40000 objects do not fit into what is left of the first 2 MiB: the heap goes on behind the second part.
  for (const [command, count] of [
    ['state', 10],
    ['run', 10],
    ['state', 40000],
    ['run', 40000],
  ] as const) {
    const { stdout, stderr, status } = runProgram(parted, [command, String(count)]);
    const length = Array.from({ length: count }, (_, i) => `n${i}`).join().length;
    expect([command, stdout, stderr, status]).toEqual([
      command,
      `[1,"from later x","from later x y"]\n${length} ${String(count - 1)
        .slice(-2)
        .padStart(2, 'n')}\nout of later\n`,
      '',
      3,
    ]);
  }
});

describe('pages that every command writes to', () => {
  const counting = compileProgram(
    directory,
    'counting',
    `const text = k.readAll(k.openat2(-100, '/proc/self/smaps', 0, 0, 0), 1 << 20);
     const heap = text.slice(text.indexOf('2000000000-'));
     print(/Private_Dirty: +([0-9]+) kB/.exec(heap)[1]); return 0;`,
    'const table = Array.from({ length: 9000 }, (_, i) => ({ i }));', // pages that nobody touches
  );
  const warm = (ranges: string) =>
    spawnSync(stage0, ['--warm', ranges, counting, `${counting}-warm`], { encoding: 'utf8' });
  const dirty = (program: string) => Number(runProgram(program, ['state']).stdout);

  test('are there at once when they are listed', () => {
    const all = (statSync(counting).size - Math.ceil(statSync(stage0).size / 4096) * 4096) / 4096;
    expect(warm(`0+2,2+${all - 2}`).status).toBe(0);
    expect(runProgram(`${counting}-warm`, ['--self-check']).status).toBe(0);
    expect(dirty(`${counting}-warm`)).toBe(all * 4);
    expect(dirty(counting)).toBeLessThan(all * 4);
    expect(warm('').status).toBe(0);
    expect(Buffer.compare(readFileSync(counting), readFileSync(`${counting}-warm`))).toBe(0);
  });

  test.each(['0', '0+', 'x+1', '0+70000', '60000+1', Array(65).fill('0+1').join()])('%s is refused', (ranges) => {
    expect(warm(ranges).stderr).toMatch(/^runt stage 0: (a range is|too many ranges)/);
  });

  test('the build finds the same, and finds some', async () => {
    const found = await warmPages(counting);
    expect(found).toMatch(/^0\+\d+(,\d+\+\d+)+$/);
    expect(await warmPages(counting)).toBe(found);
  });
});

test('a first part that leaves a start no room is refused by the build, to the KiB', () => {
  compileModules(directory, 'full', parts);
  const program = join(directory, 'full');
  const build = (fill: number) => {
    const before = `export const filling = Array.from({ length: ${fill} }, (_, i) => 'x'.repeat(900) + i);`;
    writeFileSync(join(directory, 'common.mjs'), parts.common + before);
    for (const name of Object.keys(parts))
      spawnSync(stage0, ['--compile', join(directory, `${name}.mjs`), join(directory, `${name}.q`)]);
    const bytecode = Object.keys(parts).map((name) => join(directory, `${name}.q`));
    return spawnSync(stage0, ['--snapshot', ...bytecode, program], { encoding: 'utf8' }).stderr;
  };
  let [fits, refused] = [0, 4096];
  while (refused - fits > 1) {
    const fill = (fits + refused) >> 1;
    if (build(fill) === '') fits = fill;
    else refused = fill;
  }
  expect(build(refused)).toMatch(/^runt stage 0: the heap's first part is too full/);
  expect(build(fits)).toBe('');
  const heap = Math.ceil(statSync(stage0).size / 4096) * 4096;
  const used = Number(readFileSync(program).readBigUInt64LE(heap)) - 2 ** 37;
  expect((2 << 20) - used).toBeGreaterThanOrEqual(128 << 10);
  expect((2 << 20) - used).toBeLessThan((128 << 10) + 8192);
});

test('text cannot become code, and shared prototypes take nothing new', () => {
  const check = compileProgram(
    directory,
    'code',
    `for (const make of [() => eval('1'), () => Function('return 1')(), () => (() => 0).constructor('return 1')(), () => { Object.prototype.privileged = true; }, () => { Array.prototype.x = 1; }, () => { 'use strict'; Map.prototype.get = 1; return 'allowed'; }]) {
       try { print(String(make())); } catch (error) { print(error.name); }
     }`,
  );
  expect(runProgram(check).stdout.trimEnd().split('\n').slice(3)).toEqual(['TypeError', 'TypeError', 'allowed']);
  expect(
    runProgram(check)
      .stdout.split('\n')
      .slice(0, 3)
      .every((name) => /Error$/.test(name)),
  ).toBe(true);
});
