/**
 * What of the host's the container is given once its file system stands: network devices, its class of service, a cgroup of its own. Done by the parent, which has the
 * power; the child waits (step awaitResources), so that no hook and no program runs without them.
 * [spec config-linux.md#network-devices]
 */
import { during } from '../base/runtime-error.ts';
import { applyCgroupOwner } from '../cgroup/apply-cgroup-owner.ts';
import { applyDelegatedCgroup } from '../cgroup/apply-delegated-cgroup.ts';
import { openProcessDirectory } from '../init/open-procfs.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_RDONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import {
  applyNetDevices,
  closeNetworkSides,
  type MovedDevice,
  type NetDeviceSides,
  openNetworkSides,
} from '../namespaces/apply-net-devices.ts';
import { applyNetDevicesBack } from '../namespaces/apply-net-devices-back.ts';
import type { NetDeviceMove } from '../namespaces/plan-net-devices.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';
import { applyResctrl, applyResctrlRemoval, applyResctrlTask } from '../resctrl/apply-resctrl.ts';
import { type ResctrlClaim, readResctrlClaim } from '../resctrl/read-resctrl-claim.ts';
import type { ResctrlIdentity } from '../resctrl/resctrl-plan.ts';
import type { StateRecord } from '../state/state-record.ts';
import { readOwner } from './setup-child.ts';
import type { UndoStack } from './undo-stack.ts';

export interface ResourceTarget {
  /** The child, which is in its network namespace, new or joined. */
  readonly pid: number;
  readonly resctrl: ResctrlIdentity | undefined;
  /** The container's. */
  readonly cgroup: Fd<'cgroup'> | undefined;
}

export function giveResources(
  kernel: Kernel,
  plan: ContainerPlan,
  { pid, resctrl, cgroup }: ResourceTarget,
  undo: UndoStack,
): void {
  if (resctrl !== undefined) applyResctrlTask(kernel, resctrl, pid);
  if (cgroup !== undefined) delegateCgroup(kernel, plan, pid, cgroup);
  giveNetDevices(kernel, plan, pid, undo, ({ all }) => all);
}

interface Wish {
  readonly sides: NetDeviceSides;
  readonly all: readonly NetDeviceMove[];
}

/**
 * pid: of a process in the container's network namespace. choose: which of the configuration's.
 * [order] undone before the child is killed. The descriptors stay open until create is committed: a child that fails by itself
 * would take its namespace along, and with it the devices in it.
 */
export function giveNetDevices(
  kernel: Kernel,
  plan: ContainerPlan,
  pid: number,
  undo: UndoStack,
  choose: (wish: Wish) => readonly NetDeviceMove[],
): void {
  const all = plan.netDevices;
  if (all === undefined) return;
  const sides = openSides(kernel, plan, pid);
  const moved: MovedDevice[] = [];
  undo.push(
    'move the network devices back',
    () => applyNetDevicesBack(kernel, sides, moved),
    () => closeNetworkSides(kernel, sides),
  );
  applyNetDevices(kernel, sides, choose({ sides, all }), moved);
}

/** [order] the child has made its cgroup namespace. What was made goes with the container's cgroup. */
function delegateCgroup(kernel: Kernel, plan: ContainerPlan, pid: number, cgroup: Fd<'cgroup'>): void {
  const delegate = plan.cgroup?.delegate;
  if (delegate === undefined) return;
  const own = applyDelegatedCgroup(kernel, cgroup, delegate.components, pid);
  const uid = readOwner(kernel, delegate.owner, pid);
  if (uid !== undefined) applyCgroupOwner(kernel, own, uid);
  kernel.close(own);
}

/** Where the class of service will be, for the journal; nothing is made yet. */
export function claimClass(kernel: Kernel, { resctrl }: ContainerPlan): ResctrlClaim | undefined {
  return resctrl === undefined
    ? undefined
    : during('find the class of service', () => readResctrlClaim(kernel, resctrl));
}

/** What the record says of it. Undone even when the second half of it fails. */
export function makeClass(
  kernel: Kernel,
  { resctrl }: ContainerPlan,
  claim: ResctrlClaim | undefined,
  undo: UndoStack,
): Pick<StateRecord, 'resctrl'> {
  if (resctrl === undefined || claim === undefined) return {};
  let known: ResctrlIdentity | undefined;
  const made = (identity: ResctrlIdentity): void =>
    undo.push('remove the class of service', () => applyResctrlRemoval(kernel, known ?? identity, true));
  const identity = applyResctrl(kernel, claim, resctrl, made);
  known = identity;
  kernel.close(claim.root);
  return { resctrl: identity };
}

function openSides(kernel: Kernel, { namespaces }: ContainerPlan, pid: number): NetDeviceSides {
  const directory = openProcessDirectory(kernel, pid);
  const isShared = namespaces.modes.network === 'join';
  const sides = openNetworkSides(kernel, kernel.openat2(directory, 'ns/net', O_RDONLY, 0, 0), isShared);
  kernel.close(directory);
  return sides;
}
