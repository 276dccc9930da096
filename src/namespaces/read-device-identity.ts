/**
 * Which network device is meant, beyond its number and name, which whoever has CAP_NET_ADMIN in its namespace gives to a device
 * of his own: the inode of its directory in sysfs. A device keeps it when it is renamed or moved, and no other ever gets it.
 * Asked in a sysfs that shows one network namespace and that no path leads to. [man sysfs.5, network_namespaces.7, fsopen.2]
 */
import { orErrno } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { FSCONFIG_CMD_CREATE, FSMOUNT_CLOEXEC, FSOPEN_CLOEXEC } from '../kernel/flags.ts';
import type { Integer64, Kernel } from '../kernel/kernel.ts';

/** Of the network namespace that the process is in now. undefined: refused, as it is in most user namespaces. */
export function openNetworkSysfs(kernel: Kernel): Fd | undefined {
  const context = kernel.fsopen('sysfs', FSOPEN_CLOEXEC);
  const mount = orErrno(['EPERM'], () => {
    kernel.fsconfig(context, FSCONFIG_CMD_CREATE, null, null, undefined);
    return kernel.fsmount(context, FSMOUNT_CLOEXEC, 0);
  });
  kernel.close(context);
  return 'errno' in mount ? undefined : mount;
}

/** undefined: there is no device of that name, or no sysfs to ask. */
export function readDeviceIdentity(kernel: Kernel, sysfs: Fd | undefined, name: string): Integer64 | undefined {
  if (sysfs === undefined) return undefined;
  const stat = kernel.statxOrErrno(sysfs, `class/net/${name}`, 0);
  return typeof stat === 'string' ? undefined : stat.ino;
}
