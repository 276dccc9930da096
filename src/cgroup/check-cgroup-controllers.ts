/**
 * Does the v2 tree have the controllers that the plan's limits need? Pure: the caller reads cgroup.controllers of the root.
 * On a hybrid host a controller that is bound to a v1 hierarchy is missing here, and that is then the reason given.
 * [man cgroups.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { CgroupFacts } from '../kernel/host-facts.ts';
import type { ControllerNeed } from './cgroup-plan.ts';

/** available: the text of cgroup.controllers, names separated by spaces. */
export function checkCgroupControllers(needs: readonly ControllerNeed[], available: string, facts: CgroupFacts): void {
  const names = available.trim().split(' ');
  const missing = needs.find(({ name }) => !names.includes(name));
  if (missing === undefined) return;
  const reason = facts.hybrid
    ? 'is bound to cgroup v1 on this host, or is not in its kernel'
    : 'is not in the cgroup v2 tree of this host';
  throw new RuntimeError({
    kind: 'spec',
    pointer: missing.pointer,
    message: `cannot be applied: controller "${missing.name}" not available: it ${reason}`,
    hint: facts.hybrid
      ? 'boot with systemd.unified_cgroup_hierarchy=1, or leave the limit out'
      : 'leave the limit out, or use a kernel that has the controller (see cgroup.controllers of the root cgroup)',
  });
}
