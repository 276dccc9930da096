/**
 * The container's cgroup as a unit of systemd: systemd makes it with the container's first process in it, which waits
 * meanwhile; then it is opened, and what systemd has no property for is written to its files as without systemd.
 * What systemd says is not taken for granted: the kernel is asked in which cgroup the process is (rule B12).
 * [man systemd.scope.5] [spec config-linux.md#control-groups]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { AT_SYMLINK_NOFOLLOW } from '../kernel/flags.ts';
import type { CgroupFacts } from '../kernel/host-facts.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type AppliedCgroup, checkHostControllers } from './apply-cgroup.ts';
import { applyCgroupKill, waitCgroupEmpty } from './apply-cgroup-kill.ts';
import { applyCgroupOwner } from './apply-cgroup-owner.ts';
import { applyCgroupRemoval } from './apply-cgroup-removal.ts';
import { applyCgroupWrites } from './apply-cgroup-writes.ts';
import { applyAvailableControllers, applyControllers } from './apply-controllers.ts';
import { makeBelow } from './apply-delegated-cgroup.ts';
import { applyDeviceFilter } from './apply-device-filter.ts';
import { findSystemdRun, startSystemdUnit, stopSystemdRun } from './apply-systemd-unit.ts';
import type { CgroupIdentity } from './cgroup-identity.ts';
import type { CgroupPlan, ControllerNeed } from './cgroup-plan.ts';
import { openDirectory, readFile, writeFile } from './open-in-cgroup.ts';
import { planUnitPlace } from './plan-unit-place.ts';
import type { CgroupClaim } from './read-cgroup-claim.ts';
import { readProcessCgroup } from './read-process-cgroup.ts';
import { setDbusDeadline } from './run-dbus-connection.ts';
import { closeSystemd, runOpenSystemd, type SystemdSession, systemdPatienceMs } from './run-systemd-session.ts';
import type { SystemdManager, SystemdUnitIdentity, SystemdUnitPlan } from './systemd-unit.ts';

export type UnitCgroupPlan = CgroupPlan & { readonly unit: SystemdUnitPlan };

/** How far it came, for the undo. */
export interface UnitProgress {
  /** systemd has taken the unit as ours. */
  accepted: boolean;
  cgroup: AppliedCgroup | undefined;
}

/** Where systemd will make it. It must not be there yet: whoever has it is somebody else (rule B16). */
export function readUnitClaim(kernel: Kernel, root: Fd<'cgroup'>, plan: UnitCgroupPlan): CgroupClaim {
  const path = `/${unitComponents(plan).join('/')}`;
  const stat = kernel.statxOrErrno(root, path.slice(1), AT_SYMLINK_NOFOLLOW);
  if (typeof stat !== 'string') {
    throw new RuntimeError({
      kind: 'state',
      operation: 'create the cgroup',
      path: `${root.path}${path}`,
      message: `there is a systemd unit ${plan.unit.name} already, or the rest of one`,
      hint: 'give the container another cgroupsPath, or stop that unit',
    });
  }
  return { identity: { path, inode: 0, createdParents: [] } };
}

function unitComponents({ components, belowUnit = 0 }: CgroupPlan): readonly string[] {
  return belowUnit === 0 ? components : components.slice(0, -belowUnit);
}

/** pid: a process that waits until this returns. progress tells the undo what is there, also when this throws. */
export function applySystemdCgroup(
  kernel: Kernel,
  { root, facts }: { readonly root: Fd<'cgroup'>; readonly facts: CgroupFacts },
  session: SystemdSession,
  plan: UnitCgroupPlan,
  { pid, progress }: { readonly pid: number; readonly progress: UnitProgress },
): AppliedCgroup {
  return during('create the cgroup', () => {
    checkHostControllers(kernel, root, facts, plan);
    setDbusDeadline(kernel, session.connection, systemdPatienceMs);
    startSystemdUnit(kernel, session, plan.unit, {
      pid,
      onAccepted: () => {
        progress.accepted = true;
      },
    });
    const unit = openUnitCgroup(kernel, root, plan);
    const path = `/${unitComponents(plan).join('/')}`;
    const identity: CgroupIdentity = { path, inode: Number(kernel.fstat(unit).ino), createdParents: [] };
    progress.cgroup = { fd: unit, identity };
    if (plan.unit.isSlice) enterCgroup(kernel, unit, pid);
    checkPlace(kernel, path, pid);
    if (plan.belowUnit !== undefined) progress.cgroup = enterBelow(kernel, progress.cgroup, plan, pid);
    const { fd } = progress.cgroup;
    applyCgroupWrites(kernel, fd, plan.writes, false);
    if (plan.deviceProgram !== undefined) applyDeviceFilter(kernel, fd, plan.deviceProgram, false);
    if (plan.owner?.kind === 'uid') applyCgroupOwner(kernel, fd, plan.owner.uid);
    return progress.cgroup;
  });
}

/** run.oci.systemd.subgroup: the process goes on into a cgroup below the unit's. The unit's own is closed. */
function enterBelow(kernel: Kernel, unit: AppliedCgroup, plan: UnitCgroupPlan, pid: number): AppliedCgroup {
  const names = plan.components.slice(-(plan.belowUnit ?? 0));
  const levels = makeBelow(kernel, unit.fd, names);
  const target = levels[levels.length - 1] as Fd<'cgroup'>;
  enterCgroup(kernel, target, pid);
  const above = [unit.fd, ...levels.slice(0, -1)];
  // [order] a cgroup with processes of its own gives no controllers to its children.
  for (const level of above) {
    applyControllers(kernel, level, plan.controllers);
    applyAvailableControllers(kernel, level);
  }
  checkPlace(kernel, plan.path, pid);
  for (const level of above) kernel.close(level);
  // Deepest first. The unit's own is systemd's to remove.
  const between = names.slice(1).map((_, index) => names.slice(0, index + 1));
  const createdParents = between.map((each) => [unit.identity.path, ...each].join('/')).reverse();
  return { fd: target, identity: { path: plan.path, inode: Number(kernel.fstat(target).ino), createdParents } };
}

/** With the controllers of the plan's files: systemd gives those that it knows, as far as it was told and is allowed to. */
function openUnitCgroup(kernel: Kernel, root: Fd<'cgroup'>, plan: UnitCgroupPlan): Fd<'cgroup'> {
  const path = unitComponents(plan).join('/');
  const cgroup = openDirectory(kernel, root, path);
  if (typeof cgroup === 'string') throw notThere(`${root.path}/${path}`, plan.unit.name, cgroup);
  try {
    const available = plan.controllers.length === 0 ? '' : readFile(kernel, cgroup, 'cgroup.controllers');
    const names = typeof available === 'string' ? [] : available.text.trim().split(' ');
    const missing = plan.controllers.filter(({ name }) => !names.includes(name));
    if (missing.length > 0) enableAbove(kernel, root, plan, missing);
    return cgroup;
  } catch (error) {
    kernel.close(cgroup);
    throw error;
  }
}

/** Those that systemd does not know (hugetlb, rdma, misc), on each level from the root down. */
function enableAbove(
  kernel: Kernel,
  root: Fd<'cgroup'>,
  plan: UnitCgroupPlan,
  missing: readonly ControllerNeed[],
): void {
  applyControllers(kernel, root, missing);
  const components = unitComponents(plan);
  for (let length = 1; length < components.length; length += 1) {
    const path = components.slice(0, length).join('/');
    const parent = openDirectory(kernel, root, path);
    if (typeof parent === 'string') throw notThere(`${root.path}/${path}`, plan.unit.name, parent);
    try {
      applyControllers(kernel, parent, missing);
    } finally {
      kernel.close(parent);
    }
  }
}

function notThere(path: string, unit: string, errno: string): RuntimeError {
  return new RuntimeError({
    kind: 'kernel',
    path,
    syscall: 'openat2',
    errno,
    hint: `systemd says that ${unit} runs, but its cgroup is not there: is this the cgroup tree of that systemd?`,
  });
}

/** systemd puts no process into a slice, nor below a unit's cgroup. */
function enterCgroup(kernel: Kernel, cgroup: Fd<'cgroup'>, pid: number): void {
  const errno = writeFile(kernel, cgroup, 'cgroup.procs', String(pid));
  if (errno === undefined) return;
  throw new RuntimeError({ kind: 'kernel', path: `${cgroup.path}/cgroup.procs`, syscall: 'openat2', errno });
}

function checkPlace(kernel: Kernel, expected: string, pid: number): void {
  const path = readProcessCgroup(kernel, pid);
  if (path === expected) return;
  throw new RuntimeError({
    kind: 'kernel',
    message: `systemd put the container into the cgroup ${path ?? '(none)'} instead of ${expected}`,
    hint: 'is runt in another cgroup or pid namespace than that systemd?',
  });
}

/** How long the undo of a create may take: a bus that was stuck before is still stuck. */
const undoPatienceMs = 5000;

/** The undo: the first process has been ended; what it left in the cgroup is ended here, then the unit goes. */
export function undoSystemdCgroup(
  kernel: Kernel,
  root: Fd<'cgroup'>,
  manager: SystemdManager,
  unit: string,
  progress: UnitProgress,
): void {
  if (!progress.accepted) return;
  const { cgroup } = progress;
  if (cgroup?.fd.isOpen === true) {
    applyCgroupKill(kernel, cgroup.fd);
    waitCgroupEmpty(kernel, cgroup.fd, undoPatienceMs);
    kernel.close(cgroup.fd);
  }
  const isForeign = () => cgroup !== undefined && isReplaced(kernel, root, cgroup.identity, unit);
  stopUnlessForeign(kernel, { name: unit, manager }, undoPatienceMs, isForeign);
  if (cgroup !== undefined) applyCgroupRemoval(kernel, root, cgroup.identity, undoPatienceMs);
}

export interface RecordedUnit {
  readonly unit: SystemdUnitIdentity;
  readonly cgroup: CgroupIdentity;
}

/**
 * For delete, after the processes were ended. A unit is known to systemd by its name only, so its cgroup says whose it is (rule
 * B16): with another inode the name is somebody else's by now, and it stays. A killed create may not have come to its unit
 * (inode 0): one that still has processes after timeoutMs is somebody else's too. Returns why systemd could not be asked.
 */
export function stopRecordedUnit(
  kernel: Kernel,
  root: Fd<'cgroup'>,
  { unit, cgroup }: RecordedUnit,
  timeoutMs: number,
): string | undefined {
  const isForeign = () =>
    cgroup.inode === 0
      ? !waitPathEmpty(kernel, root, cgroup.path, timeoutMs)
      : isReplaced(kernel, root, cgroup, unit.name);
  try {
    stopUnlessForeign(kernel, unit, systemdPatienceMs, isForeign);
    return undefined;
  } catch (error) {
    if (error instanceof RuntimeError) return error.message;
    throw error;
  }
}

/**
 * Gone is not replaced: systemd removes the cgroup of an empty unit, and remembers one that failed. But a unit whose cgroup is
 * there without ours below it is another's: nothing removes ours before its unit.
 */
function isReplaced(kernel: Kernel, root: Fd<'cgroup'>, { path, inode }: CgroupIdentity, name: string): boolean {
  const stat = kernel.statxOrErrno(root, path.slice(1), AT_SYMLINK_NOFOLLOW);
  if (typeof stat !== 'string') return Number(stat.ino) !== inode;
  const { unit, below } = planUnitPlace(path, name);
  return below.length > 0 && typeof kernel.statxOrErrno(root, unit.slice(1), AT_SYMLINK_NOFOLLOW) !== 'string';
}

function waitPathEmpty(kernel: Kernel, root: Fd<'cgroup'>, path: string, timeoutMs: number): boolean {
  const cgroup = openDirectory(kernel, root, path.slice(1));
  if (typeof cgroup === 'string') return true;
  const isEmpty = waitCgroupEmpty(kernel, cgroup, timeoutMs);
  kernel.close(cgroup);
  return isEmpty;
}

/**
 * On a connection of its own: what was in the middle of an answer cannot be used again.
 * [order] which run of the unit the name means now before whose cgroup it has: what is stopped is that run, and never one that
 * gets the name afterwards.
 */
function stopUnlessForeign(
  kernel: Kernel,
  { name, manager }: SystemdUnitIdentity,
  timeoutMs: number,
  isForeign: () => boolean,
): void {
  const session = runOpenSystemd(kernel, manager, timeoutMs);
  try {
    const run = findSystemdRun(kernel, session, name);
    if (run !== undefined && !isForeign()) stopSystemdRun(kernel, session, name, run);
  } finally {
    closeSystemd(kernel, session);
  }
}
