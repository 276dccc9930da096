/**
 * Where the process of `exec` goes: the container's cgroup, or one below it that --cgroup names. Never outside of the recorded
 * subtree, so that no process of the container escapes its limits; paths are compared by component, never as text, because a
 * sibling may begin with the same letters. [man clone3.2] CLONE_INTO_CGROUP
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CgroupIdentity } from './cgroup-identity.ts';
import { openDirectory } from './open-in-cgroup.ts';
import { openCgroup } from './read-cgroup.ts';

export interface ExecCgroupRequest {
  /** The values of --cgroup, at most one for cgroup v2. */
  readonly subPaths: readonly string[];
  /**
   * For the second attempt, after clone3 gave EBUSY (init made sub-cgroups with controllers, so the container's own cgroup may
   * hold no process any more): the "0::" path of /proc/<init>/cgroup. undefined at the first attempt.
   */
  readonly initCgroup: string | undefined;
}

/** The descriptor for clone3; the caller closes it. Throws kind 'state' when the container is on its way out. */
export function openExecCgroup(
  kernel: Kernel,
  root: Fd<'cgroup'>,
  identity: CgroupIdentity,
  request: ExecCgroupRequest,
): Fd<'cgroup'> {
  const own = openCgroup(kernel, root, identity);
  if (own === undefined)
    throw new RuntimeError({ kind: 'state', message: 'container is stopping: its cgroup is gone' });
  const below = componentsBelow(identity, request);
  if (below.length === 0) return own;
  const path = below.join('/');
  const opened = openDirectory(kernel, own, path);
  kernel.close(own);
  if (typeof opened !== 'string') return opened;
  throw new RuntimeError({
    kind: request.subPaths.length > 0 ? 'usage' : 'kernel',
    operation: "enter the container's cgroup",
    path: `${root.path}${identity.path}/${path}`,
    syscall: 'openat2',
    errno: opened,
  });
}

function componentsBelow(identity: CgroupIdentity, { subPaths, initCgroup }: ExecCgroupRequest): readonly string[] {
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
  const base = ours.split('/').filter((component) => component !== '');
  const path = inits.split('/').filter((component) => component !== '');
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
