/**
 * Finds the v2 tree and opens its root: /sys/fs/cgroup itself on a unified host, /sys/fs/cgroup/unified beside the v1
 * hierarchies on a hybrid one. Decided by the file system's magic number, never by a directory being there. [man cgroups.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { CGROUP2_SUPER_MAGIC } from '../kernel/flags.ts';
import type { CgroupFacts } from '../kernel/host-facts.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { openMountPoint } from './open-in-cgroup.ts';

export interface CgroupTree {
  readonly facts: CgroupFacts;
  /** The root of the v2 tree; undefined when there is none. The caller closes it. */
  readonly root: Fd<'cgroup'> | undefined;
}

const MOUNT_POINT = '/sys/fs/cgroup';
const HYBRID_NAME = 'unified';

const noTree: CgroupTree = { facts: { mountPoint: undefined, hybrid: false }, root: undefined };

/** Two system calls on a unified host, five on a hybrid one. */
export function readCgroupFacts(kernel: Kernel): CgroupTree {
  // The one place where a path of the host becomes a descriptor of the cgroup tree: after the check of its magic.
  const start = cwdFd as Fd as Fd<'cgroup'>;
  const top = openMountPoint(kernel, start, MOUNT_POINT);
  if (typeof top === 'string') return withoutTree(MOUNT_POINT, top);
  if (kernel.fstatfs(top) === CGROUP2_SUPER_MAGIC) {
    return { facts: { mountPoint: MOUNT_POINT, hybrid: false }, root: top };
  }
  const hybrid = openMountPoint(kernel, top, HYBRID_NAME);
  kernel.close(top);
  if (typeof hybrid === 'string') return withoutTree(`${MOUNT_POINT}/${HYBRID_NAME}`, hybrid);
  if (kernel.fstatfs(hybrid) !== CGROUP2_SUPER_MAGIC) {
    kernel.close(hybrid);
    return noTree;
  }
  return { facts: { mountPoint: `${MOUNT_POINT}/${HYBRID_NAME}`, hybrid: true }, root: hybrid };
}

/** What says that there is no tree, for us. All else says nothing: a container with a cgroup must not be taken for one without. */
const ABSENT: readonly string[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM'];

function withoutTree(path: string, errno: string): CgroupTree {
  if (ABSENT.includes(errno)) return noTree;
  throw new RuntimeError({ kind: 'kernel', operation: 'open the cgroup tree', path, syscall: 'openat2', errno });
}

/** The root, for who has a cgroup and must find it again. */
export function requireCgroupRoot(kernel: Kernel, cgroupPath: string): Fd<'cgroup'> {
  const { root } = readCgroupFacts(kernel);
  if (root !== undefined) return root;
  throw new RuntimeError({
    kind: 'state',
    message: `no cgroup v2 tree is mounted here: the container's cgroup ${cgroupPath} cannot be found`,
    hint: 'run runt where /sys/fs/cgroup is that of the create; the record is kept',
  });
}
