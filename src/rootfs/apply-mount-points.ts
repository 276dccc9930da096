/**
 * Before a restore: the places for the container's mounts in a root file system that has perhaps never seen a create (another
 * machine, a fresh copy of the image). Binds are made as well, because a place may lie in one of them. It runs in a mount
 * namespace of its own, which ends with it: only the directories and files that it made stay. [criu.org/External_bind_mounts]
 */
import type { Fd } from '../kernel/fd.ts';
import { AT_EMPTY_PATH, AT_RECURSIVE, MS_PRIVATE } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { attach, openHostTree } from './apply-attach.ts';
import { applyTreePropagation } from './apply-root.ts';
import { applyRootfsStep } from './apply-rootfs-step.ts';
import { isDirectory } from './file-type.ts';
import { openInRootOrErrno, openOrMakeDirectory, openOrMakeMountPoint } from './open-in-root.ts';
import { createRootfsState, rootOf } from './rootfs-state.ts';
import type { RootfsPlan } from './rootfs-step.ts';

/** In a child with a mount namespace of its own. */
export function applyMountPoints(kernel: Kernel, plan: RootfsPlan): void {
  const state = createRootfsState([]);
  /** What criu restores with everything in it: nothing is made there. */
  const saved: string[] = [];
  for (const step of plan.beforePivot) {
    if (step.kind === 'clearUmask') applyRootfsStep(kernel, step, state);
    else if (step.kind === 'mountRoot') {
      applyTreePropagation(kernel, { kind: 'setTreePropagation', propagation: MS_PRIVATE, recursive: true });
      applyRootfsStep(kernel, { ...step, source: { kind: 'open', hostPath: step.path, recursive: true } }, state);
    } else if (step.kind === 'mountFileSystem' || step.kind === 'mountBind' || step.kind === 'bindDevice') {
      const { path } = step.target;
      if (saved.some((above) => path.startsWith(`${above}/`))) continue;
      if (step.kind === 'mountFileSystem') {
        kernel.close(openOrMakeDirectory(kernel, rootOf(state), path, 0));
        saved.push(path);
      } else makeBind(kernel, rootOf(state), step.source.hostPath, path);
    }
  }
}

function makeBind(kernel: Kernel, root: Fd<'root'>, hostPath: string, path: string): void {
  const tree = openHostTree(kernel, hostPath, true);
  kernel.mountSetattr(tree, '', AT_EMPTY_PATH | AT_RECURSIVE, { set: 0, clear: 0, propagation: MS_PRIVATE });
  attach(
    kernel,
    tree,
    openOrMakeMountPoint(kernel, root, path, () => isDirectory(kernel.fstat(tree))),
  );
  kernel.close(tree);
}

/**
 * Where a place of the container leads when links of the image are followed: a path in the container. undefined: it is not there.
 * root: the root directory as seen from here, or /proc/PID/root.
 */
export function readPlaceInRoot(kernel: Kernel, root: Fd<'root'>, path: string): string | undefined {
  const opened = openInRootOrErrno(kernel, root, path, 0, 0);
  if (typeof opened === 'string') return undefined;
  const place = pathOf(kernel, opened);
  kernel.close(opened);
  const top = pathOf(kernel, root);
  if (top === '/') return place;
  return place.startsWith(`${top}/`) ? place.slice(top.length) : undefined;
}

function pathOf(kernel: Kernel, fd: Fd<'root'>): string {
  return kernel.readlinkat(fd, `/proc/self/fd/${fd.number}`);
}
