import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** SIGKILL to every process of the cgroup and below, also when frozen; no race with forks. The descriptor must come from openCgroup. */
export function applyCgroupKill(_kernel: Kernel, _cgroup: Fd<'cgroup'>): void {
  throw new Error('signature only');
}

/** Waits until no live process is left; false when timeoutMs passed first. Never sleeps: it polls cgroup.events. */
export function waitCgroupEmpty(_kernel: Kernel, _cgroup: Fd<'cgroup'>, _timeoutMs: number): boolean {
  throw new Error('signature only');
}
