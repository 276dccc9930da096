/**
 * What `update` tells systemd about a unit: the properties of what was asked for, and those that put it back. Pure.
 * [man systemd.resource-control.5]
 */
import type { Resources } from '../spec/generated/config-types.ts';
import { resourcesToWrite } from './plan-cgroup-update.ts';
import { planSystemdResources } from './plan-systemd-resources.ts';
import type { SystemdProperty } from './systemd-unit.ts';

export interface SystemdUpdatePlan {
  readonly properties: readonly SystemdProperty[];
  readonly restore: readonly SystemdProperty[];
}

/** before: what the container has; asked and merged: as planCgroupUpdate takes them. */
export function planSystemdUpdate(before: Resources, asked: Resources, merged: Resources): SystemdUpdatePlan {
  const asksMemory = asked.memory?.limit !== undefined || asked.unified?.['memory.max'] !== undefined;
  const properties = planSystemdResources(resourcesToWrite(asked, merged)).filter(
    ({ name }) => !isFixed(name) && (name !== 'MemoryMax' || asksMemory),
  );
  const old = new Map(planSystemdResources(before).map((property) => [property.name, property]));
  return { properties, restore: properties.map((property) => old.get(property.name) ?? unset(property)) };
}

/** `update` leaves device rules as they are; what is done when memory is short is decided once, when the unit is made. */
const isFixed = (name: string): boolean => name.startsWith('Device') || name === 'OOMPolicy';

/** systemd's own "not set": the largest number for limits and weights, none of it for guarantees, an empty mask. */
function unset(property: SystemdProperty): SystemdProperty {
  const { name, value } = property;
  if (value.signature === 'ay') return { ...property, value: { signature: 'ay', value: new Uint8Array(0) } };
  const isGuarantee = name === 'MemoryLow' || name === 'MemoryMin';
  return { ...property, value: { signature: 't', value: isGuarantee ? 0n : 0xffffffffffffffffn } };
}
