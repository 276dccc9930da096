/**
 * create with systemd's cgroups. systemd makes a scope only around a process, so here the child is made first, outside of it,
 * and waits (step awaitParent) until systemd has moved it, the limits are in force and the record is on disk: nothing of the
 * container runs before. With runt's own cgroups it is the other way round, the child is born in its cgroup.
 * [man systemd.scope.5]
 */
import { assert } from '../base/assert.ts';
import type { AppliedCgroup } from '../cgroup/apply-cgroup.ts';
import {
  applySystemdCgroup,
  type UnitCgroupPlan,
  type UnitProgress,
  undoSystemdCgroup,
} from '../cgroup/apply-systemd-cgroup.ts';
import type { CgroupPlan } from '../cgroup/cgroup-plan.ts';
import { closeSystemd } from '../cgroup/run-systemd-session.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { PreparedContainer } from './prepare-container.ts';
import type { UndoStack } from './undo-stack.ts';

export interface PreparedUnit {
  /** pid: of the child that waits. The descriptor is the caller's to close. */
  readonly enter: (pid: number) => AppliedCgroup;
}

export function hasUnit(plan: CgroupPlan): plan is UnitCgroupPlan {
  return plan.unit !== undefined;
}

/** undefined: not systemd's. [order] its undo lies below that of the child, which is ended first: systemd stops no live one at once. */
export function prepareUnit(
  kernel: Kernel,
  { plan, cgroupTree, systemd }: PreparedContainer,
  undo: UndoStack,
): PreparedUnit | undefined {
  const { root, facts } = cgroupTree;
  const { cgroup } = plan;
  if (cgroup === undefined || !hasUnit(cgroup)) return undefined;
  assert(root !== undefined && systemd !== undefined, 'a unit without a cgroup tree or systemd');
  const progress: UnitProgress = { accepted: false, cgroup: undefined };
  const { name } = cgroup.unit;
  undo.push(`stop the systemd unit ${name}`, () => undoSystemdCgroup(kernel, root, systemd.manager, name, progress));
  return {
    enter: (pid) => {
      const applied = applySystemdCgroup(kernel, { root, facts }, systemd, cgroup, { pid, progress });
      closeSystemd(kernel, systemd);
      return applied;
    },
  };
}
