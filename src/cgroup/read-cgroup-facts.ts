import type { Fd } from '../kernel/fd.ts';
import type { CgroupFacts } from '../kernel/host-facts.ts';
import type { Kernel } from '../kernel/kernel.ts';

export interface CgroupTree {
  readonly facts: CgroupFacts;
  /** The root of the v2 tree; undefined when there is none. The caller closes it. */
  readonly root: Fd<'cgroup'> | undefined;
}

export function readCgroupFacts(_kernel: Kernel): CgroupTree {
  throw new Error('signature only');
}
