/**
 * Opens the cgroup into which the process of `exec` is born. [man clone3.2] CLONE_INTO_CGROUP
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CgroupIdentity } from './cgroup-identity.ts';
import { openDirectory } from './open-in-cgroup.ts';
import { componentsBelow, type ExecCgroupRequest } from './plan-exec-cgroup.ts';
import { openCgroup } from './read-cgroup.ts';

/** The descriptor for clone3; the caller closes it. Throws kind 'state' when the container is on its way out. */
export function openExecCgroup(
  kernel: Kernel,
  root: Fd<'cgroup'>,
  identity: CgroupIdentity,
  request: ExecCgroupRequest,
): Fd<'cgroup'> {
  const own = openCgroup(kernel, root, identity);
  if (own === undefined)
    throw new RuntimeError({ kind: 'state', message: 'container is stopping: its cgroup is gone' });
  const below = componentsBelow(identity, request);
  if (below.length === 0) return own;
  const path = below.join('/');
  const opened = openDirectory(kernel, own, path);
  kernel.close(own);
  if (typeof opened !== 'string') return opened;
  throw new RuntimeError({
    kind: request.subPaths.length > 0 ? 'usage' : 'kernel',
    operation: "enter the container's cgroup",
    path: `${root.path}${identity.path}/${path}`,
    syscall: 'openat2',
    errno: opened,
  });
}
