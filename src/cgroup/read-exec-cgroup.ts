import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CgroupIdentity } from '../state/state-record.ts';

/**
 * Where `exec` puts its process: the container's cgroup, a sub-path of it (--cgroup), or - when the container's own cgroup may
 * hold no process any more because init made sub-cgroups with controllers - the cgroup of init, if that lies inside the recorded one.
 * initCgroup = the "0::" path of /proc/<init>/cgroup, read by the caller only for the second attempt (clone3 gave EBUSY), else undefined.
 */
export function openExecCgroup(
  _kernel: Kernel,
  _root: Fd<'cgroup'>,
  _identity: CgroupIdentity,
  _request: { readonly subPaths: readonly string[]; readonly initCgroup: string | undefined },
): Fd<'cgroup'> {
  throw new Error('signature only');
}
