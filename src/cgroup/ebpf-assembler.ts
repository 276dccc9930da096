/**
 * Writes eBPF instructions (struct bpf_insn: code, two registers, 16-bit jump offset, 32-bit immediate) as bytes in host byte
 * order, which is little-endian on every architecture we build for. Knows the encoding, not what a program is for.
 * Source: Documentation/bpf/standardization/instruction-set.rst of the kernel.
 */

export const INSTRUCTION_BYTES = 8;

// BPF_LDX|BPF_MEM|BPF_W, BPF_ALU (32 bit) and BPF_ALU64 operations, BPF_JMP operations, all with an immediate (BPF_K) or as named.
const LOAD_WORD = 0x61;
const MOVE_REGISTER = 0xbf;
const MOVE = 0xb7;
const AND = 0x54;
const SHIFT_RIGHT = 0x74;
const JUMP = 0x05;
const JUMP_EQUAL = 0x15;
const JUMP_NOT_EQUAL = 0x55;
const JUMP_ANY_BIT = 0x45;
const EXIT = 0x95;

/** A place in the program that jumps may name before it is reached. */
export interface Label {
  position: number;
}

interface Instruction {
  readonly code: number;
  readonly destination: number;
  readonly source: number;
  readonly offset: number;
  readonly immediate: number;
  readonly target: Label | undefined;
}

export class EbpfAssembler {
  private readonly instructions: Instruction[] = [];

  label(): Label {
    return { position: -1 };
  }

  /** The label is here. */
  mark(label: Label): void {
    label.position = this.instructions.length;
  }

  /** destination = *(u32 *)(source + offset) */
  loadWord(destination: number, source: number, offset: number): void {
    this.push({ code: LOAD_WORD, destination, source, offset });
  }

  moveRegister(destination: number, source: number): void {
    this.push({ code: MOVE_REGISTER, destination, source });
  }

  move(destination: number, immediate: number): void {
    this.push({ code: MOVE, destination, immediate });
  }

  and(destination: number, immediate: number): void {
    this.push({ code: AND, destination, immediate });
  }

  shiftRight(destination: number, immediate: number): void {
    this.push({ code: SHIFT_RIGHT, destination, immediate });
  }

  jump(target: Label): void {
    this.push({ code: JUMP, destination: 0, target });
  }

  jumpIfEqual(destination: number, immediate: number, target: Label): void {
    this.push({ code: JUMP_EQUAL, destination, immediate, target });
  }

  jumpIfNotEqual(destination: number, immediate: number, target: Label): void {
    this.push({ code: JUMP_NOT_EQUAL, destination, immediate, target });
  }

  jumpIfAnyBit(destination: number, immediate: number, target: Label): void {
    this.push({ code: JUMP_ANY_BIT, destination, immediate, target });
  }

  exit(): void {
    this.push({ code: EXIT, destination: 0 });
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.instructions.length * INSTRUCTION_BYTES);
    const view = new DataView(bytes.buffer);
    this.instructions.forEach((instruction, index) => {
      const { code, destination, source, offset, immediate, target } = instruction;
      const at = index * INSTRUCTION_BYTES;
      view.setUint8(at, code);
      view.setUint8(at + 1, destination | (source << 4));
      view.setInt16(at + 2, target === undefined ? offset : target.position - index - 1, true);
      view.setInt32(at + 4, immediate, true);
    });
    return bytes;
  }

  private push(part: Partial<Instruction> & { readonly code: number; readonly destination: number }): void {
    const { code, destination, source = 0, offset = 0, immediate = 0, target } = part;
    this.instructions.push({ code, destination, source, offset, immediate, target });
  }
}
