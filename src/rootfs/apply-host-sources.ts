/**
 * The parent's share: trees that the child could not open itself once it is in its user namespace, and those whose ids are
 * mapped. They are detached copies, made in the host's mount namespace, and reach the child by inheritance.
 * [order] before clone3, and after the cgroup exists, whose directory may be among them. [man open_tree.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { openHostTree } from './apply-attach.ts';
import { requireDevice } from './apply-device.ts';
import { applyMountIdMap } from './apply-mount-id-map.ts';
import type { HostSource, MountUserNamespace, RootfsPlan } from './rootfs-step.ts';

/** A user namespace with these maps; it stays open for the next who asks. */
export type OpenUserNamespace = (userNamespace: MountUserNamespace) => Fd;

/** In the order of plan.hostSources; goes to createRootfsState in the child, and is closed by the parent after clone3. */
export function openHostSources(
  kernel: Kernel,
  plan: Pick<RootfsPlan, 'hostSources'>,
  openUserNamespace: OpenUserNamespace,
): readonly Fd<'root'>[] {
  return plan.hostSources.map((source) => openOne(kernel, source, openUserNamespace));
}

function openOne(kernel: Kernel, source: HostSource, openUserNamespace: OpenUserNamespace): Fd<'root'> {
  try {
    const tree = openHostTree(kernel, source.hostPath, source.recursive, source.keepLink);
    if (source.device !== undefined) requireDevice(kernel, tree, source.device);
    const { idMap } = source;
    if (idMap !== undefined) applyMountIdMap(kernel, tree, source, openUserNamespace(idMap.userNamespace));
    return tree;
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const operation = `open ${source.hostPath} for the container`;
    const located = source.pointer === undefined ? error : error.with({ pointer: source.pointer });
    throw located.within(operation);
  }
}
