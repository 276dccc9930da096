/** The exec tail on the real kernel: security.md D1, D2, B10. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compileProgram, makeDirectory, removeDirectory, runProgram } from './run-program.ts';

const directory = makeDirectory();
afterAll(() => removeDirectory(directory));
const isRoot = process.getuid?.() === 0;

/** A program that needs write and exit_group only. */
const tiny = join(directory, 'tiny');
writeFileSync(
  `${tiny}.c`,
  `static long call(long n, long a, long b, long c) {
#if defined(__x86_64__)
  long r; __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory"); return r;
#else
  register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory"); return x0;
#endif
}
#include <sys/syscall.h>
void _start(void) { call(SYS_write, 1, (long)"alive\\n", 6); call(SYS_exit_group, 7, 0, 0); }
`,
);
execFileSync('cc', ['-O1', '-static', '-nostdlib', '-fno-stack-protector', '-o', tiny, `${tiny}.c`]);

/** Runs a tail given as JavaScript source; stdout, exit status, and what was written to the report descriptor (2). */
let counter = 0;
function runTail(
  operations: string,
  before = '',
): { stdout: string; report: string; status: number | null; signal: unknown } {
  const program = compileProgram(directory, `tail${counter++}`, `${before} k.execTail(2, 99, ${operations});`);
  const { stdout, stderr, status, signal } = runProgram(program);
  return { stdout, report: stderr, status, signal };
}

const status = `['execve', -1, '/bin/cat', ['cat', '/proc/self/status'], []]`;
const field = (text: string, name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim();

test('signals are reset, the mask is empty, whatever was ignored or blocked before', () => {
  const before = 'k.ignoreSignal(10, true); k.ignoreSignal(64, true); k.sigprocmask(0, [1, 2, 15, 34]);';
  const { stdout } = runTail(`[['resetSignals'], ${status}]`, before);
  for (const name of ['SigBlk', 'SigIgn', 'SigCgt']) expect(field(stdout, name)).toBe('0000000000000000');
  const untouched = runTail(`[${status}]`, before).stdout;
  expect(field(untouched, 'SigBlk')).toBe('0000000200004003');
  expect(field(untouched, 'SigIgn')).toBe('8000000000001200');
});

test('a filter that allows only execve, write and exit_group does not stop the tail', () => {
  const profile = `{ defaultAction: 0x80000000, architectures: [], badArchitectureAction: 0x80000000, optimize: false,
    rules: [{ action: 0x7fff0000, names: ['execve', 'write', 'exit_group', 'no_such_call'], numbers: [], args: [] }] }`;
  const before = `const filter = k.seccompCompile(${profile}); if (show(filter.unknown) !== '["no_such_call"]') return 98;`;
  const run = runTail(
    `[['noNewPrivileges'], ['seccomp', 0, filter.program], ['execve', -1, '${tiny}', ['tiny'], []]]`,
    before,
  );
  expect(run).toEqual({ stdout: 'alive\n', report: '', status: 7, signal: null });
  const refused = runTail(
    `[['noNewPrivileges'], ['seccomp', 0, filter.program], ['umask', 0], ['execve', -1, '${tiny}', ['tiny'], []]]`,
    before,
  );
  expect(refused.signal).toBe('SIGSYS');
});

test('tight limits do not stop the tail', () => {
  const limits = [
    [9, '1 << 20'],
    [2, '0'],
    [6, '0'],
    [0, '1'],
    [4, '0'],
  ].map(([resource, limit]) => `['rlimit', ${resource}, ${limit}, ${limit}]`);
  const { stdout, status: code } = runTail(`[${limits.join()}, ['execve', -1, '${tiny}', ['tiny'], []]]`);
  expect([stdout, code]).toEqual(['alive\n', 7]);
});

test('a failure names the operation and the errno, and nothing after it runs', () => {
  expect(runTail(`[['umask', 0], ['execve', -1, '/nonexistent', ['x'], []], ['write', 1, 'after']]`)).toEqual({
    stdout: '',
    report: 'T1:2',
    status: 99,
    signal: null,
  });
  expect(runTail(`[['fchdir', 1000]]`).report).toBe('T0:9');
  expect(runTail(`[['umask', 18]]`).report).toBe('T1:8'); // ENOEXEC: a list without execve
});

test('writes, moves and closes descriptors; closeFrom leaves nothing above', () => {
  const before = `for (let i = 0; i < 40; i++) k.dup3(0, 10 + i, 0);`;
  const { stdout } = runTail(
    `[['write', 1, 'begin\\n'], ['dup2', 1, 9], ['close', 45], ['closeFrom', 3], ['execve', -1, '/bin/ls', ['ls', '/proc/self/fd'], []]]`,
    before,
  );
  expect(stdout.split('\n')).toEqual(['begin', '0', '1', '2', '3', '']); // 3 is ls's own directory
});

test('executes by descriptor, which closeFrom spares and execve closes', () => {
  const before = `const fd = k.openat2(-100, '/bin/ls', 0o10000000, 0, 0);`;
  const { stdout } = runTail(`[['closeFrom', 3], ['execve', fd, '', ['ls', '/proc/self/fd'], []]]`, before);
  expect(stdout.split('\n')).toEqual(['0', '1', '2', '3', '']);
});

describe.skipIf(!isRoot)('as root', () => {
  test('credentials: groups, ids, five capability sets, read back', () => {
    const kill = 1n << 5n;
    const bind = 1n << 10n;
    const both = kill | bind;
    const operations = `[['bounding', ${both}n], ['keepCapabilities', true], ['setgroups', [10, 20]], ['setresgid', 1001],
      ['setresuid', 1000], ['capset', ${both}n, ${both}n, ${kill}n], ['ambient', ${kill}n],
      ['verifyCapabilities', ${both}n, ${both}n, ${kill}n, ${both}n, ${kill}n], ['umask', 0o27], ['noNewPrivileges'], ${status}]`;
    const { stdout, report } = runTail(operations);
    expect(report).toBe('');
    expect(field(stdout, 'Uid')).toBe('1000\t1000\t1000\t1000');
    expect(field(stdout, 'Gid')).toBe('1001\t1001\t1001\t1001');
    expect(field(stdout, 'Groups')).toBe('10 20');
    expect(field(stdout, 'CapBnd')).toBe('0000000000000420');
    expect(field(stdout, 'CapInh')).toBe('0000000000000020');
    expect(field(stdout, 'CapAmb')).toBe('0000000000000020');
    expect(field(stdout, 'CapEff')).toBe('0000000000000020'); // execve of a plain file leaves the ambient ones
    expect(field(stdout, 'NoNewPrivs')).toBe('1');
    expect(field(stdout, 'Umask')).toBe('0027');
  });

  test.each([
    ['effective', `32n, 0n, 0n, 32n, 0n`],
    ['inheritable', `0n, 0n, 32n, 32n, 0n`],
    ['bounding', `0n, 0n, 0n, 33n, 0n`],
    ['ambient', `0n, 0n, 0n, 32n, 32n`],
  ])('a set that is not as asked stops it: %s', (_, wanted) => {
    const operations = `[['bounding', 32n], ['capset', 0n, 0n, 0n], ['verifyCapabilities', ${wanted}], ${status}]`;
    expect(runTail(operations)).toEqual({ stdout: '', report: 'T2:1', status: 99, signal: null });
  });
});
