/**
 * Sets the resource limits of a process. To be called with the host's privileges (raising a hard limit needs CAP_SYS_RESOURCE
 * in the initial user namespace): by the child on itself before it enters a user namespace, or by the parent on a child that is
 * born in one, before it is let go on. What is too low for our own set-up is left to the exec tail.
 * [spec config.md#posix-process] [man prlimit.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel, Limit } from '../kernel/kernel.ts';
import type { PlannedRlimit } from './process-plan.ts';

/** pid 0 is the calling process. Throws with the pointer of the limit. */
export function applyProcessLimits(kernel: Kernel, pid: number, rlimits: readonly PlannedRlimit[]): void {
  for (const limit of rlimits) {
    if (!limit.deferred) setLimit(kernel, pid, limit, limit);
    else raiseHardLimit(kernel, pid, limit);
  }
}

/** [order] before the exec tail because there the privilege to raise is gone; lowering never needs one. */
function raiseHardLimit(kernel: Kernel, pid: number, limit: PlannedRlimit): void {
  const now = kernel.prlimit(pid, limit.resource, undefined);
  if (limit.hard > now.hard) setLimit(kernel, pid, limit, { soft: now.soft, hard: limit.hard });
}

function setLimit(kernel: Kernel, pid: number, limit: PlannedRlimit, value: Limit): void {
  try {
    kernel.prlimit(pid, limit.resource, { soft: value.soft, hard: value.hard });
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const hint = error.fields.errno === 'EPERM' ? hintOf(limit) : undefined;
    throw error
      .with({ pointer: limit.pointer, ...(hint === undefined ? {} : { hint }) })
      .within(`set ${limit.name} to ${limit.soft}:${limit.hard}`);
  }
}

function hintOf(limit: PlannedRlimit): string {
  const general = 'to raise a hard limit runt itself needs CAP_SYS_RESOURCE in the initial user namespace';
  return limit.name === 'RLIMIT_NOFILE' ? `${general}; above /proc/sys/fs/nr_open nobody may` : general;
}
