/**
 * What stands before libseccomp's filter. A program that tries a system call newer than its profile must hear "no such call"
 * (ENOSYS), so that it falls back to an older one; the profile's default EPERM would end it. So a number above the newest that
 * the profile names gives ENOSYS. Rules for calls that the linked libseccomp does not know are decided here as well, by number:
 * the library takes no unknown number into a filter for several architectures. Pure. [man seccomp.2]
 */
import { conditionInstructions } from './bpf-conditions.ts';
import {
  assembleClassicBpf,
  DATA_ARCHITECTURE,
  DATA_NUMBER,
  type Instruction,
  JUMP,
  JUMP_ANY_BIT,
  JUMP_EQUAL,
  JUMP_GREATER,
  LOAD,
  label,
  RETURN,
} from './classic-bpf.ts';
import type { SeccompCondition } from './plan-seccomp.ts';
import {
  auditArchitectureOf,
  SCMP_ARCH_X32,
  SCMP_ARCH_X86_64,
  SECCOMP_RET_ERRNO,
  X32_SYSCALL_BIT,
} from './seccomp-tables.ts';

const ENOSYS = 38;

/** A rule for one number; all conditions must hold. */
export interface NumberRule {
  readonly number: number;
  readonly action: number;
  readonly conditions: readonly SeccompCondition[];
}

/** What is decided before the filter for programs of one architecture. */
export interface ArchitecturePatch {
  /** SCMP_ARCH token. */
  readonly architecture: number;
  /** The greatest number that the profile names; undefined: no ENOSYS for this architecture. */
  readonly newest: number | undefined;
  readonly rules: readonly NumberRule[];
}

/** The filter with its prologue; the filter itself when there is nothing to decide. */
export function patchEnosys(filter: Uint8Array, patches: readonly ArchitecturePatch[]): Uint8Array {
  const useful = patches.filter(({ newest, rules }) => newest !== undefined || rules.length > 0);
  if (useful.length === 0) return filter;
  const prologue = assembleClassicBpf(prologueInstructions(useful));
  const whole = new Uint8Array(prologue.length + filter.length);
  whole.set(prologue);
  whole.set(filter, prologue.length);
  return whole;
}

/** An architecture that is not listed goes to the filter, which knows what to do with it. */
function prologueInstructions(patches: readonly ArchitecturePatch[]): Instruction[] {
  const instructions: Instruction[] = [{ code: LOAD, operand: DATA_ARCHITECTURE }];
  for (const audit of new Set(patches.map(({ architecture }) => auditArchitectureOf(architecture)))) {
    const next = `after ${audit}`;
    const own = `of ${audit}`;
    instructions.push({ code: JUMP_EQUAL, operand: audit, whenTrue: own, whenFalse: 'next' });
    instructions.push({ code: JUMP, operand: 0, to: next }, label(own), { code: LOAD, operand: DATA_NUMBER });
    const find = (token: number) => patches.find(({ architecture }) => architecture === token);
    if (audit === SCMP_ARCH_X86_64) {
      instructions.push({ code: JUMP_ANY_BIT, operand: X32_SYSCALL_BIT, whenTrue: 'next', whenFalse: 'x86_64' });
      instructions.push({ code: JUMP, operand: 0, to: 'x32' }, label('x86_64'));
      instructions.push(...body(find(SCMP_ARCH_X86_64)), label('x32'), ...body(find(SCMP_ARCH_X32)));
    } else {
      instructions.push(...body(find(audit)));
    }
    instructions.push(label(next));
  }
  // Falling off the end is the filter, which loads what it needs itself.
  return instructions;
}

/** The number is in the accumulator. Never falls through: it returns, or goes to the filter. */
function body(patch: ArchitecturePatch | undefined): Instruction[] {
  const instructions: Instruction[] = [];
  patch?.rules.forEach((rule, index) => {
    instructions.push(...ruleInstructions(rule, `rule ${patch.architecture} ${index}`));
  });
  if (patch?.newest !== undefined) {
    const inside = `known ${patch.architecture}`;
    instructions.push({ code: JUMP_GREATER, operand: patch.newest, whenTrue: 'next', whenFalse: inside });
    instructions.push({ code: RETURN, operand: SECCOMP_RET_ERRNO + ENOSYS }, label(inside));
  }
  instructions.push({ code: JUMP, operand: 0, to: 'filter' });
  return instructions;
}

function ruleInstructions({ number, action, conditions }: NumberRule, name: string): Instruction[] {
  const end = `${name} end`;
  const reload = `${name} reload`;
  const instructions: Instruction[] = [{ code: JUMP_EQUAL, operand: number, whenTrue: 'next', whenFalse: end }];
  conditions.forEach((condition, index) => {
    const pass = `${name} passed ${index}`;
    instructions.push(...conditionInstructions(condition, pass, reload), label(pass));
  });
  instructions.push({ code: RETURN, operand: action });
  // The conditions left an argument in the accumulator.
  if (conditions.length > 0) instructions.push(label(reload), { code: LOAD, operand: DATA_NUMBER });
  instructions.push(label(end));
  return instructions;
}
