/**
 * Which directories `create` is going to make, found out before it makes any: the answer goes into the journal first, so that
 * `delete --force` finds everything after a kill at any moment (rule B15). [order] before applyCgroup because of that.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { AT_SYMLINK_NOFOLLOW } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CgroupIdentity } from './cgroup-identity.ts';
import type { CgroupPlan } from './cgroup-plan.ts';

/** Where the cgroup will be made. Nothing on the host has changed yet: write `identity` to the journal first, then applyCgroup. */
export interface CgroupClaim {
  /** inode 0: not made yet. createdParents: those that do not exist now, deepest first. */
  readonly identity: CgroupIdentity;
}

/** No system call for a cgroup directly below the root, one for each missing parent and one more otherwise. */
export function readCgroupClaim(kernel: Kernel, root: Fd<'cgroup'>, plan: CgroupPlan): CgroupClaim {
  const createdParents: string[] = [];
  for (let length = plan.components.length - 1; length > 0; length -= 1) {
    const parent = plan.components.slice(0, length).join('/');
    const stat = kernel.statxOrErrno(root, parent, AT_SYMLINK_NOFOLLOW);
    if (typeof stat !== 'string') break;
    if (stat !== 'ENOENT') {
      const path = `${root.path}/${parent}`;
      throw new RuntimeError({ kind: 'kernel', operation: 'create the cgroup', path, syscall: 'statx', errno: stat });
    }
    createdParents.push(`/${parent}`);
  }
  return { identity: { path: plan.path, inode: 0, createdParents } };
}
