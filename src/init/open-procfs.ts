/**
 * The two ways to a procfs that can be trusted (rule B6): the host's, verified, before the container's mounts exist, and one
 * of our own that no path leads to. [man proc.5, fsopen.2] [CVE-2019-16884]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { FSCONFIG_CMD_CREATE, FSMOUNT_CLOEXEC, FSOPEN_CLOEXEC, O_PATH, PROC_SUPER_MAGIC } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** /proc/PID or /proc/self of the host; ENOENT is thrown when the process is gone. */
export function openProcessDirectory(kernel: Kernel, process: number | 'self'): Fd<'proc'> {
  const directory = kernel.openat2(cwdFd, `/proc/${process}`, O_PATH | O_DIRECTORY, 0, 0);
  return verified(kernel, directory);
}

/** `mounted` is the procfs that the plan mounted, by the descriptor of the mount itself; without one, a detached one is made. */
export function openOwnProcfs(kernel: Kernel, mounted: Fd | undefined): Fd<'proc'> {
  if (mounted !== undefined && kernel.fstatfs(mounted) === PROC_SUPER_MAGIC) return mounted as Fd<'proc'>;
  const context = kernel.fsopen('proc', FSOPEN_CLOEXEC);
  kernel.fsconfig(context, FSCONFIG_CMD_CREATE, null, null, undefined);
  const mount = kernel.fsmount(context, FSMOUNT_CLOEXEC, 0);
  kernel.close(context);
  return verified(kernel, mount);
}

function verified(kernel: Kernel, directory: Fd): Fd<'proc'> {
  if (kernel.fstatfs(directory) === PROC_SUPER_MAGIC) return directory as Fd<'proc'>;
  throw new RuntimeError({
    kind: 'kernel',
    path: directory.path,
    message: 'is not in a procfs',
    hint: 'mount one on /proc',
  });
}
