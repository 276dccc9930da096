/**
 * Sets the NUMA memory policy of the calling process, which its program and their children inherit, and reads it back. The
 * kernel leaves out nodes that the cgroup's cpuset does not have, and refuses when none is left.
 * [spec config-linux.md#memory-policy] [man set_mempolicy.2, get_mempolicy.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel, MemoryPolicyNow } from '../kernel/kernel.ts';
import { formatRanges, isWithin, maskOf } from '../spec/parse-number-list.ts';
import { memoryPolicyModes, type PlannedMemoryPolicy } from './plan-memory-policy.ts';

const pointer = '/linux/memoryPolicy';

export function applyMemoryPolicy(kernel: Kernel, asked: PlannedMemoryPolicy): void {
  const nodes = maskOf(asked.nodes);
  const shown = asked.nodes.length === 0 ? '' : ` on the nodes ${formatRanges(asked.nodes)}`;
  const operation = `set the memory policy ${asked.name}${shown}`;
  try {
    kernel.setMempolicy(asked.mode, nodes);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const hint = hintOf(asked, error.fields.errno);
    throw error.with({ pointer, ...(hint === undefined ? {} : { hint }) }).within(operation);
  }
  if (isAsAsked(asked, nodes, kernel.getMempolicy())) return;
  const message = 'the kernel kept another policy';
  throw new RuntimeError({ kind: 'kernel', operation, pointer, syscall: 'get_mempolicy', message });
}

/** The Linux that brought the mode, where it came after 5.14. */
const newer: { readonly [mode in PlannedMemoryPolicy['name']]?: string } = {
  MPOL_PREFERRED_MANY: '5.15',
  MPOL_WEIGHTED_INTERLEAVE: '6.9',
};

function hintOf({ name, nodes }: PlannedMemoryPolicy, errno: string | undefined): string | undefined {
  if (errno === 'ENOSYS') return 'this kernel has no NUMA (CONFIG_NUMA): leave /linux/memoryPolicy out';
  if (errno !== 'EINVAL') return undefined;
  const since = newer[name];
  const causes = [
    ...(nodes.length === 0 ? [] : ["none of the nodes has memory and is in the cgroup's cpuset"]),
    ...(since === undefined ? [] : [`the kernel is older than ${since}`]),
  ];
  return causes.length === 0 ? undefined : causes.join(', or ');
}

function isAsAsked(asked: PlannedMemoryPolicy, nodes: Uint8Array, now: MemoryPolicyNow): boolean {
  // Preferring no node is what the kernel calls local, and the default has no flags to keep.
  if (asked.name === 'MPOL_DEFAULT') return now.mode === memoryPolicyModes.MPOL_DEFAULT;
  if (asked.nodes.length === 0) return now.mode === memoryPolicyModes.MPOL_LOCAL || now.mode === asked.mode;
  if (now.mode !== asked.mode) return false;
  return isWithin(now.nodes, nodes) && now.nodes.some((byte) => byte !== 0);
}
