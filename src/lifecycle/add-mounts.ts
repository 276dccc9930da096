/**
 * mounts add, from the plan on: opens the sources on the host (an ordinary user's on the way into the container), attaches them
 * inside, and writes down what was mounted. All or nothing: what was attached before a failure is taken off again.
 */
import { assert } from '../base/assert.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Integer64, Kernel } from '../kernel/kernel.ts';
import { applyRootfsStep } from '../rootfs/apply-rootfs-step.ts';
import { mountsAbove, parseMountinfo } from '../rootfs/parse-mountinfo.ts';
import type { LateMountsPlan } from '../rootfs/plan-late-mounts.ts';
import { createRootfsState, type RootfsState } from '../rootfs/rootfs-state.ts';
import type { RootfsStep } from '../rootfs/rootfs-step.ts';
import { type MountRecord, mountIdentity, readMountRecords, writeMountRecords } from '../state/mount-records.ts';
import type { StateDirectory } from '../state/state-directory.ts';
import { type ContainerMounts, type EnteredContainer, enterMounts, hasUserNamespace } from './enter-mounts.ts';
import { openMountSources } from './open-mount-sources.ts';
import { detachRecorded } from './remove-mounts.ts';

export function addMounts(
  kernel: Kernel,
  container: StateDirectory,
  entered: EnteredContainer,
  plan: LateMountsPlan,
): void {
  const known = readMountRecords(kernel, container);
  const added: MountRecord[] = [];
  const open = (): RootfsState => createRootfsState(openMountSources(kernel, plan));
  // An ordinary user may copy a tree of the host only in a mount namespace of the container's user namespace. [man open_tree.2]
  const opensOnTheWay = kernel.geteuid() !== 0 && hasUserNamespace(entered.config);
  let state = opensOnTheWay ? undefined : open();
  const onTheWay = (): void => {
    state = open();
  };
  const attach = (mounts: ContainerMounts): void => {
    assert(state !== undefined, 'the sources were not opened');
    attachAll(kernel, plan.steps, state, mounts, added);
  };
  enterMounts(kernel, entered, attach, opensOnTheWay ? onTheWay : undefined);
  try {
    writeMountRecords(kernel, container, [...known, ...added]);
  } catch (error) {
    enterMounts(kernel, entered, (mounts) => detachRecorded(kernel, mounts, [...added].reverse()));
    throw error;
  }
}

/** In the container's mount namespace. */
function attachAll(
  kernel: Kernel,
  steps: readonly RootfsStep[],
  state: RootfsState,
  mounts: ContainerMounts,
  added: MountRecord[],
): void {
  state.root = mounts.root;
  state.rootMountId = kernel.fstat(mounts.root).mountId;
  const attached: Fd[] = [];
  try {
    for (const step of steps) {
      applyRootfsStep(kernel, step, state);
      if (step.kind !== 'mountBind' && step.kind !== 'mountFileSystem') continue;
      const mount = state.mounts.get(step.target.path);
      if (mount === undefined) continue;
      attached.push(mount);
      const stat = kernel.fstat(mount);
      added.push({ destination: step.target.path, identity: mountIdentity(stat) });
      if (step.kind === 'mountFileSystem' || !step.insideProc) refuseInProc(mounts, step.target.path, stat.mountId);
    }
  } catch (error) {
    for (const mount of attached.reverse()) mounts.detach(mount);
    throw error;
  }
}

/**
 * The container may have led the destination to a masked path, whose cover does not look like /proc. Asked afterwards, about the
 * mount itself: no path is looked up a second time. [CVE-2019-16884]
 */
function refuseInProc(mounts: ContainerMounts, path: string, mountId: Integer64): void {
  const above = mountsAbove(parseMountinfo(mounts.readMountinfo()), mountId);
  if (above.length > 0 && !above.slice(1).some(({ fsType }) => fsType === 'proc')) return;
  throw new RuntimeError({
    kind: 'spec',
    path,
    message: 'leads into /proc, where nothing may be mounted',
    hint: 'a component of the destination is a symbolic link in the container',
  });
}
