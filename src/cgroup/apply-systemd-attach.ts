/**
 * The process of an `exec` into the cgroup of a unit of a user's manager, from outside of that manager's tree: who may write both
 * cgroups but not the nearest one above them may move nothing, so the manager is asked, which asks PID 1. As with
 * create, what systemd says is not taken for granted (rule B12). [org.freedesktop.systemd1.5 AttachProcessesToUnit]
 * [man cgroups.7 "Cgroups delegation containment rules"]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { attachToSystemdUnit } from './apply-systemd-unit.ts';
import type { CgroupIdentity } from './cgroup-identity.ts';
import { componentsBelow } from './plan-exec-cgroup.ts';
import { planUnitPlace } from './plan-unit-place.ts';
import { openCgroup } from './read-cgroup.ts';
import { readInitCgroup, readProcessCgroup } from './read-process-cgroup.ts';
import { checkPidNamespace, closeSystemd, runOpenSystemd, type SystemdSession } from './run-systemd-session.ts';
import type { SystemdUnitIdentity } from './systemd-unit.ts';

export interface AttachTarget {
  readonly unit: SystemdUnitIdentity;
  readonly identity: CgroupIdentity;
  /** The values of --cgroup. */
  readonly subPaths: readonly string[];
  readonly initPid: number;
}

/** isOptional: that it cannot be done is no error, and the process stays where it is. */
export function attachToUnit(
  kernel: Kernel,
  root: Fd<'cgroup'>,
  target: AttachTarget,
  { pid, isOptional }: { readonly pid: number; readonly isOptional: boolean },
): void {
  try {
    during("put the process into the container's cgroup", () => attach(kernel, root, target, pid));
  } catch (error) {
    if (!isOptional || !(error instanceof RuntimeError)) throw error;
  }
}

function attach(kernel: Kernel, root: Fd<'cgroup'>, target: AttachTarget, pid: number): void {
  const session = runOpenSystemd(kernel, target.unit.manager);
  try {
    checkPidNamespace(kernel, session);
    move(kernel, session, target, pid);
  } finally {
    closeSystemd(kernel, session);
  }
  checkPlace(kernel, root, target.identity, pid);
}

/** To the container's own cgroup; that one may hold no process any more (see clone-into-container.ts), but init's does. */
function move(kernel: Kernel, session: SystemdSession, { unit, identity, ...target }: AttachTarget, pid: number): void {
  const { subPaths, initPid } = target;
  const place = planUnitPlace(identity.path, unit.name).below;
  const below = [...place, ...componentsBelow(identity, { subPaths, initCgroup: undefined })];
  try {
    attachToSystemdUnit(kernel, session, unit.name, { below, pid });
  } catch (error) {
    const other = subPaths.length > 0 ? [] : initComponents(kernel, identity, initPid);
    if (other.length === 0) throw error;
    attachToSystemdUnit(kernel, session, unit.name, { below: [...place, ...other], pid });
  }
}

function initComponents(kernel: Kernel, identity: CgroupIdentity, initPid: number): readonly string[] {
  return componentsBelow(identity, { subPaths: [], initCgroup: readInitCgroup(kernel, initPid) });
}

/** Below the recorded cgroup, which is still that one: systemd knows it by its name only (rule B16). */
function checkPlace(kernel: Kernel, root: Fd<'cgroup'>, identity: CgroupIdentity, pid: number): void {
  const path = readProcessCgroup(kernel, pid);
  if (path !== identity.path && path?.startsWith(`${identity.path}/`) !== true) {
    throw new RuntimeError({
      kind: 'kernel',
      message: `systemd put the process into the cgroup ${path ?? '(none)'}, which is not the container's ${identity.path}`,
    });
  }
  const cgroup = openCgroup(kernel, root, identity);
  if (cgroup === undefined)
    throw new RuntimeError({ kind: 'state', message: 'container is stopping: its cgroup is gone' });
  kernel.close(cgroup);
}
