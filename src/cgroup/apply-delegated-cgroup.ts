/**
 * A cgroup below the container's that is its own (run.oci.delegate-cgroup): made, the first process moved into it, and given
 * every controller that the container's cgroup has. After the cgroup namespace was made, so that its root is the container's
 * cgroup, whose limits stay out of reach. [man crun.1, cgroups.7]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applyAvailableControllers } from './apply-controllers.ts';
import { openDirectory, writeFile } from './open-in-cgroup.ts';

const DIRECTORY_MODE = 0o755;

/** pid: in the runtime's pid namespace. The result is the caller's to close. */
export function applyDelegatedCgroup(
  kernel: Kernel,
  cgroup: Fd<'cgroup'>,
  components: readonly string[],
  pid: number,
): Fd<'cgroup'> {
  return during('delegate a cgroup to the container', () => {
    const levels = makeBelow(kernel, cgroup, components);
    const target = levels[levels.length - 1] ?? cgroup;
    const errno = writeFile(kernel, target, 'cgroup.procs', String(pid));
    if (errno !== undefined) {
      throw new RuntimeError({ kind: 'kernel', path: `${target.path}/cgroup.procs`, syscall: 'openat2', errno });
    }
    // [order] a cgroup with processes of its own gives no controllers to its children.
    for (const level of [cgroup, ...levels.slice(0, -1)]) applyAvailableControllers(kernel, level);
    for (const level of levels.slice(0, -1)) kernel.close(level);
    return target;
  });
}

/** One descriptor for each component. Those that are there already are taken: nothing but us is in the container's cgroup. */
export function makeBelow(
  kernel: Kernel,
  cgroup: Fd<'cgroup'>,
  components: readonly string[],
): readonly Fd<'cgroup'>[] {
  const levels: Fd<'cgroup'>[] = [];
  for (const name of components) {
    const above = levels[levels.length - 1] ?? cgroup;
    const made = kernel.mkdiratOrErrno(above, name, DIRECTORY_MODE);
    const opened = made === undefined || made === 'EEXIST' ? openDirectory(kernel, above, name) : made;
    if (typeof opened === 'string') {
      const syscall = made === undefined || made === 'EEXIST' ? 'openat2' : 'mkdirat';
      for (const level of levels) kernel.close(level);
      throw new RuntimeError({ kind: 'kernel', path: `${above.path}/${name}`, syscall, errno: opened });
    }
    levels.push(opened);
  }
  return levels;
}
