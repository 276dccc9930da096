/** The path of a container's cgroup, split at its unit's: what is below it systemd does not know (run.oci.systemd.subgroup). Pure. */

export interface UnitPlace {
  /** Of the unit's own cgroup, from the root of the v2 tree. */
  readonly unit: string;
  /** From there to the container's; none: it is the unit's own. */
  readonly below: readonly string[];
}

/** The first component with the name: no slice above is called as a unit below it, while cgroups below may be. */
export function planUnitPlace(path: string, name: string): UnitPlace {
  const components = path.split('/');
  const index = components.indexOf(name);
  if (index < 0) return { unit: path, below: [] };
  return { unit: components.slice(0, index + 1).join('/'), below: components.slice(index + 1) };
}
