import type { Limit, TailOperation } from '../kernel/kernel.ts';
import type { CapabilityPlan } from './plan-capabilities.ts';

export interface CredentialsInput {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly umask: number;
  readonly noNewPrivileges: boolean;
  /** The granted sets (grantCapabilities). */
  readonly capabilities: CapabilityPlan;
  /** True: setgroups(2) is denied in the user namespace (/proc/self/setgroups says deny). */
  readonly setgroupsDenied: boolean;
  /** The deferred rlimits of the ProcessPlan. */
  readonly rlimits: readonly (Limit & { readonly resource: number; readonly name: string; readonly pointer: string })[];
  /** undefined: no filter. */
  readonly seccomp: { readonly flags: number; readonly program: Uint8Array } | undefined;
  readonly personality: number | undefined;
  /** 0 or the number of preserved descriptors: 3 .. 3+n-1 stay open. */
  readonly preservedFds: number;
  readonly path: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
}
export declare function planCredentials(input: CredentialsInput): readonly TailOperation[];
