/**
 * What the process that makes a child inside of the container does last: the child is seen there from its birth, and whoever may
 * trace it (CAP_SYS_PTRACE) can stop it and go through /proc/PID/fd into the directories that it has open. [CVE-2016-9962]
 * [man close_range.2, open_tree.2]
 */
import { orErrno } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { AT_EMPTY_PATH, CLOSE_RANGE_MAX, MOUNT_ATTR_RDONLY, OPEN_TREE_CLONE } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** Closes what has number `first` or a higher one, but `kept`. By number: the Fd objects are the parent's too. */
export function closeOthers(kernel: Kernel, first: number, kept: readonly Fd[]): void {
  let next = first;
  for (const number of kept.map((fd) => fd.number).sort((a, b) => a - b)) {
    if (number > next) kernel.closeRange(next, number - 1, 0);
    if (number >= next) next = number + 1;
  }
  kernel.closeRange(next, CLOSE_RANGE_MAX, 0);
}

/**
 * The cgroup for clone3, which the child inherits, as a mount of its own: nothing but the container's cgroup can be reached from
 * there, to be read. Where that is refused it is the cgroup itself.
 */
export function openAlone(kernel: Kernel, cgroup: Fd<'cgroup'>): Fd<'cgroup'> {
  const tree = orErrno(['EPERM', 'EINVAL'], () => kernel.openTree(cgroup, '', OPEN_TREE_CLONE | AT_EMPTY_PATH));
  if ('errno' in tree) return cgroup;
  kernel.mountSetattr(tree, '', AT_EMPTY_PATH, { set: MOUNT_ATTR_RDONLY, clear: 0, propagation: 0 });
  return tree;
}
