/**
 * The child becomes root of its user namespace: until then it is nobody there, though it has all capabilities.
 * [order] groups before gid before uid, because only root may change groups. [man user_namespaces.7, setgroups.2]
 */
import { cwdFd } from '../kernel/fd.ts';
import { O_RDONLY, PR_SET_DUMPABLE } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** Returns whether setgroups(2) is denied there. */
export function applyRootIdentity(kernel: Kernel, setgroups: 'allow' | 'deny' | 'read'): boolean {
  const denied = setgroups === 'read' ? readDenied(kernel) : setgroups === 'deny';
  if (!denied) kernel.setgroups([]);
  kernel.setresgid(0, 0, 0);
  kernel.setresuid(0, 0, 0);
  // A change of credentials sets the dumpable flag to the system's default: the copied heap must stay unreadable (risk D4).
  kernel.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return denied;
}

function readDenied(kernel: Kernel): boolean {
  const file = kernel.openat2(cwdFd, '/proc/self/setgroups', O_RDONLY, 0, 0);
  const text = kernel.readAll(file, 64);
  kernel.close(file);
  return text.startsWith('deny');
}
