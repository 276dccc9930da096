import type { Capabilities } from '../spec/config-types.ts';

/** Bit n is capability n [man capabilities.7]. */
export interface CapabilityPlan {
  readonly bounding: bigint;
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly ambient: bigint;
}
export interface PlannedCapabilities {
  /** undefined: config.json says nothing about capabilities. */
  readonly sets: CapabilityPlan;
  /** One line each, with pointer, for what is unknown. */
  readonly warnings: readonly string[];
}
/** What the config asks for. pointer: '/process/capabilities'. */
export declare function planCapabilities(capabilities: Capabilities | undefined, pointer: string): PlannedCapabilities;
/** What of it the kernel can grant: available = kernel.capget().permitted inside the container's user namespace. */
export declare function grantCapabilities(plan: CapabilityPlan, available: bigint): PlannedCapabilities;
