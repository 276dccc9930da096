/**
 * (config.linux, id, cgroup manager) -> CgroupPlan: where the container's cgroup is, what is written into it, and its device
 * program. Pure: whether the host has the controllers is asked by apply-cgroup.ts, and only when a limit needs one.
 * [spec config-linux.md#control-groups]
 */
import type { CgroupManager } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Linux } from '../spec/generated/config-types.ts';
import type { CgroupPlan, CgroupWrite, ControllerNeed } from './cgroup-plan.ts';
import { checkCgroupResources } from './check-cgroup-resources.ts';
import { planCgroupLimits } from './plan-cgroup-limits.ts';
import { planCgroupPath } from './plan-cgroup-path.ts';
import { planDeviceFilter } from './plan-device-filter.ts';
import { planSystemdUnit, planWritesBesideSystemd, type SystemdFacts } from './plan-systemd-unit.ts';

export interface PlanCgroupInput {
  /** Already checked: a plain name. */
  readonly id: string;
  readonly linux: Linux | undefined;
  readonly manager: CgroupManager;
  /** manager 'systemd' only. */
  readonly systemd?: SystemdFacts | undefined;
  readonly annotations?: { readonly [key: string]: string } | undefined;
}

const noWrites: readonly CgroupWrite[] = [];
const noControllers: readonly ControllerNeed[] = [];

/** undefined with --cgroup-manager=disabled. Throws kind 'spec' with a pointer for what cannot be carried out. */
export function planCgroup(input: PlanCgroupInput): CgroupPlan | undefined {
  const { id, linux, manager } = input;
  const resources = linux?.resources;
  if (resources !== undefined) checkCgroupResources(resources);
  const limits = resources === undefined ? noWrites : planCgroupLimits(resources);
  if (manager === 'disabled') {
    refuseLimits(limits);
    return undefined;
  }
  if (input.systemd === undefined) return planFiles(planCgroupPath(linux?.cgroupsPath, id), linux, limits);
  const { unit, components } = planSystemdUnit({ id, linux, annotations: input.annotations, systemd: input.systemd });
  return { ...planFiles(components, linux, planWritesBesideSystemd(linux, limits)), unit };
}

function planFiles(
  components: readonly string[],
  linux: Linux | undefined,
  limits: readonly CgroupWrite[],
): CgroupPlan {
  return {
    path: `/${components.join('/')}`,
    components,
    controllers: limits.length === 0 ? noControllers : neededControllers(limits),
    writes: limits.length === 0 ? noWrites : limits.filter((write) => !refusesFirstProcess(write)),
    writesAfterClone: limits.length === 0 ? noWrites : limits.filter(refusesFirstProcess),
    deviceProgram: planDeviceFilter(linux?.resources?.devices),
  };
}

function refusesFirstProcess(write: CgroupWrite): boolean {
  return write.file === 'pids.max' && write.value === '0';
}

export function neededControllers(writes: readonly CgroupWrite[]): readonly ControllerNeed[] {
  const needs: ControllerNeed[] = [];
  for (const { controller, pointer, isDefault } of writes) {
    if (controller === undefined || isDefault === true) continue;
    if (!needs.some(({ name }) => name === controller)) needs.push({ name: controller, pointer });
  }
  return needs;
}

/**
 * Without a cgroup there is no limit. Device rules are accepted: every default config has them, and who asks for no cgroup
 * has asked for no device filter.
 */
function refuseLimits(limits: readonly CgroupWrite[]): void {
  const limit = limits.find(({ isDefault }) => isDefault !== true);
  if (limit === undefined) return;
  throw new RuntimeError({
    kind: 'spec',
    pointer: limit.pointer,
    message: 'a limit needs a cgroup, and --cgroup-manager=disabled makes none',
    hint: 'leave the limit out, or use --cgroup-manager=cgroupfs',
  });
}
