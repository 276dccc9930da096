/**
 * One condition on a 64-bit argument as classic BPF, which has 32-bit words only: the high word decides, and only when it is
 * equal the low one. Used for rules that libseccomp cannot take; the meanings are libseccomp's. [man seccomp_rule_add.3]
 */
import { assert } from '../base/assert.ts';
import type { Integer64 } from '../kernel/kernel.ts';
import {
  AND,
  DATA_ARGUMENTS,
  type Instruction,
  JUMP_EQUAL,
  JUMP_GREATER,
  JUMP_GREATER_EQUAL,
  LOAD,
  type Target,
} from './classic-bpf.ts';
import type { SeccompCondition } from './plan-seccomp.ts';
import {
  SCMP_CMP_EQ,
  SCMP_CMP_GE,
  SCMP_CMP_GT,
  SCMP_CMP_LE,
  SCMP_CMP_LT,
  SCMP_CMP_MASKED_EQ,
  SCMP_CMP_NE,
} from './seccomp-tables.ts';

interface Words {
  readonly high: number;
  readonly low: number;
}

/** Jumps to `pass` or `fail`; both must come after it. Leaves a word of the argument in the accumulator. */
export function conditionInstructions(condition: SeccompCondition, pass: Target, fail: Target): Instruction[] {
  const [index, operator, first, second] = condition;
  const load = { low: DATA_ARGUMENTS + index * 8, high: DATA_ARGUMENTS + index * 8 + 4 };
  const words = split(first);
  switch (operator) {
    case SCMP_CMP_EQ:
      return equal(load, words, pass, fail);
    case SCMP_CMP_NE:
      return equal(load, words, fail, pass);
    case SCMP_CMP_GT:
      return greater(load, words, JUMP_GREATER, pass, fail);
    case SCMP_CMP_GE:
      return greater(load, words, JUMP_GREATER_EQUAL, pass, fail);
    case SCMP_CMP_LE:
      return greater(load, words, JUMP_GREATER, fail, pass);
    case SCMP_CMP_LT:
      return greater(load, words, JUMP_GREATER_EQUAL, fail, pass);
    default:
      assert(operator === SCMP_CMP_MASKED_EQ, 'an unknown comparison operator');
      return equal(load, split(second), pass, fail, words);
  }
}

function split(value: Integer64): Words {
  const wide = BigInt(value);
  return { high: Number((wide >> 32n) & 0xffffffffn), low: Number(wide & 0xffffffffn) };
}

function equal(load: Words, words: Words, pass: Target, fail: Target, mask?: Words): Instruction[] {
  const masked = (bits: number | undefined): Instruction[] =>
    bits === undefined ? [] : [{ code: AND, operand: bits }];
  return [
    { code: LOAD, operand: load.high },
    ...masked(mask?.high),
    { code: JUMP_EQUAL, operand: words.high, whenTrue: 'next', whenFalse: fail },
    { code: LOAD, operand: load.low },
    ...masked(mask?.low),
    { code: JUMP_EQUAL, operand: words.low, whenTrue: pass, whenFalse: fail },
  ];
}

/** code: how the low words are compared when the high ones are equal. */
function greater(load: Words, words: Words, code: number, pass: Target, fail: Target): Instruction[] {
  return [
    { code: LOAD, operand: load.high },
    { code: JUMP_GREATER, operand: words.high, whenTrue: pass, whenFalse: 'next' },
    { code: JUMP_EQUAL, operand: words.high, whenTrue: 'next', whenFalse: fail },
    { code: LOAD, operand: load.low },
    { code, operand: words.low, whenTrue: pass, whenFalse: fail },
  ];
}
