/** Nothing is coerced or truncated on the way into the kernel: security.md D6. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { compileProgram, makeDirectory, removeDirectory, runProgram } from './run-program.ts';

const directory = makeDirectory();
afterAll(() => removeDirectory(directory));

const calls: readonly [string, string][] = [
  ['k.close(NaN)', 'TypeError: fd: not an integer from -100 to 2147483647'],
  ['k.close(-0)', 'TypeError: fd: not an integer from -100 to 2147483647'],
  ['k.close(0.5)', 'TypeError: fd: not an integer from -100 to 2147483647'],
  ['k.close(Infinity)', 'TypeError: fd: not an integer from -100 to 2147483647'],
  ['k.close(2 ** 31)', 'TypeError: fd: not an integer from -100 to 2147483647'],
  ['k.close(4294967296)', 'TypeError: fd: not an integer from -100 to 2147483647'],
  ['k.close("1")', 'TypeError: fd: not an integer from -100 to 2147483647'],
  ['k.close(1n)', 'TypeError: fd: not an integer from -100 to 2147483647'],
  ['k.close(undefined)', 'TypeError: fd: not an integer from -100 to 2147483647'],
  ['k.close({ valueOf: () => 1 })', 'TypeError: fd: not an integer from -100 to 2147483647'],
  ['k.close()', 'TypeError: fd: not an integer from -100 to 2147483647'],
  ['k.close(1000)', '-9'],
  ['k.fchown(1000, -1, 0)', 'TypeError: uid: not an integer from 0 to 4294967294'],
  ['k.fchown(1000, 4294967295, 0)', 'TypeError: uid: not an integer from 0 to 4294967294'],
  ['k.setresuid(4294967296, 0, 0)', 'TypeError: ruid: not an integer from 0 to 4294967294'],
  ['k.setgroups([1, -1])', 'TypeError: gids: not an integer from 0 to 4294967294'],
  ['k.setgroups("12")', 'TypeError: gids: not an array'],
  ['k.openat2(-100, "/a\\0b", 0, 0, 0)', '-22'],
  ['k.openat2(-100, "/nonexistent", 0, 0, 0)', '-2'],
  ['k.openat2(-100, 5, 0, 0, 0)', 'TypeError: path: not a string'],
  ['k.openat2(-100, "/", -1, 0, 0)', 'TypeError: flags: not an integer from 0 to 4294967295'],
  ['k.sethostname("a\\0b")', '-22'],
  ['k.execve("/nonexistent", ["a\\0b"], [])', '-22'],
  ['k.execve("/nonexistent", ["a"], ["B=1"])', '-2'],
  ['k.prlimit(0, 7, 18446744073709551616n, 1)', 'TypeError: soft: not from 0 to 2^64-1'],
  ['k.prlimit(0, 7, -1n, 1)', 'TypeError: soft: not from 0 to 2^64-1'],
  ['k.prlimit(0, 7, -1, 1)', 'TypeError: soft: not an integer from 0 to 9007199254740991'],
  ['k.prlimit(0, 7, 2 ** 53, 1)', 'TypeError: soft: not an integer from 0 to 9007199254740991'],
  ['k.kill(-1, 0)', 'TypeError: pid: not an integer from -2147483647 to -2'],
  ['k.kill(5, 0)', 'TypeError: pid: not an integer from -2147483647 to -2'],
  ['k.pidfdOpen(0, 0)', 'TypeError: pid: not an integer from 1 to 2147483647'],
  ['k.mknodat(1000, "x", 0, 4096, 0)', 'TypeError: major: not an integer from 0 to 4095'],
  ['k.mknodat(1000, "x", 0, 1, 1048576)', 'TypeError: minor: not an integer from 0 to 1048575'],
  ['k.prctl(22, 0, 0, 0, 0)', 'TypeError: option: a prctl option that takes a pointer or is not known'],
  ['k.fcntl(0, 5, 0)', 'TypeError: command: an fcntl command that takes a pointer or is not known'],
  ['k.write(1000, 5)', 'TypeError: data: not a Uint8Array'],
  ['k.write(1000, new Uint16Array(2))', 'TypeError: data: not a Uint8Array'],
  ['k.bpfLoadCgroupDevice(new Uint8Array(7))', 'TypeError: program: not an array of struct bpf_insn'],
  ['k.connectUnix(1000, "x".repeat(108))', '-36'],
  ['k.connectUnix(1000, "x".repeat(107))', '-9'],
  ['k.interfaceUp("x".repeat(16))', '-19'],
  ['k.sigprocmask(0, [65])', 'TypeError: signals: not an integer from 1 to 64'],
  ['k.poll([0], [], 0)', 'TypeError: events: not as many as fds'],
  ['k.execTail(2, 1, [["setresuid", 4294967295]])', 'TypeError: id: not an integer from 0 to 4294967294'],
  ['k.execTail(2, 1, [["nonsense"]])', "TypeError: operation: not one of the exec tail's"],
  ['k.execTail(2, 1, [["execve", -1, "/bin/true", ["a\\0b"], []]])', '-22'],
  ['k.ignoreSignal(13, 1)', 'TypeError: ignore: not a boolean'],
];

test('arguments out of type or range are refused by name', () => {
  const list = calls.map(([call]) => `() => ${call}`).join(',\n');
  const program = compileProgram(
    directory,
    'arguments',
    `for (const call of [${list}]) { let out; try { out = String(call()); } catch (error) { out = String(error); } print(out); }`,
  );
  const lines = runProgram(program).stdout.trimEnd().split('\n');
  expect(lines.map((line, index) => [calls[index]?.[0], line])).toEqual(calls);
});

test('every function with parameters refuses objects, arrays of objects and nothing at all', () => {
  const program = compileProgram(
    directory,
    'objects',
    `for (const [name, value] of Object.entries(k)) {
       if (typeof value !== 'function' || value.length === 0) continue;
       for (const bad of [{}, [{}], null, Symbol('x'), undefined, () => 1]) {
         try { value(...Array(value.length).fill(bad)); print('accepted: ' + name); } catch (error) { if (!(error instanceof TypeError)) print(name + ': ' + error); }
       }
     }
     print('done');`,
  );
  const { stdout, stderr } = runProgram(program);
  expect(stderr).toBe('');
  expect(stdout).toBe('done\n');
});

test('the exports are those of the contract', () => {
  const contract = readFileSync(new URL('../kernel.d.ts', import.meta.url), 'utf8');
  const promised = [...contract.matchAll(/^ {2}export (?:function|const) (\w+)/gm)].map((match) => match[1]).sort();
  const program = compileProgram(directory, 'exports', `print(Object.keys(k).sort().join());`);
  expect(runProgram(program).stdout.trimEnd().split(',')).toEqual(promised);
});

test('results: 64-bit quantities, text that is not UTF-8, strings and bytes', () => {
  const program = compileProgram(
    directory,
    'results',
    `print(show(k.prlimit(0, 4, undefined, undefined).hard));
     print(k.sha256('abc') === k.sha256(new Uint8Array([97, 98, 99])));
     print(k.errnoName(2) + ' ' + k.errnoName(4095));
     const [a, b] = k.socketpair(1); k.write(a, new Uint8Array([0x61, 0xff, 0x62])); print(k.recvmsg(b, 10).data);
     k.sendmsg(a, 'fds', [0, 1]); const got = k.recvmsg(b, 10); print(show(got)); print(k.fcntl(got.fds[0], 1, 0));
     k.sendmsg(a, 'too long', []); const [c, d] = k.socketpair(5); k.sendmsg(c, 'too long', [0]); print(k.recvmsg(d, 3)); k.close(c); print(show(k.recvmsg(d, 3)));
     print(k.seccompVersion() + ' ' + k.seccompResolveName(0xc000003e, 'openat2') + ' ' + k.seccompResolveName(0xc000003e, 'nonsense'));
     print(k.seccompFlagKnown(2) + ' ' + k.seccompFlagKnown(1 << 20));
     print(show(k.readDirectory(k.openat2(-100, argv[1], 0o200000, 0, 0)).sort()));`,
  );
  mkdirSync(`${directory}/list`);
  for (let index = 0; index < 3; index++) writeFileSync(`${directory}/list/${index}`, '');
  const lines = runProgram(program, [`${directory}/list`], ['prlimit', '--core=0:unlimited'])
    .stdout.trimEnd()
    .split('\n');
  expect(lines).toEqual([
    '"18446744073709551615n"',
    'true',
    'ENOENT errno 4095',
    'a�b',
    '{"data":"fds","fds":[5,6]}',
    '1',
    '-90',
    '{"data":"","fds":[]}',
    expect.stringMatching(/^2\.\d+\.\d+ 437 -1$/),
    'true false',
    '["0","1","2"]',
  ]);
});
