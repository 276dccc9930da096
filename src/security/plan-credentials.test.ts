/** The order of the exec tail, over every kind of input. The rules are the kernel's: see the comments of plan-credentials.ts. */
import { describe, expect, test } from 'vitest';
import type { TailOperation } from '../kernel/kernel.ts';
import { type CredentialsInput, planCredentials } from './plan-credentials.ts';

const sets = { bounding: 0xfn, effective: 0x1n, permitted: 0x3n, inheritable: 0x7n, ambient: 0x1n };
const program = new Uint8Array(8);

const plain: CredentialsInput = {
  uid: 0,
  gid: 0,
  additionalGids: [],
  umask: 0o22,
  noNewPrivileges: false,
  capabilities: sets,
  setgroupsDenied: false,
  keepGroups: false,
  rlimits: [],
  seccomp: undefined,
  personality: undefined,
  preservedFds: 0,
  path: '/bin/sh',
  args: ['sh'],
  env: ['A=1'],
  pointer: '/process',
};

function* allInputs(): Generator<CredentialsInput> {
  const rlimit = { name: 'RLIMIT_AS', resource: 9, soft: 1, hard: 2, pointer: '/process/rlimits/0' };
  for (let bits = 0; bits < 512; bits++) {
    const on = (shift: number): boolean => ((bits >> shift) & 1) === 1;
    const setgroupsDenied = on(5);
    yield {
      ...plain,
      uid: on(0) ? 1000 : 0,
      gid: on(0) ? 1000 : 0,
      noNewPrivileges: on(1),
      seccomp: on(2) ? { flags: 0, program, listens: on(8) } : undefined,
      capabilities: on(3) ? sets : undefined,
      rlimits: on(4) ? [rlimit] : [],
      setgroupsDenied,
      keepGroups: false,
      additionalGids: setgroupsDenied ? [] : [5],
      personality: on(6) ? 8 : undefined,
      preservedFds: on(7) ? 2 : 0,
    };
  }
}

const kindsOf = (operations: readonly TailOperation[]): string[] => operations.map(([kind]) => kind);

/** Names that are absent are no fault: only the order of what is there is asked. */
function expectOrder(kinds: readonly string[], ...order: string[]): void {
  const present = order.filter((kind) => kinds.includes(kind));
  expect(present.map((kind) => kinds.lastIndexOf(kind))).toEqual(
    present.map((kind) => kinds.lastIndexOf(kind)).sort((a, b) => a - b),
  );
}

describe('every input', () => {
  test.each([...allInputs()].map((input, number) => ({ number, input })))('$number', ({ input }) => {
    const operations = planCredentials(input);
    const named = kindsOf(operations);
    const kinds = named.map((kind) => (kind === 'seccompListener' ? 'seccomp' : kind));
    expect(named.includes('seccompListener')).toBe(input.seccomp?.listens === true);
    expect(kinds[0]).toBe('resetSignals');
    expect(kinds.at(-1)).toBe('execve');
    expect(kinds.filter((kind) => kind === 'execve')).toHaveLength(1);
    // CAP_SETPCAP, CAP_SETGID, CAP_SETUID are used before they are gone.
    expectOrder(kinds, 'bounding', 'setgroups', 'setresgid', 'setresuid', 'capset', 'ambient', 'verifyCapabilities');
    const keepsCapabilities = input.uid !== 0 && input.capabilities !== undefined;
    if (!keepsCapabilities) expect(operations).not.toContainEqual(['keepCapabilities', true]);
    else {
      const uidAt = kinds.indexOf('setresuid');
      expect(kinds.indexOf('keepCapabilities')).toBeLessThan(uidAt);
      expect(operations[kinds.indexOf('keepCapabilities')]).toEqual(['keepCapabilities', true]);
      expect(operations[uidAt + 1]).toEqual(['keepCapabilities', false]);
    }
    // What a profile may forbid comes before it.
    expectOrder(kinds, 'resetSignals', 'umask', 'personality', 'closeFrom', 'seccomp');
    expectOrder(kinds, 'rlimit', 'seccomp');
    expect(kinds.includes('seccomp')).toBe(input.seccomp !== undefined);
    expect(kinds.includes('noNewPrivileges')).toBe(input.noNewPrivileges);
    if (input.noNewPrivileges) expectOrder(kinds, 'verifyCapabilities', 'noNewPrivileges', 'seccomp', 'execve');
    if (input.noNewPrivileges && input.seccomp !== undefined) expect(kinds.at(-2)).toBe('seccomp');
    // Without it loading a filter needs CAP_SYS_ADMIN, which setresuid and capset take.
    if (!input.noNewPrivileges) expectOrder(kinds, 'seccomp', 'bounding', 'setgroups', 'setresuid');
    // What waits at the gate before its filter and identity keeps what it will have and what those need, nothing else:
    // permitted, inheritable, CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_SYS_ADMIN.
    const reduced = 0x7n | (1n << 6n) | (1n << 7n) | (1n << 8n) | (1n << 21n);
    if (!input.noNewPrivileges && input.seccomp !== undefined && input.capabilities !== undefined) {
      expect(operations[kinds.indexOf('seccomp') - 1]).toEqual(['capset', reduced, reduced, 0n]);
    }
    expect(kinds.includes('setgroups')).toBe(!input.setgroupsDenied);
    expect(kinds.includes('capset')).toBe(input.capabilities !== undefined);
    expect(operations).toContainEqual(['closeFrom', 3 + input.preservedFds]);
  });
});

test('the whole tail of a plain container', () => {
  expect(planCredentials({ ...plain, uid: 1, gid: 2, additionalGids: [3], noNewPrivileges: true })).toEqual([
    ['resetSignals'],
    ['umask', 0o22],
    ['closeFrom', 3],
    ['bounding', 0xfn],
    ['keepCapabilities', true],
    ['setgroups', [3]],
    ['setresgid', 2],
    ['setresuid', 1],
    ['keepCapabilities', false],
    ['capset', 0x1n, 0x3n, 0x7n],
    ['ambient', 0x1n],
    ['verifyCapabilities', 0x1n, 0x3n, 0x7n, 0xfn, 0x1n],
    ['noNewPrivileges'],
    ['execve', -1, '/bin/sh', ['sh'], ['A=1']],
  ]);
});

test('where setgroups is denied every operation keeps its place: a failure is told by its index', () => {
  for (const uid of [0, 1]) {
    const allowed = planCredentials({ ...plain, uid });
    const denied = planCredentials({ ...plain, uid, setgroupsDenied: true });
    const at = allowed.findIndex(([kind]) => kind === 'setgroups');
    expect(denied.with(at, ['setgroups', []])).toEqual(allowed);
    expect(denied[at]).toEqual(['keepCapabilities', uid !== 0]);
  }
});

test("the caller's groups never stay", () => {
  expect(planCredentials(plain)).toContainEqual(['setgroups', []]);
  expect(kindsOf(planCredentials({ ...plain, additionalGids: [5], keepGroups: true }))).not.toContain('setgroups');
});

test('groups that the user namespace forbids are refused, not dropped', () => {
  expect(() => planCredentials({ ...plain, setgroupsDenied: true, additionalGids: [5] })).toThrow(
    /^\/process\/user\/additionalGids: .*setgroups/,
  );
});
