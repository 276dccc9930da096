import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { architectureTable } from '../kernel/architecture-flags.ts';
import type { Seccomp, SeccompSyscall } from '../spec/generated/config-types.ts';
import { planSeccomp, planSeccompFlags } from './plan-seccomp.ts';
import { planSeccompKey } from './plan-seccomp-key.ts';
import { planSeccompPatches } from './plan-seccomp-patches.ts';
import { SCMP_ARCH_AARCH64, SCMP_ARCH_X32, SCMP_ARCH_X86, SCMP_ARCH_X86_64 } from './seccomp-tables.ts';

const NATIVE = SCMP_ARCH_X86_64;

function profile(part: object): Seccomp {
  return { defaultAction: 'SCMP_ACT_ERRNO', ...part } as Seccomp;
}

function call(part: object): SeccompSyscall {
  return { names: ['read'], action: 'SCMP_ACT_ALLOW', ...part } as SeccompSyscall;
}

test.each<readonly [string, number | undefined, number]>([
  ['SCMP_ACT_KILL', undefined, 0],
  ['SCMP_ACT_KILL_THREAD', undefined, 0],
  ['SCMP_ACT_KILL_PROCESS', undefined, 0x80000000],
  ['SCMP_ACT_TRAP', undefined, 0x00030000],
  ['SCMP_ACT_ERRNO', undefined, 0x00050001],
  ['SCMP_ACT_ERRNO', 38, 0x00050026],
  ['SCMP_ACT_ERRNO', 0, 0x00050000],
  ['SCMP_ACT_TRACE', undefined, 0x7ff00001],
  ['SCMP_ACT_TRACE', 4095, 0x7ff00fff],
  ['SCMP_ACT_LOG', undefined, 0x7ffc0000],
  ['SCMP_ACT_ALLOW', undefined, 0x7fff0000],
])('%s with errno %s', (action, errno, value) => {
  const asDefault = profile({ defaultAction: action, ...(errno === undefined ? {} : { defaultErrnoRet: errno }) });
  expect(planSeccomp(asDefault, NATIVE).defaultAction).toBe(value);
  const other = action === 'SCMP_ACT_ALLOW' ? 'SCMP_ACT_LOG' : 'SCMP_ACT_ALLOW';
  const asRule = profile({
    defaultAction: other,
    syscalls: [call({ action, ...(errno === undefined ? {} : { errnoRet: errno }) })],
  });
  expect(planSeccomp(asRule, NATIVE).rules).toEqual([{ action: value, names: ['read'], numbers: [], args: [] }]);
});

test.each<readonly [string, object, string, string]>([
  [
    'errno on an action without',
    { syscalls: [call({}), call({ errnoRet: 1 })] },
    '/linux/seccomp/syscalls/1/errnoRet',
    'errno value specified for action SCMP_ACT_ALLOW',
  ],
  [
    'default errno on an action without',
    { defaultAction: 'SCMP_ACT_KILL', defaultErrnoRet: 1 },
    '/linux/seccomp/defaultErrnoRet',
    'errno value specified',
  ],
  [
    'errno too large',
    { syscalls: [call({ action: 'SCMP_ACT_ERRNO', errnoRet: 4096 })] },
    '/linux/seccomp/syscalls/0/errnoRet',
    '4096',
  ],
  ['unknown action', { syscalls: [call({ action: 'SCMP_ACT_X' })] }, '/linux/seccomp/syscalls/0/action', 'SCMP_ACT_X'],
  [
    'notify as default',
    { defaultAction: 'SCMP_ACT_NOTIFY' },
    '/linux/seccomp/defaultAction',
    'cannot be used as default action',
  ],
  [
    'operator',
    { syscalls: [call({ args: [{ index: 0, value: 1, op: 'EQ' }] })] },
    '/linux/seccomp/syscalls/0/args/0/op',
    'EQ',
  ],
  [
    'argument index',
    { syscalls: [call({ args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }] })] },
    '/linux/seccomp/syscalls/0/args/0/index',
    '6',
  ],
  ['architecture', { architectures: ['SCMP_ARCH_VAX'] }, '/linux/seccomp/architectures/0', 'SCMP_ARCH_VAX'],
  [
    'architecture of another byte order',
    { architectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_S390X'] },
    '/linux/seccomp/architectures/1',
    'big-endian',
  ],
  [
    'architecture younger than the library',
    { architectures: ['SCMP_ARCH_LOONGARCH64'] },
    '/linux/seccomp/architectures/0',
    'libseccomp',
  ],
])('%s is refused with its pointer', (_, part, pointer, text) => {
  const error = (() => {
    try {
      planSeccomp(profile(part), NATIVE);
    } catch (caught) {
      return caught as RuntimeError;
    }
    return undefined;
  })();
  expect(error).toBeInstanceOf(RuntimeError);
  expect(error?.fields).toMatchObject({ kind: 'spec', pointer });
  expect(error?.message).toContain(text);
});

test('conditions: operator numbers, 64-bit values, two on one argument become two rules', () => {
  const args = [
    { index: 0, value: 1, op: 'SCMP_CMP_NE' },
    { index: 1, value: 2n ** 63n, op: 'SCMP_CMP_GE' },
    { index: 2, value: 0xff, valueTwo: 3, op: 'SCMP_CMP_MASKED_EQ' },
  ];
  const together = planSeccomp(profile({ syscalls: [call({ args })] }), NATIVE);
  expect(together.rules.map((rule) => rule.args)).toEqual([
    [
      [0, 1, 1, 0],
      [1, 5, 2n ** 63n, 0],
      [2, 7, 255, 3],
    ],
  ]);
  const twice = planSeccomp(
    profile({ syscalls: [call({ args: [...args, { index: 0, value: 9, op: 'SCMP_CMP_LT' }] })] }),
    NATIVE,
  );
  expect(twice.rules.map((rule) => rule.args)).toEqual([
    [[0, 1, 1, 0]],
    [[1, 5, 2n ** 63n, 0]],
    [[2, 7, 255, 3]],
    [[0, 2, 9, 0]],
  ]);
});

test('a rule that says what the default says is left out, also by errno', () => {
  const syscalls = [
    call({ action: 'SCMP_ACT_ERRNO' }),
    call({ action: 'SCMP_ACT_ERRNO', errnoRet: 1 }),
    call({ action: 'SCMP_ACT_ERRNO', errnoRet: 2 }),
  ];
  expect(planSeccomp(profile({ syscalls }), NATIVE).rules.map(({ action }) => action)).toEqual([0x00050002]);
});

test('architectures: the native one always and first, each once', () => {
  const architectures = ['SCMP_ARCH_X86', 'SCMP_ARCH_X86_64', 'SCMP_ARCH_X32', 'SCMP_ARCH_X86'];
  expect(planSeccomp(profile({ architectures }), NATIVE).architectures).toEqual([NATIVE, SCMP_ARCH_X86, SCMP_ARCH_X32]);
  expect(planSeccomp(profile({}), SCMP_ARCH_AARCH64).architectures).toEqual([SCMP_ARCH_AARCH64]);
  expect(architectureTable.x86_64.auditArchitecture).toBe(SCMP_ARCH_X86_64);
  expect(architectureTable.aarch64.auditArchitecture).toBe(SCMP_ARCH_AARCH64);
});

test('a binary tree from 33 names on', () => {
  const names = Array.from({ length: 32 }, (_, index) => `call${index}`);
  expect(planSeccomp(profile({ syscalls: [call({ names })] }), NATIVE).optimize).toBe(false);
  expect(planSeccomp(profile({ syscalls: [call({ names }), call({})] }), NATIVE).optimize).toBe(true);
});

test.each<readonly [readonly string[] | undefined, number]>([
  [undefined, 4],
  [[], 0],
  [['SECCOMP_FILTER_FLAG_LOG'], 2],
  [['SECCOMP_FILTER_FLAG_SPEC_ALLOW', 'SECCOMP_FILTER_FLAG_LOG'], 6],
  [['SECCOMP_FILTER_FLAG_TSYNC'], 0],
  [['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'], 0],
])('flags %j', (flags, bits) => {
  expect(planSeccompFlags(flags as Seccomp['flags'], false)).toBe(bits);
});

test('a filter with a listener may wait killably; a process without threads never synchronises any', () => {
  expect(planSeccompFlags(['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', 'SECCOMP_FILTER_FLAG_TSYNC'], true)).toBe(32);
});

test('an unknown flag is refused', () => {
  expect(() => planSeccompFlags(['SECCOMP_FILTER_FLAG_X'] as unknown as Seccomp['flags'], false)).toThrow(
    '/linux/seccomp/flags/0',
  );
});

const numbers: Record<number, Record<string, number>> = {
  [SCMP_ARCH_X86_64]: { read: 0, openat2: 437, arch_prctl: 158 },
  [SCMP_ARCH_X86]: { read: 3, openat2: 437, arch_prctl: 384 },
  [SCMP_ARCH_X32]: { read: 0x40000000, openat2: 0x40000000 + 437 },
};
const resolve = (architecture: number, name: string) => numbers[architecture]?.[name] ?? -1;

function patches(part: object, unknown: readonly string[] = []) {
  const seccomp = profile({ architectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'], ...part });
  const names = (seccomp.syscalls ?? []).flatMap((each) => each.names);
  return planSeccompPatches({ request: planSeccomp(seccomp, NATIVE), names, unknown: new Set(unknown), resolve });
}

test('newest number: by architecture, also from rules that the library never sees and from our own table', () => {
  expect(patches({ syscalls: [call({ names: ['read', 'arch_prctl'] })] }).map(({ newest }) => newest)).toEqual([
    158, 384, 0x40000000,
  ]);
  expect(
    patches({ syscalls: [call({}), call({ names: ['openat2'], action: 'SCMP_ACT_ERRNO' })] }).map(
      ({ newest }) => newest,
    ),
  ).toEqual([437, 437, 0x40000000 + 437]);
  expect(
    patches({ syscalls: [call({ names: ['mseal', 'nonsense'] })] }, ['mseal', 'nonsense']).map(({ newest }) => newest),
  ).toEqual([462, 462, 0x40000000 + 462]);
});

test('no ENOSYS where the default lets calls through, or no call is named', () => {
  for (const defaultAction of ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE']) {
    expect(
      patches({ defaultAction, syscalls: [call({ action: 'SCMP_ACT_KILL' })] }).map(({ newest }) => newest),
    ).toEqual([undefined, undefined, undefined]);
  }
  expect(patches({}).map(({ newest }) => newest)).toEqual([undefined, undefined, undefined]);
  expect(patches({ defaultAction: 'SCMP_ACT_KILL_PROCESS', syscalls: [call({})] })[0]?.newest).toBe(0);
});

test('names that the library does not know become rules by number; one without conditions comes alone', () => {
  const syscalls = [
    call({ names: ['mseal', 'read', 'nonsense'], args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }] }),
    call({ names: ['uretprobe'], action: 'SCMP_ACT_KILL' }),
    call({ names: ['listns'], args: [{ index: 1, value: 1, op: 'SCMP_CMP_EQ' }] }),
    call({ names: ['listns'] }),
  ];
  const [x86_64, x86, x32] = patches({ syscalls }, ['mseal', 'nonsense', 'uretprobe', 'listns']);
  expect(x86_64?.rules).toEqual([
    { number: 462, action: 0x7fff0000, conditions: [[0, 4, 1, 0]] },
    { number: 335, action: 0, conditions: [] },
    { number: 470, action: 0x7fff0000, conditions: [] },
  ]);
  expect(x86?.rules.map(({ number }) => number)).toEqual([462, 470]);
  expect(x32?.rules.map(({ number }) => number)).toEqual([0x40000000 + 462, 0x40000000 + 470]);
});

test('the key tells profiles apart', () => {
  const arg = { index: 0, value: 1, op: 'SCMP_CMP_EQ' };
  const profiles = [
    profile({}),
    profile({ defaultErrnoRet: 0 }),
    profile({ defaultErrnoRet: 1 }),
    profile({ defaultAction: 'SCMP_ACT_KILL' }),
    profile({ architectures: ['SCMP_ARCH_X86'] }),
    profile({ architectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] }),
    profile({ syscalls: [call({})] }),
    profile({ syscalls: [call({ names: ['read', 'write'] })] }),
    profile({ syscalls: [call({ names: ['read\0write'] })] }),
    profile({ syscalls: [call({ names: ['read'] }), call({ names: ['write'] })] }),
    profile({ syscalls: [call({ names: ['read\0SCMP_ACT_ALLOW \n1 write'] })] }),
    profile({ syscalls: [call({ errnoRet: 1, action: 'SCMP_ACT_ERRNO' })] }),
    profile({ syscalls: [call({ action: 'SCMP_ACT_ERRNO' })] }),
    profile({ syscalls: [call({ args: [arg] })] }),
    profile({ syscalls: [call({ args: [{ ...arg, valueTwo: 2 }] })] }),
    profile({ syscalls: [call({ args: [{ ...arg, value: 2n ** 64n - 1n }] })] }),
    profile({ syscalls: [call({ args: [arg, arg] })] }),
  ];
  const keys = profiles.map((each) => planSeccompKey(each, 'x86_64', '1'));
  expect(new Set(keys).size).toBe(profiles.length);
  expect(planSeccompKey(profile({}), 'aarch64', '1')).not.toBe(keys[0]);
  expect(planSeccompKey(profile({}), 'x86_64', '2')).not.toBe(keys[0]);
});

test('a rule that is given again is asked for once; too many different ones are named before the library is busy with them', () => {
  const args = (value: number) => [{ index: 0, value, op: 'SCMP_CMP_EQ' }];
  const again = planSeccomp(
    profile({
      syscalls: [
        call({ names: ['read', 'write'] }),
        call({ names: ['write', 'close'] }),
        call({ names: ['read'] }),
        call({ args: args(1) }),
        call({ args: args(1) }),
        call({ args: args(2) }),
      ],
    }),
    NATIVE,
  );
  expect(again.rules.map(({ names, args: conditions }) => [...names, conditions.length])).toEqual([
    ['read', 'write', 0],
    ['close', 0],
    ['read', 1],
    ['read', 1],
  ]);
  const many = Array.from({ length: 100_000 }, (_, value) => call({ args: args(value) }));
  expect(() => planSeccomp(profile({ syscalls: many }), NATIVE)).toThrow(
    /\/linux\/seccomp\/syscalls\/4096.*4096 instructions/,
  );
  expect(planSeccomp(profile({ syscalls: many.map(() => call({})) }), NATIVE).rules.length).toBe(1);
});
