/**
 * Fills HostFacts with the fewest system calls that planning needs. The cgroup part is read by src/cgroup/read-cgroup-facts.ts
 * and passed in, because this folder knows nothing of cgroups. [man user_namespaces.7, proc.5]
 */
import { cwdFd } from './fd.ts';
import { O_RDONLY } from './flags.ts';
import type { CgroupFacts, HostFacts } from './host-facts.ts';
import type { Kernel } from './kernel.ts';
import { readLsmFacts } from './read-lsm-facts.ts';

/** The inode number of the initial user namespace: PROC_USER_INIT_INO of include/linux/proc_ns.h, fixed by the kernel. */
const PROC_USER_INIT_INO = 0xeffffffd;

/** withLsm: the security modules are asked for as well. */
export function readHostFacts(kernel: Kernel, cgroup: CgroupFacts, withLsm: boolean): HostFacts {
  return {
    euid: kernel.geteuid(),
    egid: kernel.getegid(),
    architecture: kernel.architecture,
    cgroup,
    bootId: readBootId(kernel),
    initialUserNamespace: isInitialUserNamespace(kernel),
    ...(withLsm ? { lsm: readLsmFacts(kernel) } : {}),
  };
}

/** The boot's identity, 36 characters: a state record of another boot is stale whatever its pids say. */
export function readBootId(kernel: Kernel): string {
  const file = kernel.openat2(cwdFd, '/proc/sys/kernel/random/boot_id', O_RDONLY, 0, 0);
  const text = kernel.readAll(file, 64);
  kernel.close(file);
  return text.trim();
}

/** By inode, never by an identity map in uid_map: some service managers give full identity maps to nested namespaces. */
export function isInitialUserNamespace(kernel: Kernel): boolean {
  return kernel.readlinkat(cwdFd, '/proc/self/ns/user') === `user:[${PROC_USER_INIT_INO}]`;
}
