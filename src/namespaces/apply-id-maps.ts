/**
 * The parent writes the child's id maps: the child itself has no power to map more than its own id.
 * Written through a descriptor of /proc/PID that was opened in a verified procfs, never by a path of the caller's.
 * [man user_namespaces.7]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_WRONLY, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { IdMapPlan } from './plan-id-maps.ts';

/** `processDirectory` is /proc/PID of the child. Maps that need a tool are left to it (lifecycle/run-mapping-tools.ts). */
export function applyIdMaps(kernel: Kernel, processDirectory: Fd<'proc'>, plan: IdMapPlan): void {
  during('map the user and group ids of the container', () => {
    // [order] setgroups before gid_map: without privilege the kernel refuses the map until setgroups is denied.
    if (plan.setgroups === 'deny') writeFile(kernel, processDirectory, 'setgroups', 'deny');
    if (plan.tools?.newgidmap === undefined) writeFile(kernel, processDirectory, 'gid_map', plan.gidMap);
    if (plan.tools?.newuidmap === undefined) writeFile(kernel, processDirectory, 'uid_map', plan.uidMap);
  });
}

function writeFile(kernel: Kernel, directory: Fd<'proc'>, name: string, text: string): void {
  const file = kernel.openat2(directory, name, O_WRONLY, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
  try {
    kernel.write(file, text);
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.fields.errno !== 'EPERM') throw error;
    throw error.with({ hint: 'each range must lie within one range of the user namespace that runt itself is in' });
  } finally {
    kernel.close(file);
  }
}
