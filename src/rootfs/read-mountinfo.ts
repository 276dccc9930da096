/** The mounts of this process's mount namespace, as text. [man proc_pid_mountinfo.5] */
import { cwdFd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';

const mountinfoLimitBytes = 16 << 20;

export function readMountinfo(kernel: Kernel): string {
  const file = kernel.openat2(cwdFd, '/proc/self/mountinfo', 0, 0, 0);
  const text = kernel.readAll(file, mountinfoLimitBytes);
  kernel.close(file);
  return text;
}
