import type { Fd } from '../kernel/fd.ts';
import type { CgroupFacts } from '../kernel/host-facts.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CgroupIdentity } from '../state/state-record.ts';
import type { CgroupPlan, CgroupWrite } from './cgroup-plan.ts';
import type { CgroupClaim } from './read-cgroup-claim.ts';

export interface AppliedCgroup {
  /** For clone3's CLONE_INTO_CGROUP. The caller closes it. */
  readonly fd: Fd<'cgroup'>;
  readonly identity: CgroupIdentity;
}

/** Makes the cgroup, writes plan.writes, attaches the device program. On failure removes what it made, then throws. */
export function applyCgroup(
  _kernel: Kernel,
  _root: Fd<'cgroup'>,
  _facts: CgroupFacts,
  _plan: CgroupPlan,
  _claim: CgroupClaim,
): AppliedCgroup {
  throw new Error('signature only');
}

/** Used by applyCgroup, and by the caller for plan.writesAfterClone. */
export function applyCgroupWrites(_kernel: Kernel, _cgroup: Fd<'cgroup'>, _writes: readonly CgroupWrite[]): void {
  throw new Error('signature only');
}
