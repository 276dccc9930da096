import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CgroupIdentity } from '../state/state-record.ts';
import type { CgroupPlan } from './cgroup-plan.ts';

/** Where the cgroup will be made. Nothing on the host has changed yet: write `identity` to the journal first, then applyCgroup. */
export interface CgroupClaim {
  /** inode 0: not made yet. createdParents: those that do not exist now. */
  readonly identity: CgroupIdentity;
}

export function readCgroupClaim(_kernel: Kernel, _root: Fd<'cgroup'>, _plan: CgroupPlan): CgroupClaim {
  throw new Error('signature only');
}
