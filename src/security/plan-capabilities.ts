/**
 * The five capability sets as 64-bit masks: names to bits, then what of them the kernel can grant. Pure. What cannot be mapped
 * or granted is left out with a warning and never fails the container; sets that contradict each other are check-config.ts's.
 * The exec tail sets the masks and reads them back (rule B10). [spec config.md#linux-process] [man capabilities.7]
 */
import { capabilityNames } from '../spec/capability-names.ts';
import type { Capabilities } from '../spec/config-types.ts';

/** Bit n is the capability with number n. */
export interface CapabilityPlan {
  readonly bounding: bigint;
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly ambient: bigint;
}

export interface PlannedCapabilities {
  /** undefined: the config says nothing about capabilities, so they are left as they are, as in runc. */
  readonly sets: CapabilityPlan | undefined;
  /** One line each, beginning with the pointer. */
  readonly warnings: readonly string[];
}

const numbers: ReadonlyMap<string, number> = new Map(capabilityNames.map((name, number) => [name, number]));
const setNames = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const;

/**
 * What the config asks for. pointer: '/process/capabilities'. The warnings are those of check-capabilities.ts again: for the
 * command that did not check a file (exec --cap).
 */
export function planCapabilities(capabilities: Capabilities | undefined, pointer: string): PlannedCapabilities {
  if (capabilities === undefined) return { sets: undefined, warnings: [] };
  const warnings: string[] = [];
  const masks = setNames.map((name) => toMask(capabilities[name] ?? [], `${pointer}/${name}`, warnings));
  const [bounding = 0n, effective = 0n, permitted = 0n, inheritable = 0n, ambient = 0n] = masks;
  return { sets: { bounding, effective, permitted, inheritable, ambient }, warnings };
}

/** Two halves of 32 bits: small integers cost nothing, a BigInt for each name would be allocated. */
function toMask(names: readonly string[], pointer: string, warnings: string[]): bigint {
  let low = 0;
  let high = 0;
  for (let index = 0; index < names.length; index++) {
    const number = numbers.get(names[index] as string);
    if (number === undefined) {
      warnings.push(`${pointer}/${index}: unknown capability ${JSON.stringify(names[index])}: not granted`);
    } else if (number < 32) low |= 1 << number;
    else high |= 1 << (number - 32);
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/**
 * The part of the sets that the kernel will accept. available: kernel.capget().permitted of the child inside its final user
 * namespace (for a process started by root that is its bounding set too; a new user namespace gives all).
 * Each set is cut by the rules of capset(2) and PR_CAP_AMBIENT_RAISE, because one bit too many makes the whole call EPERM.
 */
export function grantCapabilities(
  sets: CapabilityPlan | undefined,
  available: bigint,
  pointer: string,
): PlannedCapabilities {
  if (sets === undefined) return { sets, warnings: [] };
  const bounding = sets.bounding & available;
  const permitted = sets.permitted & available;
  // capset(2): nothing becomes inheritable that the bounding set, already reduced by then, does not hold.
  const inheritable = sets.inheritable & bounding;
  const granted: CapabilityPlan = {
    bounding,
    permitted,
    inheritable,
    effective: sets.effective & permitted,
    ambient: sets.ambient & permitted & inheritable,
  };
  const asked = sets.bounding | sets.effective | sets.permitted | sets.inheritable | sets.ambient;
  const missing = asked & ~available;
  if (missing === 0n) return { sets: granted, warnings: [] };
  const names = namesOf(missing).join(', ');
  return { sets: granted, warnings: [`${pointer}: not granted, runt does not have them itself: ${names}`] };
}

/** Names of the bits of a mask, by number. */
export function namesOf(mask: bigint): readonly string[] {
  return capabilityNames.filter((_, number) => ((mask >> BigInt(number)) & 1n) === 1n);
}
