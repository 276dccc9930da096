/** In which cgroup of the v2 tree a process is, as the kernel says it. [man cgroups.7 "/proc/PID/cgroup"] */
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd } from '../kernel/fd.ts';
import { O_RDONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

const longestFileBytes = 65536;

/** From the root of the tree; undefined: the kernel names none. */
export function readProcessCgroup(kernel: Kernel, pid: number): string | undefined {
  const file = kernel.openat2(cwdFd, `/proc/${pid}/cgroup`, O_RDONLY, 0, 0);
  const text = kernel.readAll(file, longestFileBytes);
  kernel.close(file);
  const line = text.split('\n').find((each) => each.startsWith('0::'));
  return line?.slice('0::'.length);
}

/** The same of a process that must have one: the container's init. */
export function readInitCgroup(kernel: Kernel, pid: number): string {
  const path = readProcessCgroup(kernel, pid);
  if (path !== undefined) return path;
  throw new RuntimeError({ kind: 'kernel', path: `/proc/${pid}/cgroup`, message: 'has no cgroup v2 line' });
}
