/**
 * Ends every process of a container's cgroup at once (cgroup.kill, Linux 5.14): the kernel does it, so no fork escapes, and a
 * frozen cgroup dies too. The descriptor must come from openCgroup or applyCgroup: those know that the cgroup is ours (rule B16).
 * [man cgroups.7]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { writeUnlessRemoved } from './open-in-cgroup.ts';
import { waitForEvents } from './run-cgroup-wait.ts';

/** SIGKILL to every process of the cgroup and below. Nothing happens when it was removed meanwhile. */
export function applyCgroupKill(kernel: Kernel, cgroup: Fd<'cgroup'>): void {
  during('kill the processes of the cgroup', () => {
    const errno = writeUnlessRemoved(kernel, cgroup, 'cgroup.kill', '1');
    if (errno === undefined || errno === 'ENODEV') return;
    // The cgroup is there but has no such file.
    const hint = errno === 'ENOENT' ? 'cgroup.kill needs Linux 5.14' : undefined;
    const fields = { kind: 'kernel', path: `${cgroup.path}/cgroup.kill`, syscall: 'openat2', errno } as const;
    throw new RuntimeError(hint === undefined ? fields : { ...fields, hint });
  });
}

/** Waits until no live process is left; false when timeoutMs passed first. */
export function waitCgroupEmpty(kernel: Kernel, cgroup: Fd<'cgroup'>, timeoutMs: number): boolean {
  return waitForEvents(kernel, cgroup, ({ populated }) => !populated, timeoutMs);
}
