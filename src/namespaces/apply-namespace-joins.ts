/**
 * Joins namespaces in the planned order. The paths are opened by the parent, on the host, before clone3: a path never means
 * something else because an earlier join changed the mounts. Each descriptor's type is asked of the kernel before setns.
 * [spec config-linux.md#namespaces] [man setns.2, ioctl_nsfs.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { O_RDONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { NamespaceJoin } from './plan-namespaces.ts';

export interface OpenedJoin {
  readonly join: NamespaceJoin;
  readonly fd: Fd<'host'>;
}

/** Opens and checks one namespace file of the configuration. */
export function applyOpenNamespace(kernel: Kernel, join: NamespaceJoin): OpenedJoin {
  const { pointer, path } = join;
  const operation = `join the ${join.type} namespace`;
  const fd = kernel.openat2OrErrno(cwdFd, path, O_RDONLY, 0, 0);
  if (typeof fd === 'string') {
    throw new RuntimeError({ kind: 'kernel', operation, pointer, path, errno: fd, syscall: 'openat2' });
  }
  const actual = namespaceTypeOf(kernel, fd);
  if (actual !== join.flag) {
    const message = actual === undefined ? 'is not a namespace' : `is not a namespace of type ${join.type}`;
    kernel.close(fd);
    throw new RuntimeError({ kind: 'spec', operation, pointer, path, message });
  }
  return { join, fd };
}

/** undefined when the file is no namespace at all (ENOTTY from an ordinary file). */
function namespaceTypeOf(kernel: Kernel, fd: Fd): number | undefined {
  try {
    return kernel.ioctlNsGetNstype(fd);
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.kind === 'kernel') return undefined;
    throw error;
  }
}

/**
 * setns in order. A namespace owned by the user namespace that is joined later refuses with EPERM: it is tried again after
 * the user namespace, which gives the power over it. Close-on-exec closes the descriptors: with shared memory the Fd objects are
 * the parent's as well.
 */
export function applyNamespaceJoins(kernel: Kernel, opened: readonly OpenedJoin[]): void {
  const joinsUser = opened.some(({ join }) => join.type === 'user');
  const deferred: OpenedJoin[] = [];
  for (const each of opened) {
    const errno = joinNamespace(kernel, each);
    if (errno === undefined) continue;
    if (errno !== 'EPERM' || !joinsUser || each.join.type === 'user') throw joinError(each, errno);
    deferred.push(each);
  }
  for (const each of deferred) {
    const errno = joinNamespace(kernel, each);
    if (errno !== undefined) throw joinError(each, errno);
  }
}

function joinNamespace(kernel: Kernel, { join, fd }: OpenedJoin): string | undefined {
  try {
    kernel.setns(fd, join.flag);
    return undefined;
  } catch (error) {
    const errno = error instanceof RuntimeError ? error.fields.errno : undefined;
    if (errno === undefined) throw error;
    return errno;
  }
}

const ended = 'the init process of that namespace has ended';
const joinHints: { readonly [errno: string]: string } = {
  ENOMEM: ended,
  ESRCH: ended,
  EPERM: 'it belongs to a user namespace that runt is not root of: as an ordinary user join that one by path as well',
};

function joinError({ join }: OpenedJoin, errno: string): RuntimeError {
  const { pointer, path, type } = join;
  const hint = joinHints[errno];
  return new RuntimeError({
    kind: 'kernel',
    operation: `join the ${type} namespace`,
    pointer,
    path,
    errno,
    syscall: 'setns',
    ...(hint === undefined ? {} : { hint }),
  });
}
