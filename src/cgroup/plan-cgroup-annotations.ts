/**
 * crun's annotations about cgroups below the container's, as components of a path. `features` lists them as ones that an engine
 * should not take from an image. Pure. [man crun.1]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Config, IdMapping } from '../spec/generated/config-types.ts';
import type { CgroupOwner } from './cgroup-plan.ts';
import { hostIdOf } from './plan-cgroup-owner.ts';
import { componentsOf } from './plan-cgroup-path.ts';

type Annotations = { readonly [key: string]: string } | undefined;

/** systemd's cgroups only: the container is not in the unit's cgroup but in this one below it, and its limits are in both. */
export const subgroupAnnotation = 'run.oci.systemd.subgroup';
/** The first process is in this one below the container's cgroup, in which there are no limits: it is the container's own. */
export const delegateAnnotation = 'run.oci.delegate-cgroup';

const NAME_MAX = 255;
const nothing: readonly string[] = [];

/** Empty: none. */
export function planSubgroup(annotations: Annotations): readonly string[] {
  return planBelow(annotations, subgroupAnnotation);
}

export function planDelegate(annotations: Annotations): readonly string[] {
  return planBelow(annotations, delegateAnnotation);
}

/** Who gets it: the container's root, where that is somebody else than the runtime. undefined: it stays the runtime's. */
export function planDelegateOwner(
  { linux }: Config,
  userNamespace: 'host' | 'new' | 'join',
  euid: number,
): CgroupOwner | undefined {
  if (euid !== 0 || userNamespace === 'host') return undefined;
  if (userNamespace === 'join') return { kind: 'mapped', containerUid: 0 };
  const mappings: readonly IdMapping[] = linux?.uidMappings ?? [];
  const uid = hostIdOf(mappings, 0);
  return uid === undefined || uid === euid ? undefined : { kind: 'uid', uid };
}

function planBelow(annotations: Annotations, name: string): readonly string[] {
  const text = annotations?.[name];
  if (text === undefined) return nothing;
  const components = componentsOf(text);
  const isFaulty = (component: string): boolean =>
    component === '.' || component === '..' || component.length > NAME_MAX || /[\n\0]/.test(component);
  const faulty = components.find(isFaulty);
  if (faulty === undefined) return components;
  throw new RuntimeError({
    kind: 'spec',
    pointer: `/annotations/${name}`,
    message: `${JSON.stringify(faulty.slice(0, 40))} is no name of a cgroup`,
    hint: "a path below the container's cgroup is wanted, without . and .., such as payload",
  });
}

/** [rule B12] what needs a cgroup is not left out where there is none. */
export function refuseDelegate(): RuntimeError {
  return new RuntimeError({
    kind: 'spec',
    pointer: `/annotations/${delegateAnnotation}`,
    message: 'the container has no cgroup in which one could be delegated to it',
    hint: 'leave the annotation out, or run where a cgroup can be made: as root, or in a delegated cgroup',
  });
}
