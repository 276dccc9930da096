/**
 * The child becomes root of its user namespace: until then it is nobody there, though it has all capabilities.
 * [order] groups before gid before uid, because only root may change groups. [man user_namespaces.7, setgroups.2]
 */
import { orErrno } from '../base/runtime-error.ts';
import { PR_SET_DUMPABLE } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** Returns whether setgroups(2) is denied there; 'read': found out. */
export function applyRootIdentity(kernel: Kernel, setgroups: 'allow' | 'deny' | 'read'): boolean {
  const denied = setgroups === 'read' ? tryClearGroups(kernel) : setgroups === 'deny';
  if (setgroups === 'allow') kernel.setgroups([]);
  kernel.setresgid(0, 0, 0);
  kernel.setresuid(0, 0, 0);
  // A change of credentials sets the dumpable flag to the system's default: the copied heap must stay unreadable (risk D4).
  kernel.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return denied;
}

/**
 * The call itself says it: /proc/self/setgroups is the container's file by now, and one that lies would leave the groups of the
 * runtime's caller to the process.
 */
function tryClearGroups(kernel: Kernel): boolean {
  return orErrno(['EPERM'], () => kernel.setgroups([])) !== undefined;
}
