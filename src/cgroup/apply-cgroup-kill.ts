/**
 * Ends every process of a container's cgroup at once (cgroup.kill, Linux 5.14): the kernel does it, so no fork escapes, and a
 * frozen cgroup dies too. The descriptor must come from openCgroup or applyCgroup: those know that the cgroup is ours (rule B16).
 * [man cgroups.7]
 */
import { during, orErrno, RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { isRemoved, writeFile } from './open-in-cgroup.ts';
import { waitForEvents } from './run-cgroup-wait.ts';

/** SIGKILL to every process of the cgroup and below. Nothing happens when it was removed meanwhile. */
export function applyCgroupKill(kernel: Kernel, cgroup: Fd<'cgroup'>): void {
  during('kill the processes of the cgroup', () => {
    const errno = writeUnlessGone(kernel, cgroup);
    if (errno === undefined || errno === 'ENODEV') return;
    // The directory is there (we hold it) but has no such file: either it was removed, or the kernel is older than our floor.
    if (errno === 'ENOENT' && isRemoved(kernel, cgroup)) return;
    const hint = errno === 'ENOENT' ? 'cgroup.kill needs Linux 5.14' : undefined;
    const fields = { kind: 'kernel', path: `${cgroup.path}/cgroup.kill`, syscall: 'openat2', errno } as const;
    throw new RuntimeError(hint === undefined ? fields : { ...fields, hint });
  });
}

/** The errno of the open. The write itself finds no cgroup any more (ENOENT, ENODEV) when it was removed since. */
function writeUnlessGone(kernel: Kernel, cgroup: Fd<'cgroup'>): undefined | string {
  const errno = orErrno(['ENOENT', 'ENODEV'], () => writeFile(kernel, cgroup, 'cgroup.kill', '1'));
  return typeof errno === 'object' ? undefined : errno;
}

/** Waits until no live process is left; false when timeoutMs passed first. */
export function waitCgroupEmpty(kernel: Kernel, cgroup: Fd<'cgroup'>, timeoutMs: number): boolean {
  return waitForEvents(kernel, cgroup, ({ populated }) => !populated, timeoutMs);
}
