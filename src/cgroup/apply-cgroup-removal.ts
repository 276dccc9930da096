import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CgroupIdentity } from '../state/state-record.ts';

/**
 * Removes the container's cgroup with all below it, then the parents that create made and that are empty. Kills nothing.
 * A cgroup that is gone or is not the recorded one any more is left alone and counts as removed. With inode 0 (the journal of
 * a create that died) it is removed only when it holds no process. Waits up to timeoutMs for processes on their way out, then throws.
 */
export function applyCgroupRemoval(
  _kernel: Kernel,
  _root: Fd<'cgroup'>,
  _identity: CgroupIdentity,
  _timeoutMs: number,
): void {
  throw new Error('signature only');
}
