/**
 * Maps the ids of a detached tree, before anybody can see it. The kernel refuses with a bare EINVAL where a file system cannot
 * do it: then this finds out, and says, which one it is.
 * [man mount_setattr.2 MOUNT_ATTR_IDMAP] [spec config.md#posix-platform-mounts]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { AT_EMPTY_PATH, AT_RECURSIVE, MOUNT_ATTR_IDMAP, O_PATH, OPEN_TREE_CLONE } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type MountLine, parseMountinfo } from './parse-mountinfo.ts';
import { readMountinfo } from './read-mountinfo.ts';
import type { HostSource } from './rootfs-step.ts';

export function applyMountIdMap(kernel: Kernel, tree: Fd<'root'>, source: HostSource, userNamespace: Fd): void {
  const recursive = source.idMap?.recursive === true;
  try {
    mapIds(kernel, tree, userNamespace, recursive);
  } catch (error) {
    throw error instanceof RuntimeError ? explain(kernel, error, source, userNamespace) : error;
  }
}

function mapIds(kernel: Kernel, tree: Fd, userns: Fd, recursive: boolean): void {
  const flags = recursive ? AT_EMPTY_PATH | AT_RECURSIVE : AT_EMPTY_PATH;
  kernel.mountSetattr(tree, '', flags, { set: MOUNT_ATTR_IDMAP, clear: 0, propagation: 0, userns });
}

function explain(kernel: Kernel, error: RuntimeError, source: HostSource, userns: Fd): RuntimeError {
  const { errno } = error.fields;
  if (errno === 'ENOSYS') return error.with({ message: 'this kernel has no id-mapped mounts' });
  if (errno !== 'EINVAL' && errno !== 'EPERM') return error;
  const culprit = orErrno(['ENOENT', 'EACCES', 'EPERM', 'EINVAL'], () => findCulprit(kernel, source, userns));
  const found = culprit === undefined || 'errno' in culprit ? undefined : culprit;
  const what = found === undefined ? 'the file system' : `${found.fsType} (mounted on ${found.point})`;
  if (errno === 'EINVAL') return error.with({ message: `${what} does not support id-mapped mounts` });
  return error.with({
    message: `${what} must not be id-mapped by us`,
    hint: 'it is id-mapped already, it belongs to another user namespace, or the mapping is that of the host',
  });
}

/** The first mount of the tree that the kernel refuses too when it is asked about it alone. */
function findCulprit(kernel: Kernel, source: HostSource, userns: Fd): MountLine | undefined {
  const opened = kernel.openat2(cwdFd, source.hostPath, O_PATH, 0, 0);
  const { mountId } = kernel.fstat(opened);
  const path = kernel.readlinkat(cwdFd, `/proc/self/fd/${opened.number}`);
  kernel.close(opened);
  const lines = parseMountinfo(readMountinfo(kernel));
  const top = lines.find(({ id }) => BigInt(id) === BigInt(mountId));
  if (source.idMap?.recursive !== true || (top !== undefined && isRefused(kernel, source.hostPath, userns))) return top;
  const below = lines.filter(({ point }) => point.startsWith(path === '/' ? path : `${path}/`));
  return below.find(({ point }) => isRefused(kernel, point, userns)) ?? top;
}

function isRefused(kernel: Kernel, path: string, userns: Fd): boolean {
  const tree = kernel.openTreeOrErrno(cwdFd, path, OPEN_TREE_CLONE);
  if (typeof tree === 'string') return false;
  const result = orErrno(['EINVAL', 'EPERM'], () => mapIds(kernel, tree, userns, false));
  kernel.close(tree);
  return result !== undefined;
}
