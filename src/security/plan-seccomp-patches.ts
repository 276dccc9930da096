/**
 * Which numbers patch-enosys.ts decides: for each architecture of the filter the newest system call that the profile names, and
 * the rules for names that the linked libseccomp does not know. Pure: the library is asked through `resolve`.
 */
import type { SeccompProgramRequest } from '../kernel/kernel.ts';
import type { ArchitecturePatch, NumberRule } from './patch-enosys.ts';
import { seccompActions } from './seccomp-tables.ts';
import { syscallNumber } from './syscall-numbers.ts';

/** A default that lets calls through needs no ENOSYS: the kernel itself answers so. */
const lettingThrough = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'].map(
  (name) => seccompActions.get(name)?.value,
);
const ACTION_MASK = 0xffff0000;

export interface SeccompPatchInput {
  readonly request: SeccompProgramRequest;
  /** Every name of the profile, also of rules that say what the default does. */
  readonly names: Iterable<string>;
  /** Names that the library reported as unknown. */
  readonly unknown: ReadonlySet<string>;
  /** libseccomp's number, negative when the architecture has no such call. */
  readonly resolve: (architecture: number, name: string) => number;
}

export function planSeccompPatches(input: SeccompPatchInput): readonly ArchitecturePatch[] {
  const { request, unknown } = input;
  const names = new Set(input.names);
  const needsEnosys = !lettingThrough.includes((request.defaultAction & ACTION_MASK) >>> 0);
  return request.architectures.map((architecture) => ({
    architecture,
    newest: needsEnosys ? newestNumber(architecture, names, input) : undefined,
    rules: unknown.size === 0 ? [] : numberRules(architecture, request.rules, unknown),
  }));
}

/** undefined when the profile names no call of this architecture: everything would be "newer". */
function newestNumber(architecture: number, names: Iterable<string>, input: SeccompPatchInput): number | undefined {
  let newest = -1;
  for (const name of names) {
    const known = input.resolve(architecture, name);
    const number = known >= 0 ? known : (syscallNumber(architecture, name) ?? -1);
    if (number > newest) newest = number;
  }
  return newest < 0 ? undefined : newest;
}

/** In the library's spirit a rule without conditions overrules those with, so it comes alone. */
function numberRules(
  architecture: number,
  rules: SeccompProgramRequest['rules'],
  unknown: ReadonlySet<string>,
): readonly NumberRule[] {
  const found: NumberRule[] = [];
  for (const { action, names, args } of rules) {
    for (const name of names) {
      const number = unknown.has(name) ? syscallNumber(architecture, name) : undefined;
      if (number !== undefined) found.push({ number, action, conditions: args });
    }
  }
  const whole = new Set(found.filter(({ conditions }) => conditions.length === 0).map(({ number }) => number));
  return found.filter(({ number, conditions }) => conditions.length === 0 || !whole.has(number));
}
