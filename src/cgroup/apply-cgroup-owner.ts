/**
 * Gives the container's cgroup to the container's user: its directory, and the files that the kernel says may be given away.
 * No other: with memory.max a container could lift its own limit. [spec config-linux.md#cgroup-ownership] [man cgroups.7]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { O_PATH, O_RDONLY, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

const LIST = '/sys/kernel/cgroup/delegate';
const LIST_LIMIT_BYTES = 65536;
/** For kernels without the list (before 4.15). */
const fallback: readonly string[] = ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'];

/** uid of the host. The group stays. */
export function applyCgroupOwner(kernel: Kernel, cgroup: Fd<'cgroup'>, uid: number): void {
  during("give the cgroup to the container's user", () => {
    kernel.fchown(cgroup, uid, kernel.fstat(cgroup).gid);
    for (const name of readDelegated(kernel)) {
      const file = kernel.openat2OrErrno(
        cgroup,
        name,
        O_PATH,
        0,
        RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
      );
      // Files of controllers that this cgroup does not have are in the list too.
      if (file === 'ENOENT') continue;
      if (typeof file === 'string') {
        throw new RuntimeError({ kind: 'kernel', path: `${cgroup.path}/${name}`, syscall: 'openat2', errno: file });
      }
      try {
        kernel.fchown(file, uid, kernel.fstat(file).gid);
      } finally {
        kernel.close(file);
      }
    }
  });
}

function readDelegated(kernel: Kernel): readonly string[] {
  const file = kernel.openat2OrErrno(cwdFd, LIST, O_RDONLY, 0, 0);
  if (file === 'ENOENT') return fallback;
  if (typeof file === 'string') {
    throw new RuntimeError({ kind: 'kernel', path: LIST, syscall: 'openat2', errno: file });
  }
  try {
    const names = kernel.readAll(file, LIST_LIMIT_BYTES).split('\n');
    return names.filter((name) => name !== '' && !name.includes('/'));
  } finally {
    kernel.close(file);
  }
}
