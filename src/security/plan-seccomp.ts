/**
 * config.linux.seccomp -> what libseccomp is asked to compile, and the flags of seccomp(2). Every word of the profile becomes a
 * number here, and what cannot be carried out is refused with its pointer. Names of system calls are not looked up: the library
 * reports those that it does not know. [spec config-linux.md#seccomp] [man seccomp.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { SeccompProgramRequest } from '../kernel/kernel.ts';
import type { Integer64, Seccomp, SeccompArg, SeccompSyscall } from '../spec/generated/config-types.ts';
import { MAXIMUM_INSTRUCTIONS } from './classic-bpf.ts';
import {
  architecturesUnknownToLibrary,
  isLittleEndian,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
  SECCOMP_RET_KILL_THREAD,
  seccompActions,
  seccompArchitectures,
  seccompFlags,
  seccompOperators,
} from './seccomp-tables.ts';

export type SeccompRule = SeccompProgramRequest['rules'][number];
export type SeccompCondition = SeccompRule['args'][number];

const base = '/linux/seccomp';
const EPERM = 1;
const MAX_ERRNO = 4095;
const ARGUMENTS = 6;
/** As runc: with more names than this the library is asked for a binary tree, which is faster in the kernel. */
const TREE_FROM = 32;

/** nativeArchitecture: its token (AUDIT_ARCH value). It is always filtered; others only when the profile lists them. */
export function planSeccomp(seccomp: Seccomp, nativeArchitecture: number): SeccompProgramRequest {
  const defaultAction = planAction(seccomp.defaultAction, seccomp.defaultErrnoRet, `${base}/defaultAction`);
  const rules = new RuleList();
  let names = 0;
  seccomp.syscalls?.forEach((call, index) => {
    const pointer = `${base}/syscalls/${index}`;
    const action = planAction(call.action, call.errnoRet, `${pointer}/action`);
    const conditions = (call.args ?? []).map((arg, at) => planCondition(arg, `${pointer}/args/${at}`));
    names += call.names.length;
    // The library refuses a rule that says what the default does anyway.
    if (action !== defaultAction) addRules(rules, call, action, conditions, pointer);
  });
  return {
    defaultAction,
    architectures: planArchitectures(seccomp.architectures ?? [], nativeArchitecture),
    rules: rules.rules,
    optimize: names > TREE_FROM,
    badArchitectureAction: SECCOMP_RET_KILL_THREAD,
  };
}

/** Flags of seccomp(2). Without the property: SPEC_ALLOW, as runc, because the mitigation that it leaves out costs much speed. */
export function planSeccompFlags(flags: Seccomp['flags'], listens: boolean): number {
  if (flags === undefined) return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  let bits = 0;
  flags.forEach((flag, index) => {
    const bit = seccompFlags.get(flag);
    if (bit === undefined) throw fault(`${base}/flags/${index}`, `seccomp flag "${flag}" is not known`);
    bits |= bit;
    if (listens && flag === 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV') bits |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  });
  return bits;
}

/** Several conditions on one argument cannot stand in one rule of the library: each becomes a rule, as runc does. */
function addRules(
  rules: RuleList,
  call: SeccompSyscall,
  action: number,
  conditions: readonly SeccompCondition[],
  pointer: string,
): void {
  const indexes = new Set(conditions.map(([index]) => index));
  if (indexes.size === conditions.length) rules.add(action, call.names, conditions, pointer);
  else for (const condition of conditions) rules.add(action, call.names, [condition], pointer);
}

const noNumbers: readonly number[] = [];

/**
 * The rules so far, each once: the library compares a new rule with all before it, so that a hundred thousand equal ones would
 * keep it busy for minutes. Different conditions need an instruction each, so their number has the filter's own limit.
 */
class RuleList {
  readonly rules: SeccompRule[] = [];
  private readonly seen = new Map<string, Set<string>>();
  private conditional = 0;

  add(action: number, names: readonly string[], args: readonly SeccompCondition[], pointer: string): void {
    const key = `${action} ${args.map((words) => words.join(' ')).join(',')}`;
    const known = this.seen.get(key) ?? new Set();
    const added = names.filter((name) => !known.has(name) && known.add(name));
    this.seen.set(key, known);
    if (added.length === 0) return;
    if (args.length > 0) this.conditional += added.length;
    if (this.conditional > MAXIMUM_INSTRUCTIONS) {
      throw fault(
        pointer,
        `the filter would have more than the ${MAXIMUM_INSTRUCTIONS} instructions that the kernel takes`,
      );
    }
    this.rules.push({ action, names: added, numbers: noNumbers, args });
  }
}

function planAction(name: string, errno: number | undefined, pointer: string): number {
  const action = seccompActions.get(name);
  if (action === undefined) throw fault(pointer, `"${name}" is not a seccomp action`);
  if (name === 'SCMP_ACT_NOTIFY' && pointer.endsWith('/defaultAction')) {
    throw fault(pointer, 'SCMP_ACT_NOTIFY cannot be used as default action');
  }
  if (!action.takesErrno) {
    if (errno === undefined) return action.value;
    throw fault(errnoPointer(pointer), `errno value specified for action ${name}, which has none`);
  }
  if (errno !== undefined && errno > MAX_ERRNO) throw fault(errnoPointer(pointer), `${errno} is above ${MAX_ERRNO}`);
  return action.value + (errno ?? EPERM);
}

function errnoPointer(actionPointer: string): string {
  return actionPointer.endsWith('/defaultAction')
    ? `${base}/defaultErrnoRet`
    : actionPointer.replace('/action', '/errnoRet');
}

function planCondition({ index, value, valueTwo, op }: SeccompArg, pointer: string): SeccompCondition {
  const operator = seccompOperators.get(op);
  if (operator === undefined) throw fault(`${pointer}/op`, `"${op}" is not a comparison operator of seccomp`);
  if (index < 0 || index >= ARGUMENTS) {
    throw fault(`${pointer}/index`, `${index}: a system call has the arguments 0 to ${ARGUMENTS - 1}`);
  }
  const second: Integer64 = valueTwo ?? 0;
  return [index, operator, value, second];
}

function planArchitectures(names: readonly string[], nativeArchitecture: number): readonly number[] {
  const tokens = [nativeArchitecture];
  names.forEach((name, index) => {
    const pointer = `${base}/architectures/${index}`;
    const token = seccompArchitectures.get(name);
    if (token === undefined) throw fault(pointer, `"${name}" is not an architecture of seccomp`);
    if (architecturesUnknownToLibrary.has(name)) {
      throw fault(
        pointer,
        `"${name}" is not known to the linked libseccomp`,
        'leave out architectures of other machines',
      );
    }
    if (!isLittleEndian(token)) {
      throw fault(
        pointer,
        `"${name}" is big-endian and this machine is not`,
        'leave out architectures of other machines',
      );
    }
    if (!tokens.includes(token)) tokens.push(token);
  });
  return tokens;
}

function fault(pointer: string, message: string, hint?: string): RuntimeError {
  return new RuntimeError({ kind: 'spec', pointer, message, ...(hint === undefined ? {} : { hint }) });
}
