/**
 * Where somebody without power over the whole cgroup tree may make the cgroup of a container: beside the own cgroup, as runc
 * does, so that controllers can be given to it (a cgroup with processes cannot), else inside of the own one. A process may be
 * put there only if cgroup.procs of the nearest cgroup above both may be written, so that is asked too.
 * [man cgroups.7 "Cgroups v2 delegation"]
 */
import { orErrno } from '../base/runtime-error.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { AT_EACCESS, O_RDONLY, W_OK } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

const longestFileBytes = 65536;

/** The components of that cgroup's path from the root of the tree; undefined: there is none, or no tree. */
export function readDelegatedCgroup(kernel: Kernel, root: Fd<'cgroup'> | undefined): readonly string[] | undefined {
  if (root === undefined) return undefined;
  const own = readOwnCgroup(kernel);
  if (own === undefined) return undefined;
  const beside = own.slice(0, -1);
  if (isDelegated(kernel, root, beside)) return beside;
  return own.length > 0 && isDelegated(kernel, root, own) ? own : undefined;
}

/** undefined: not in the tree that we see ("/../.." from inside of a cgroup namespace). */
function readOwnCgroup(kernel: Kernel): readonly string[] | undefined {
  const file = kernel.openat2OrErrno(cwdFd, '/proc/self/cgroup', O_RDONLY, 0, 0);
  if (typeof file === 'string') return undefined;
  const text = orErrno(['EFBIG', 'EILSEQ'], () => kernel.readAll(file, longestFileBytes));
  kernel.close(file);
  if (typeof text !== 'string') return undefined;
  const line = text.split('\n').find((each) => each.startsWith('0::/'));
  if (line === undefined || line.endsWith(' (deleted)')) return undefined;
  const components = line
    .slice('0::'.length)
    .split('/')
    .filter((component) => component !== '');
  return components.includes('..') ? undefined : components;
}

function isDelegated(kernel: Kernel, root: Fd<'cgroup'>, components: readonly string[]): boolean {
  const path = components.length === 0 ? '.' : components.join('/');
  const isWritable = (each: string) => kernel.faccessat2(root, each, W_OK, AT_EACCESS) === undefined;
  return isWritable(path) && isWritable(`${path}/cgroup.procs`);
}
