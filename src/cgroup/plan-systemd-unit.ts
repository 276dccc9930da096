/**
 * (config, id, manager) -> the unit that systemd is asked for: its name, its slice and its properties, as runc asks for them.
 * Pure. [man systemd.scope.5] [spec config-linux.md#cgroups-path]
 */
import type { Linux } from '../spec/generated/config-types.ts';
import type { CgroupPlan, CgroupWrite } from './cgroup-plan.ts';
import type { DbusValue } from './dbus-message.ts';
import { componentsOf } from './plan-cgroup-path.ts';
import { cpuMax } from './plan-cgroup-values.ts';
import { planSystemdAnnotations } from './plan-systemd-annotations.ts';
import { planSystemdPath } from './plan-systemd-path.ts';
import { planSystemdResources, roundedQuota } from './plan-systemd-resources.ts';
import type { SystemdManager, SystemdProperty, SystemdUnitPlan } from './systemd-unit.ts';

export interface PlanSystemdUnitInput {
  readonly id: string;
  readonly linux: Linux | undefined;
  readonly annotations: { readonly [key: string]: string } | undefined;
  readonly systemd: SystemdFacts;
}

export interface SystemdFacts {
  readonly manager: SystemdManager;
  /** The manager's own cgroup, from the root of the v2 tree: "" for PID 1 of the host, "/user.slice/.../user@1000.service". */
  readonly controlGroup: string;
}

export interface PlannedUnit {
  readonly unit: SystemdUnitPlan;
  readonly components: CgroupPlan['components'];
}

export function planSystemdUnit({ id, linux, annotations, systemd }: PlanSystemdUnitInput): PlannedUnit {
  const { manager, controlGroup } = systemd;
  const path = planSystemdPath(linux?.cgroupsPath, id, manager);
  const above = componentsOf(controlGroup);
  return {
    unit: {
      name: path.unit,
      isSlice: path.isSlice,
      slice: path.slice,
      manager,
      properties: [
        property('Description', 's', `container ${id}`),
        ...(path.isSlice ? sliceProperties(path.slice) : scopeProperties(path.slice)),
        ...sharedProperties,
        ...planSystemdResources(linux?.resources ?? {}),
        // [order] last: systemd takes the last word about each.
        ...planSystemdAnnotations(annotations),
      ],
    },
    components: [...above, ...path.components],
  };
}

/** A slice's parent follows from its name; runc names the given one as a wish. */
const sliceProperties = (slice: string): readonly SystemdProperty[] => [property('Wants', 'as', [slice])];

/** Delegated: below the scope the container is the master, systemd keeps off. */
const scopeProperties = (slice: string): readonly SystemdProperty[] => [
  property('Slice', 's', slice),
  property('Delegate', 'b', true),
];

/** No default dependencies: the container does not end at the beginning of a shutdown, but when its engine wants it. */
const sharedProperties: readonly SystemdProperty[] = [
  property('MemoryAccounting', 'b', true),
  property('CPUAccounting', 'b', true),
  property('IOAccounting', 'b', true),
  property('TasksAccounting', 'b', true),
  property('DefaultDependencies', 'b', false),
];

function property(name: string, signature: string, value: DbusValue): SystemdProperty {
  return { name, value: { signature, value } };
}

/**
 * The files after systemd has written its own: the quota as systemd rounds it, and no weight where systemd has made the
 * cgroup idle already, because an idle cgroup refuses one.
 */
export function planWritesBesideSystemd(
  linux: Linux | undefined,
  writes: readonly CgroupWrite[],
): readonly CgroupWrite[] {
  const isIdle = writes.some(({ file, value }) => file === 'cpu.idle' && value.trim() === '1');
  const { quota, period } = linux?.resources?.cpu ?? {};
  const rounded = roundedQuota(quota, period);
  return writes
    .filter(({ file }) => !(isIdle && file === 'cpu.weight'))
    .map((write) => {
      const isQuota = rounded !== undefined && write.file === 'cpu.max' && write.pointer.startsWith(quotaPointer);
      return isQuota ? { ...write, value: cpuMax(rounded, period ?? 0) } : write;
    });
}

const quotaPointer = '/linux/resources/cpu/';
