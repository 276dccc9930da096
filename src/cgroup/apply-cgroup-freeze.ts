import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** Freezes or thaws and waits until the kernel says that it is so; thaws again when freezing took longer than timeoutMs. */
export function applyCgroupFreeze(_kernel: Kernel, _cgroup: Fd<'cgroup'>, _frozen: boolean, _timeoutMs: number): void {
  throw new Error('signature only');
}
