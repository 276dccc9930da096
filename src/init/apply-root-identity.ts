/**
 * The child becomes root of its user namespace: until then it is nobody there, though it has all capabilities.
 * [order] groups before gid before uid, because only root may change groups. [man user_namespaces.7, setgroups.2]
 */
import { orErrno } from '../base/runtime-error.ts';
import { O_RDONLY, PR_SET_DUMPABLE, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { openProcessDirectory } from './open-procfs.ts';

/** Returns whether setgroups(2) is denied there; 'read': found out; 'keep': asked, the groups stay for the time being. */
export function applyRootIdentity(kernel: Kernel, setgroups: 'allow' | 'deny' | 'read' | 'keep'): boolean {
  const denied =
    setgroups === 'read' ? tryClearGroups(kernel) : setgroups === 'keep' ? isDenied(kernel) : setgroups === 'deny';
  if (setgroups === 'allow') kernel.setgroups([]);
  kernel.setresgid(0, 0, 0);
  kernel.setresuid(0, 0, 0);
  // A change of credentials sets the dumpable flag to the system's default: the copied heap must stay unreadable (risk D4).
  kernel.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return denied;
}

/** What newgidmap(1) has left: it denies setgroups where only the own group is mapped. The host's procfs, before the pivot. */
function isDenied(kernel: Kernel): boolean {
  const self = openProcessDirectory(kernel, 'self');
  const file = kernel.openat2(self, 'setgroups', O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
  const text = kernel.readAll(file, 64);
  kernel.close(file);
  kernel.close(self);
  return text.startsWith('deny');
}

/**
 * The call itself says it: /proc/self/setgroups is the container's file by now, and one that lies would leave the groups of the
 * runtime's caller to the process.
 */
function tryClearGroups(kernel: Kernel): boolean {
  return orErrno(['EPERM'], () => kernel.setgroups([])) !== undefined;
}
