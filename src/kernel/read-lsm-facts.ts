/**
 * Which security modules that runt gives labels to are at work on this host. Asked for only when a config names a label.
 * What a file below the container's root says is never believed: these are the host's. [man apparmor.7, selinux.8]
 */
import { cwdFd, type Fd } from './fd.ts';
import { O_PATH, O_RDONLY, SELINUX_MAGIC } from './flags.ts';
import type { LsmFacts } from './host-facts.ts';
import type { Kernel } from './kernel.ts';
import { trimLabel } from './label-text.ts';

export function readLsmFacts(kernel: Kernel): LsmFacts {
  return { apparmor: isAppArmorOn(kernel), selinux: isSelinuxOn(kernel) };
}

/** Not by securityfs, which containers do not mount: to change a profile takes procfs only. */
function isAppArmorOn(kernel: Kernel): boolean {
  return readText(kernel, '/sys/module/apparmor/parameters/enabled')?.startsWith('Y') === true;
}

/** As libselinux decides it: selinuxfs is mounted, and a policy is loaded (without one every process is "kernel"). */
function isSelinuxOn(kernel: Kernel): boolean {
  const directory = kernel.openat2OrErrno(cwdFd, '/sys/fs/selinux', O_PATH, 0, 0);
  if (typeof directory === 'string') return false;
  const isMounted = kernel.fstatfs(directory) === SELINUX_MAGIC;
  kernel.close(directory);
  if (!isMounted) return false;
  const own = readText(kernel, '/proc/self/attr/current');
  return own !== undefined && own !== '' && trimLabel(own) !== 'kernel';
}

function readText(kernel: Kernel, path: string): string | undefined {
  const file: Fd | string = kernel.openat2OrErrno(cwdFd, path, O_RDONLY, 0, 0);
  if (typeof file === 'string') return undefined;
  try {
    return kernel.readAll(file, 4096);
  } catch {
    // Without a module behind it the file can be opened and not read (EINVAL).
    return undefined;
  } finally {
    kernel.close(file);
  }
}
