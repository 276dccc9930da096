/**
 * The ways to a procfs that can be trusted (rule B6): the host's, verified, before the container's mounts exist, and one
 * of our own that no path leads to. [man proc.5, fsopen.2] [CVE-2019-16884]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import {
  FSCONFIG_CMD_CREATE,
  FSCONFIG_SET_STRING,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  O_PATH,
  PROC_SUPER_MAGIC,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_XDEV,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** /proc/PID or /proc/self of the host; ENOENT is thrown when the process is gone. */
export function openProcessDirectory(kernel: Kernel, process: number | 'self'): Fd<'proc'> {
  const directory = kernel.openat2(cwdFd, `/proc/${process}`, O_PATH | O_DIRECTORY, 0, 0);
  return verified(kernel, directory);
}

/**
 * The caller's own directory in a detached procfs that shows processes only: whoever gets hold of it in the container gets
 * nothing that is masked there.
 */
export function openOwnProcessDirectory(kernel: Kernel): Fd<'proc'> {
  const procfs = verified(kernel, mountProcfs(kernel, 'pid'));
  // "self" is a link, but none that leads out of the file system.
  const resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
  const directory = kernel.openat2(procfs, 'self', O_PATH | O_DIRECTORY, 0, resolve);
  kernel.close(procfs);
  return directory;
}

/** `mounted` is the procfs that the plan mounted, by the descriptor of the mount itself; without one, a detached one is made. */
export function openOwnProcfs(kernel: Kernel, mounted: Fd | undefined): Fd<'proc'> {
  if (mounted !== undefined && kernel.fstatfs(mounted) === PROC_SUPER_MAGIC) return mounted as Fd<'proc'>;
  return verified(kernel, mountProcfs(kernel, undefined));
}

/** A detached one, of the caller's pid namespace. subset: proc(5). */
function mountProcfs(kernel: Kernel, subset: 'pid' | undefined): Fd {
  const context = kernel.fsopen('proc', FSOPEN_CLOEXEC);
  if (subset !== undefined) kernel.fsconfig(context, FSCONFIG_SET_STRING, 'subset', subset, undefined);
  kernel.fsconfig(context, FSCONFIG_CMD_CREATE, null, null, undefined);
  const mount = kernel.fsmount(context, FSMOUNT_CLOEXEC, 0);
  kernel.close(context);
  return mount;
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
