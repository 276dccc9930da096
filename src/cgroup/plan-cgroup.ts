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
import { planSubgroup } from './plan-cgroup-annotations.ts';
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
  /** undefined: the whole tree is ours to use (--rootless=false). */
  readonly rootless?: RootlessCgroups | undefined;
}

/** What --rootless means for cgroups: what is not permitted is left out, unless it was asked for by name. */
export interface RootlessCgroups {
  /** From the root of the tree: where cgroups may be made (read-delegated-cgroup.ts); undefined: nowhere. */
  readonly delegated: readonly string[] | undefined;
  /** Device programs may be loaded; else the rules are left out, as by every runtime: mknod(2) is refused there anyway. */
  readonly filtersDevices: boolean;
}

const noWrites: readonly CgroupWrite[] = [];
const noControllers: readonly ControllerNeed[] = [];

/** undefined: no cgroup (disabled, or rootless and nowhere to make one). Throws kind 'spec' with a pointer for what cannot be carried out. */
export function planCgroup(input: PlanCgroupInput): CgroupPlan | undefined {
  const { id, linux, manager, rootless } = input;
  const resources = linux?.resources;
  if (resources !== undefined) checkCgroupResources(resources);
  const limits = resources === undefined ? noWrites : planCgroupLimits(resources);
  if (manager === 'disabled') {
    refuseLimits(limits, disabled);
    return undefined;
  }
  const filtersDevices = rootless?.filtersDevices !== false;
  if (input.systemd === undefined) {
    // An empty path asks for none, as for runc and for systemd's form; it must never mean the root.
    const cgroupsPath = linux?.cgroupsPath || undefined;
    if (rootless !== undefined && rootless.delegated === undefined && cgroupsPath === undefined) {
      refuseLimits(limits, notPermitted);
      return undefined;
    }
    return planFiles(planCgroupPath(cgroupsPath, id, rootless?.delegated), linux, limits, filtersDevices);
  }
  const { unit, components } = planSystemdUnit({ id, linux, annotations: input.annotations, systemd: input.systemd });
  const below = planSubgroup(input.annotations);
  // Of a cgroup below the unit systemd knows nothing.
  if (below.length > 0) {
    return { ...planFiles([...components, ...below], linux, limits, filtersDevices), unit, belowUnit: below.length };
  }
  return { ...planFiles(components, linux, planWritesBesideSystemd(linux, limits), filtersDevices), unit };
}

function planFiles(
  components: readonly string[],
  linux: Linux | undefined,
  limits: readonly CgroupWrite[],
  filtersDevices: boolean,
): CgroupPlan {
  return {
    path: `/${components.join('/')}`,
    components,
    controllers: limits.length === 0 ? noControllers : neededControllers(limits),
    writes: limits.length === 0 ? noWrites : limits.filter((write) => !refusesFirstProcess(write)),
    writesAfterClone: limits.length === 0 ? noWrites : limits.filter(refusesFirstProcess),
    deviceProgram: filtersDevices ? planDeviceFilter(linux?.resources?.devices) : undefined,
  };
}

/** Whether anything is asked for that a process outside of the container's cgroup would escape. */
export function asksForLimits(linux: Linux | undefined): boolean {
  const resources = linux?.resources;
  return resources !== undefined && planCgroupLimits(resources).some(({ isDefault }) => isDefault !== true);
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
function refuseLimits(limits: readonly CgroupWrite[], why: { readonly message: string; readonly hint: string }): void {
  const limit = limits.find(({ isDefault }) => isDefault !== true);
  if (limit === undefined) return;
  throw new RuntimeError({ kind: 'spec', pointer: limit.pointer, ...why });
}

const disabled = {
  message: 'a limit needs a cgroup, and --cgroup-manager=disabled makes none',
  hint: 'leave the limit out, or use --cgroup-manager=cgroupfs',
};
/** The first words are runc's. */
const notPermitted = {
  message:
    'rootless needs no limits + no cgrouppath when no permission is granted for cgroups: neither the own cgroup nor the one above it may be written',
  hint: 'leave the limit out, or run in a delegated cgroup: systemd-run --user --scope -p Delegate=yes runt ...',
};
