/**
 * Device rules -> the eBPF program that the kernel asks at each mknod and open of a device in the container. It starts from
 * "deny" and each access bit (read, write, mknod) is decided by the last rule that names it, as cgroup v1 did; so the program
 * looks at the rules from the last to the first, an allowing rule taking away the bits that it grants, a denying rule ending
 * the search when one of the bits still wanted is its own.
 * An empty list is "deny all but the defaults", never "allow all" [CVE GHSA-g54h-m393-cpwq].
 * [spec config-linux.md#allowed-device-list] [man bpf.2] BPF_PROG_TYPE_CGROUP_DEVICE
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { DeviceRule } from '../spec/generated/config-types.ts';
import { defaultDeviceRules } from './default-device-rules.ts';
import { EbpfAssembler, type Label } from './ebpf-assembler.ts';

// struct bpf_cgroup_dev_ctx: u32 access_type (kind of device | access << 16), major, minor.
const CONTEXT = { accessType: 0, major: 4, minor: 8 };
const BPF_DEVCG_DEV_BLOCK = 1;
const BPF_DEVCG_DEV_CHAR = 2;
const ACCESS_MKNOD = 1;
const ACCESS_READ = 2;
const ACCESS_WRITE = 4;
const ACCESS_ALL = 7;

const RESULT = 0;
const CONTEXT_REGISTER = 1;
const KIND = 2;
const WANTED = 3;
const MAJOR = 4;
const MINOR = 5;

const ALLOW = 1;
const DENY = 0;

interface Match {
  readonly allow: boolean;
  /** undefined: both. */
  readonly kind: number | undefined;
  readonly access: number;
  readonly major: number | undefined;
  readonly minor: number | undefined;
}

const defaultMatches = defaultDeviceRules.map((rule, index) => parseRule(rule, index));

/** The rule list of every engine's and of `spec`'s default config comes down to this program: assembled once, at load. */
const defaultProgram = assemble([]);

/** undefined: every access is allowed, no program is needed. */
export function planDeviceFilter(rules: readonly DeviceRule[] | undefined): Uint8Array | undefined {
  if (rules === undefined || rules.length === 0) return defaultProgram;
  const matches: Match[] = [];
  let denies = false;
  // From the last to the first, until a rule decides everything: what stands before it has no say.
  for (let index = rules.length - 1; index >= 0; index -= 1) {
    const match = parseRule(rules[index] as DeviceRule, index);
    if (decidesAll(match)) {
      if (match.allow && !denies) return undefined;
      if (match.allow) matches.push(match);
      break;
    }
    denies ||= !match.allow;
    matches.push(match);
  }
  return matches.length === 0 ? defaultProgram : assemble(matches);
}

function decidesAll({ kind, access, major, minor }: Match): boolean {
  return kind === undefined && access === ACCESS_ALL && major === undefined && minor === undefined;
}

/** Major and minor: absent and -1 mean every number. */
function parseRule({ allow, type, access, major, minor }: DeviceRule, index: number): Match {
  return {
    allow,
    kind: type === 'b' ? BPF_DEVCG_DEV_BLOCK : type === 'c' ? BPF_DEVCG_DEV_CHAR : undefined,
    access: parseAccess(access, index),
    major: major === -1 ? undefined : major,
    minor: minor === -1 ? undefined : minor,
  };
}

function parseAccess(access: string | undefined, index: number): number {
  let bits = 0;
  for (const letter of access ?? '') {
    if (letter === 'r') bits |= ACCESS_READ;
    else if (letter === 'w') bits |= ACCESS_WRITE;
    else if (letter === 'm') bits |= ACCESS_MKNOD;
    else bits = -1;
    if (bits < 0) break;
  }
  if (bits > 0) return bits;
  throw new RuntimeError({
    kind: 'spec',
    pointer: `/linux/resources/devices/${index}/access`,
    message: `device access at ${index} field ${bits === 0 ? 'cannot be empty' : 'may only have the letters r, w and m'}`,
  });
}

/** matches: the config's rules, the last one first; the default rules are asked before them. */
function assemble(matches: readonly Match[]): Uint8Array {
  const program = new EbpfAssembler();
  program.loadWord(KIND, CONTEXT_REGISTER, CONTEXT.accessType);
  program.moveRegister(WANTED, KIND);
  program.shiftRight(WANTED, 16);
  program.and(KIND, 0xffff);
  program.loadWord(MAJOR, CONTEXT_REGISTER, CONTEXT.major);
  program.loadWord(MINOR, CONTEXT_REGISTER, CONTEXT.minor);
  assembleDefaults(program);
  for (const match of matches) assembleMatch(program, match);
  finish(program, DENY);
  return program.bytes();
}

function assembleMatch(program: EbpfAssembler, { allow, kind, access, major, minor }: Match): void {
  const next = program.label();
  if (kind !== undefined) program.jumpIfNotEqual(KIND, kind, next);
  if (major !== undefined) program.jumpIfNotEqual(MAJOR, major, next);
  if (minor !== undefined) program.jumpIfNotEqual(MINOR, minor, next);
  if (allow) {
    grant(program, access, next);
  } else {
    const hit = program.label();
    program.jumpIfAnyBit(WANTED, access, hit);
    program.jump(next);
    program.mark(hit);
    finish(program, DENY);
  }
  program.mark(next);
}

/** Takes the granted bits from what is wanted; nothing left: allowed. */
function grant(program: EbpfAssembler, access: number, otherwise: Label): void {
  program.and(WANTED, ACCESS_ALL & ~access);
  program.jumpIfNotEqual(WANTED, 0, otherwise);
  finish(program, ALLOW);
}

/**
 * The same as assembleMatch for each default rule, in half the instructions, as nearly every container has only these: they all
 * allow, the first two cover both kinds of device, and the others grant everything to some character devices.
 */
function assembleDefaults(program: EbpfAssembler): void {
  const afterMknod = program.label();
  grant(program, ACCESS_MKNOD, afterMknod);
  program.mark(afterMknod);
  const none = program.label();
  const allowed = program.label();
  program.jumpIfNotEqual(KIND, BPF_DEVCG_DEV_CHAR, none);
  const whole = defaultMatches.filter(({ access }) => access === ACCESS_ALL);
  for (const major of new Set(whole.map((match) => match.major as number))) {
    const nextMajor = program.label();
    program.jumpIfNotEqual(MAJOR, major, nextMajor);
    for (const match of whole) {
      if (match.major !== major) continue;
      if (match.minor === undefined) program.jump(allowed);
      else program.jumpIfEqual(MINOR, match.minor, allowed);
    }
    program.mark(nextMajor);
  }
  program.jump(none);
  program.mark(allowed);
  finish(program, ALLOW);
  program.mark(none);
}

function finish(program: EbpfAssembler, result: number): void {
  program.move(RESULT, result);
  program.exit();
}
