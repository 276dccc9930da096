/**
 * linux.memoryPolicy -> numbers of the kernel. Combinations that no kernel takes were refused by check-linux.ts. Pure.
 * [spec config-linux.md#memory-policy] [man set_mempolicy.2]
 */
import type { MemoryPolicy, MemoryPolicyFlag, MemoryPolicyMode } from '../spec/config-types.ts';
import { type NumberRange, parseNumberList } from '../spec/parse-number-list.ts';

/** include/uapi/linux/mempolicy.h */
export const memoryPolicyModes: { readonly [mode in MemoryPolicyMode]: number } = {
  MPOL_DEFAULT: 0,
  MPOL_PREFERRED: 1,
  MPOL_BIND: 2,
  MPOL_INTERLEAVE: 3,
  MPOL_LOCAL: 4,
  MPOL_PREFERRED_MANY: 5,
  MPOL_WEIGHTED_INTERLEAVE: 6,
};

export const memoryPolicyFlags: { readonly [flag in MemoryPolicyFlag]: number } = {
  MPOL_F_NUMA_BALANCING: 1 << 13,
  MPOL_F_RELATIVE_NODES: 1 << 14,
  MPOL_F_STATIC_NODES: 1 << 15,
};

export interface PlannedMemoryPolicy {
  /** MPOL_* and MPOL_F_*. */
  readonly mode: number;
  /** MPOL_BIND, for messages. */
  readonly name: MemoryPolicyMode;
  readonly nodes: readonly NumberRange[];
}

export function planMemoryPolicy(asked: MemoryPolicy | undefined): PlannedMemoryPolicy | undefined {
  if (asked === undefined) return undefined;
  const nodes = parseNumberList(asked.nodes ?? '');
  const flags = (asked.flags ?? []).reduce((all, flag) => all | memoryPolicyFlags[flag], 0);
  return {
    mode: memoryPolicyModes[asked.mode] | flags,
    name: asked.mode,
    nodes: typeof nodes === 'string' ? [] : nodes,
  };
}
