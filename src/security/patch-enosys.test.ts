import { expect, test } from 'vitest';
import { INSTRUCTION_BYTES } from './classic-bpf.ts';
import { type ArchitecturePatch, patchEnosys } from './patch-enosys.ts';
import type { SeccompCondition } from './plan-seccomp.ts';
import {
  auditArchitectureOf,
  SCMP_ARCH_AARCH64,
  SCMP_ARCH_ARM,
  SCMP_ARCH_X32,
  SCMP_ARCH_X86,
  SCMP_ARCH_X86_64,
  X32_SYSCALL_BIT,
} from './seccomp-tables.ts';

/** Enough of classic BPF to run prologue and filter; anything else is an error. */
function interpret(program: Uint8Array, number: number, audit: number, args: readonly bigint[] = []): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, audit, true);
  args.forEach((value, index) => {
    data.setBigUint64(16 + index * 8, value, true);
  });
  const view = new DataView(program.buffer, program.byteOffset, program.length);
  let accumulator = 0;
  for (let at = 0; ; at += 1) {
    if (at * 8 >= program.length) throw new Error('ran out of the program');
    const code = view.getUint16(at * 8, true);
    const jumpTrue = view.getUint8(at * 8 + 2);
    const jumpFalse = view.getUint8(at * 8 + 3);
    const operand = view.getUint32(at * 8 + 4, true);
    if (code === 0x20) accumulator = data.getUint32(operand, true);
    else if (code === 0x54) accumulator = (accumulator & operand) >>> 0;
    else if (code === 0x05) at += operand;
    else if (code === 0x15) at += accumulator === operand ? jumpTrue : jumpFalse;
    else if (code === 0x25) at += accumulator > operand ? jumpTrue : jumpFalse;
    else if (code === 0x35) at += accumulator >= operand ? jumpTrue : jumpFalse;
    else if (code === 0x45) at += (accumulator & operand) !== 0 ? jumpTrue : jumpFalse;
    else if (code === 0x06) return operand;
    else throw new Error(`unknown instruction ${code}`);
  }
}

const FILTER = 0x7fff1234;
const ENOSYS = 0x00050026;

/** A filter of one instruction: a return that nothing else has. */
const filter = new Uint8Array(INSTRUCTION_BYTES);
new DataView(filter.buffer).setUint16(0, 0x06, true);
new DataView(filter.buffer).setUint32(4, FILTER, true);

function patch(architecture: number, newest: number | undefined, rules: ArchitecturePatch['rules'] = []) {
  return { architecture, newest, rules };
}

const everyArchitecture = [SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32, SCMP_ARCH_AARCH64, SCMP_ARCH_ARM];

test.each<readonly [string, readonly ArchitecturePatch[]]>([
  ['one architecture', [patch(SCMP_ARCH_X86_64, 334)]],
  [
    'x86_64 with all its modes',
    [patch(SCMP_ARCH_X86_64, 450), patch(SCMP_ARCH_X86, 440), patch(SCMP_ARCH_X32, X32_SYSCALL_BIT + 430)],
  ],
  ['both ARMs', [patch(SCMP_ARCH_AARCH64, 291), patch(SCMP_ARCH_ARM, 400)]],
  ['x32 listed but without a call of its own', [patch(SCMP_ARCH_X86_64, 450), patch(SCMP_ARCH_X32, undefined)]],
  [
    'many architectures',
    everyArchitecture.map((each, index) => patch(each, each === SCMP_ARCH_X32 ? X32_SYSCALL_BIT + 3 : 300 + index)),
  ],
])('%s: newer than the profile is ENOSYS, all else goes to the filter', (_, patches) => {
  const program = patchEnosys(filter, patches);
  for (const architecture of everyArchitecture) {
    const offset = architecture === SCMP_ARCH_X32 ? X32_SYSCALL_BIT : 0;
    const newest = patches.find((each) => each.architecture === architecture)?.newest;
    for (let number = 0; number < 600; number += 1) {
      const wanted = newest !== undefined && number + offset > newest ? ENOSYS : FILTER;
      const actual = interpret(program, number + offset, auditArchitectureOf(architecture));
      if (actual !== wanted) expect.fail(`${architecture.toString(16)} ${number}: ${actual.toString(16)}`);
    }
  }
});

test('an architecture that is not in the profile goes to the filter, whatever the number', () => {
  const program = patchEnosys(filter, [patch(SCMP_ARCH_X86_64, 10), patch(SCMP_ARCH_X86, 10)]);
  for (const number of [0, 11, 5000, 0xffffffff]) expect(interpret(program, number, SCMP_ARCH_AARCH64)).toBe(FILTER);
});

test('x32 that is not in the profile goes to the filter, not to x86_64', () => {
  const program = patchEnosys(filter, [patch(SCMP_ARCH_X86_64, 10)]);
  expect(interpret(program, X32_SYSCALL_BIT + 5, SCMP_ARCH_X86_64)).toBe(FILTER);
  expect(interpret(program, 11, SCMP_ARCH_X86_64)).toBe(ENOSYS);
  expect(interpret(program, 0xffffffff, SCMP_ARCH_X86_64)).toBe(FILTER);
});

test('nothing to decide leaves the filter as it is', () => {
  expect(patchEnosys(filter, [patch(SCMP_ARCH_X86_64, undefined)])).toBe(filter);
});

const operators: readonly (readonly [number, (value: bigint, a: bigint, b: bigint) => boolean])[] = [
  [1, (value, a) => value !== a],
  [2, (value, a) => value < a],
  [3, (value, a) => value <= a],
  [4, (value, a) => value === a],
  [5, (value, a) => value >= a],
  [6, (value, a) => value > a],
  [7, (value, a, b) => (value & a) === b],
];
const wideValues = [
  0n,
  1n,
  5n,
  0xffffffffn,
  0x1_0000_0000n,
  0x1_0000_0005n,
  0x7_0000_0005n,
  0x8000_0000_0000_0000n,
  2n ** 64n - 1n,
];

test('conditions on 64-bit arguments, every operator', () => {
  for (const [operator, holds] of operators) {
    for (const first of wideValues) {
      for (const second of operator === 7 ? wideValues : [0n]) {
        const condition: SeccompCondition = [2, operator, first, second];
        const rules = [{ number: 462, action: 0x00050007, conditions: [condition] }];
        const program = patchEnosys(filter, [patch(SCMP_ARCH_X86_64, 470, rules)]);
        for (const value of wideValues) {
          const wanted = holds(value, first, second) ? 0x00050007 : FILTER;
          const actual = interpret(program, 462, SCMP_ARCH_X86_64, [9n, 9n, value, 9n]);
          if (actual !== wanted) expect.fail(`${value} ${operator} ${first} ${second}: ${actual.toString(16)}`);
        }
      }
    }
  }
});

test('rules by number: the first whose conditions all hold, then ENOSYS or the filter', () => {
  const program = patchEnosys(filter, [
    patch(SCMP_ARCH_X86_64, 465, [
      {
        number: 462,
        action: 0x00050001,
        conditions: [
          [0, 4, 7, 0],
          [1, 4, 8, 0],
        ],
      },
      { number: 462, action: 0x00050002, conditions: [[0, 4, 7, 0]] },
      { number: 463, action: 0x7fff0000, conditions: [] },
    ]),
    patch(SCMP_ARCH_X86, undefined, [{ number: 463, action: 0x80000000, conditions: [] }]),
  ]);
  const run = (number: number, ...args: bigint[]) => interpret(program, number, SCMP_ARCH_X86_64, args);
  expect(run(462, 7n, 8n)).toBe(0x00050001);
  expect(run(462, 7n, 9n)).toBe(0x00050002);
  expect(run(462, 6n, 8n)).toBe(FILTER);
  expect(run(463)).toBe(0x7fff0000);
  expect(run(464)).toBe(FILTER);
  expect(run(466)).toBe(ENOSYS);
  expect(interpret(program, 463, SCMP_ARCH_X86)).toBe(0x80000000);
  expect(interpret(program, 9999, SCMP_ARCH_X86)).toBe(FILTER);
});

test('hundreds of rules for one architecture stay within the reach of jumps', () => {
  const rules = Array.from({ length: 300 }, (_, index) => ({
    number: 500 + index,
    action: 0x00050000 + index,
    conditions: [
      [0, 5, 3, 0],
      [5, 7, 0xff, 1],
    ] as SeccompCondition[],
  }));
  const program = patchEnosys(filter, [
    patch(SCMP_ARCH_X86, 3),
    patch(SCMP_ARCH_X86_64, 900, rules),
    patch(SCMP_ARCH_ARM, 4),
  ]);
  for (const index of [0, 150, 299]) {
    expect(interpret(program, 500 + index, SCMP_ARCH_X86_64, [3n, 0n, 0n, 0n, 0n, 0x101n])).toBe(0x00050000 + index);
    expect(interpret(program, 500 + index, SCMP_ARCH_X86_64, [2n, 0n, 0n, 0n, 0n, 0x101n])).toBe(FILTER);
  }
  expect(interpret(program, 901, SCMP_ARCH_X86_64)).toBe(ENOSYS);
  expect(interpret(program, 5, SCMP_ARCH_ARM)).toBe(ENOSYS);
});
