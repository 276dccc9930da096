/**
 * Where the process of `exec` goes: the container's cgroup, or one below it that --cgroup names. Never outside of the recorded
 * subtree, so that no process of the container escapes its limits; paths are compared by component, never as text, because a
 * sibling may begin with the same letters. Pure.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { CgroupIdentity } from './cgroup-identity.ts';
import { componentsOf } from './plan-cgroup-path.ts';

export interface ExecCgroupRequest {
  /** The values of --cgroup, at most one for cgroup v2. */
  readonly subPaths: readonly string[];
  /**
   * For the second attempt, after clone3 gave EBUSY (init made sub-cgroups with controllers, so the container's own cgroup may
   * hold no process any more): the "0::" path of /proc/<init>/cgroup. undefined at the first attempt.
   */
  readonly initCgroup: string | undefined;
}

/** Of the cgroup that is asked for, below the container's own; none: that one itself. */
export function componentsBelow(
  identity: CgroupIdentity,
  { subPaths, initCgroup }: ExecCgroupRequest,
): readonly string[] {
  if (subPaths.length > 0) return parseSubPath(subPaths);
  return initCgroup === undefined ? [] : relativeComponents(identity.path, initCgroup);
}

/** --cgroup PATH; runc's form CONTROLLER:PATH is for cgroup v1. */
function parseSubPath(subPaths: readonly string[]): readonly string[] {
  const [subPath] = subPaths;
  if (subPaths.length !== 1 || subPath === undefined) {
    throw usage('--cgroup can be given once: cgroup v2 has one tree for all controllers');
  }
  const components: string[] = [];
  for (const component of subPath.split('/')) {
    if (component === '' || component === '.') continue;
    if (component === '..') throw usage(`--cgroup "${subPath}" leads out of the container's cgroup`);
    components.push(component);
  }
  if (subPath.includes('\n')) throw usage('--cgroup with a newline');
  if (components.length > 0 && (components[0] as string).includes(':')) {
    throw usage(`--cgroup "${subPath}": the form CONTROLLER:PATH is for cgroup v1`);
  }
  return components;
}

/** Both from the root of the v2 tree. */
function relativeComponents(ours: string, inits: string): readonly string[] {
  const base = componentsOf(ours);
  const path = componentsOf(inits);
  if (!base.every((component, index) => path[index] === component) || path.includes('..')) {
    throw new RuntimeError({
      kind: 'state',
      message: `init of the container is in the cgroup ${inits}, outside of the container's own ${ours}`,
      hint: 'exec puts processes only where the limits of the container hold',
    });
  }
  return path.slice(base.length);
}

function usage(message: string): RuntimeError {
  return new RuntimeError({ kind: 'usage', message });
}
