/**
 * Classic BPF as seccomp filters use it: struct sock_filter (16-bit code, two 8-bit jumps, 32-bit operand) in host byte order,
 * which is little-endian on every machine we run on. Instructions as data; jumps within a group by label, so that nobody
 * counts instructions by hand. [man seccomp.2] linux/bpf_common.h, linux/filter.h
 */
import { assert } from '../base/assert.ts';

export const INSTRUCTION_BYTES = 8;
/** BPF_MAXINSNS: the kernel refuses a longer filter. */
export const MAXIMUM_INSTRUCTIONS = 4096;
/** The farthest that a conditional jump reaches. */
const MAXIMUM_JUMP = 255;

export const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
export const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
export const JUMP = 0x05; // BPF_JMP | BPF_JA
export const JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
export const JUMP_GREATER = 0x25; // BPF_JMP | BPF_JGT | BPF_K
export const JUMP_GREATER_EQUAL = 0x35; // BPF_JMP | BPF_JGE | BPF_K
export const JUMP_ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
export const RETURN = 0x06; // BPF_RET | BPF_K

// Offsets in struct seccomp_data.
export const DATA_NUMBER = 0;
export const DATA_ARCHITECTURE = 4;
export const DATA_ARGUMENTS = 16;

/** Where a conditional jump leads: the following instruction, or a label of the group. */
export type Target = 'next' | string;

export interface Instruction {
  readonly code: number;
  readonly operand: number;
  /** Conditional jumps only. */
  readonly whenTrue?: Target;
  readonly whenFalse?: Target;
  /** JUMP only: a label, or 'filter' for the first instruction after the whole prologue. */
  readonly to?: Target;
  /** Makes this place a label; it is no instruction itself. */
  readonly label?: string;
}

export function label(name: string): Instruction {
  return { code: 0, operand: 0, label: name };
}

/** Groups one after the other, as bytes. 'filter' is the place after the last of them. */
export function assembleClassicBpf(instructions: readonly Instruction[]): Uint8Array {
  const places = new Map<string, number>();
  let count = 0;
  for (const instruction of instructions) {
    if (instruction.label === undefined) count += 1;
    else places.set(instruction.label, count);
  }
  places.set('filter', count);
  const bytes = new Uint8Array(count * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  let position = 0;
  for (const instruction of instructions) {
    if (instruction.label !== undefined) continue;
    encode(view, position, instruction, places);
    position += 1;
  }
  return bytes;
}

function encode(view: DataView, position: number, instruction: Instruction, places: ReadonlyMap<string, number>): void {
  const distance = (target: Target | undefined): number => {
    if (target === undefined || target === 'next') return 0;
    const place = places.get(target);
    assert(place !== undefined && place > position, `a filter jumps back or nowhere: ${target}`);
    return place - position - 1;
  };
  const { code, operand, whenTrue, whenFalse, to } = instruction;
  const [jumpTrue, jumpFalse] = [distance(whenTrue), distance(whenFalse)];
  assert(jumpTrue <= MAXIMUM_JUMP && jumpFalse <= MAXIMUM_JUMP, 'a conditional jump of a filter is too long');
  const at = position * INSTRUCTION_BYTES;
  view.setUint16(at, code, true);
  view.setUint8(at + 2, jumpTrue);
  view.setUint8(at + 3, jumpFalse);
  view.setUint32(at + 4, code === JUMP ? distance(to) : operand, true);
}
