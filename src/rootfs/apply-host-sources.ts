import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RootfsPlan } from './rootfs-step.ts';

/** In the parent, before clone3 and after the cgroup exists: opens plan.hostSources; the result goes to createRootfsState in the child. */
export function openHostSources(_kernel: Kernel, _plan: RootfsPlan): readonly Fd<'root'>[] {
  throw new Error('being written');
}
