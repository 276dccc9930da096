import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CgroupIdentity } from '../state/state-record.ts';

/** The container's cgroup, opened and checked against the recorded inode; undefined when it is gone or is not ours any more. */
export function openCgroup(_kernel: Kernel, _root: Fd<'cgroup'>, _identity: CgroupIdentity): Fd<'cgroup'> | undefined {
  throw new Error('signature only');
}

export interface CgroupEvents {
  readonly populated: boolean;
  readonly frozen: boolean;
}

export function readCgroupEvents(_kernel: Kernel, _cgroup: Fd<'cgroup'>): CgroupEvents {
  throw new Error('signature only');
}

/** Process ids of the cgroup and of all below it. */
export function readCgroupProcesses(_kernel: Kernel, _cgroup: Fd<'cgroup'>): readonly number[] {
  throw new Error('signature only');
}

/** Whether it was asked to freeze (cgroup.freeze is 1): one small read, for `state`. */
export function readCgroupFreeze(_kernel: Kernel, _cgroup: Fd<'cgroup'>): boolean {
  throw new Error('signature only');
}
