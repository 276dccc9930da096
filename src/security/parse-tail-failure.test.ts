/** An index and a number become a sentence; engines read its end. */
import { expect, test } from 'vitest';
import type { TailOperation } from '../kernel/kernel.ts';
import { describeTailOperation, parseTailFailure, tailError } from './parse-tail-failure.ts';
import { type CredentialsInput, planCredentials } from './plan-credentials.ts';

const input: CredentialsInput = {
  uid: 7,
  gid: 8,
  additionalGids: [],
  umask: 0o22,
  noNewPrivileges: true,
  capabilities: { bounding: 1n, effective: 1n, permitted: 1n, inheritable: 1n, ambient: 1n },
  setgroupsDenied: false,
  keepGroups: false,
  rlimits: [{ name: 'RLIMIT_AS', resource: 9, soft: 1, hard: 2, pointer: '/process/rlimits/3' }],
  seccomp: { flags: 0, program: new Uint8Array(8), listens: false },
  personality: 8,
  preservedFds: 0,
  path: '/bin/x',
  args: ['x'],
  env: [],
  pointer: '/process',
};
const operations = planCredentials(input);
const indexOf = (kind: TailOperation[0]): number => operations.findIndex((operation) => operation[0] === kind);

test.each([
  ['execve', 13, 'exec /bin/x: /process/args/0: permission denied (EACCES from execve(2))'],
  ['execve', 8, 'exec /bin/x: /process/args/0: exec format error (ENOEXEC from execve(2))'],
  ['execve', 2, 'exec /bin/x: /process/args/0: no such file or directory (ENOENT from execve(2))'],
  ['setresuid', 22, 'set the user id to 7: /process/user/uid: invalid argument (EINVAL from setresuid(2))'],
  ['rlimit', 1, 'set resource limit 9 to 1:2: /process/rlimits/3: operation not permitted (EPERM from prlimit64(2))'],
  ['seccomp', 13, 'load the seccomp filter: /linux/seccomp: permission denied (EACCES from seccomp(2))'],
  ['umask', 38, 'set the umask to 022: /process/user/umask: function not implemented (ENOSYS from umask(2))'],
  [
    'verifyCapabilities',
    1,
    'verify the capabilities: /process/capabilities: operation not permitted (EPERM from capget(2))',
  ],
  ['execve', 999, 'exec /bin/x: /process/args/0: errno 999 from execve(2)'],
] as const)('%s %i', (kind, errno, message) => {
  expect(parseTailFailure({ index: indexOf(kind), errno }, input).message.split(' - hint')[0]).toBe(message);
});

test('hints belong to their errno', () => {
  expect(parseTailFailure({ index: indexOf('setresuid'), errno: 22 }, input).fields.hint).toContain('not mapped');
  expect(parseTailFailure({ index: indexOf('umask'), errno: 1 }, input).fields.hint).toBeUndefined();
});

test('an index beyond the tail is our bug', () => {
  expect(parseTailFailure({ index: 99, errno: 1 }, input).fields.kind).toBe('bug');
});

test('every operation has a sentence and a system call', () => {
  for (const operation of operations) {
    expect(describeTailOperation(operation).length).toBeGreaterThan(3);
    expect(tailError(operation, 'EPERM', input).fields.syscall).toBeTruthy();
  }
});
