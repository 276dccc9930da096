/**
 * After a restore, before the processes go on: the attributes that the configuration asks for are set again on the mounts that
 * are there. criu binds what comes from the host anew, and loses the attributes of the second and later mounts of one source:
 * a masked file was then a writable mount of the host's /dev/null, and its mode the container's to change.
 * Only sets, never clears. [man mount_setattr.2] [spec config-linux.md#masked-paths]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { openInRootOrErrno } from './open-in-root.ts';
import type { RootfsPlan, RootfsStep } from './rootfs-step.ts';

interface Wanted {
  readonly path: string;
  /** MOUNT_ATTR_*. */
  readonly set: number;
  readonly recursive: boolean;
}

/** root: the container's, seen from inside its mount namespace. */
export function applyRestoredAttributes(kernel: Kernel, root: Fd<'root'>, plan: RootfsPlan): void {
  for (const step of [...plan.beforePivot, ...plan.afterPivot]) {
    for (const wanted of wantedBy(step)) if (wanted.set !== 0) setAttributes(kernel, root, wanted);
  }
}

function wantedBy(step: RootfsStep): readonly Wanted[] {
  switch (step.kind) {
    case 'mountFileSystem':
      return [{ path: step.target.path, set: step.attributes, recursive: false }];
    case 'mountBind':
      return [
        { path: step.target.path, set: step.attributes?.set ?? 0, recursive: false },
        { path: step.target.path, set: step.recursiveAttributes?.set ?? 0, recursive: true },
      ];
    case 'remount':
      return [{ path: step.target.path, set: step.attributes.set, recursive: false }];
    case 'maskPath':
      return [
        {
          path: step.target.path,
          set: MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
          recursive: false,
        },
      ];
    case 'readonlyPath':
      return [{ path: step.target.path, set: MOUNT_ATTR_RDONLY, recursive: false }];
    case 'readonlyMount':
      return [{ path: step.destination, set: MOUNT_ATTR_RDONLY, recursive: false }];
    case 'readonlyRoot':
      return [{ path: '/', set: MOUNT_ATTR_RDONLY, recursive: false }];
    default:
      return [];
  }
}

function setAttributes(kernel: Kernel, root: Fd<'root'>, { path, set, recursive }: Wanted): void {
  const place = openInRootOrErrno(kernel, root, path, 0, 0);
  // What the container itself had taken away before the checkpoint is not there now either.
  if (typeof place === 'string') return;
  try {
    kernel.mountSetattr(place, '', recursive ? AT_EMPTY_PATH | AT_RECURSIVE : AT_EMPTY_PATH, {
      set,
      clear: 0,
      propagation: 0,
    });
  } catch (error) {
    // No mount there (any more).
    if (!(error instanceof RuntimeError) || error.fields.errno !== 'EINVAL') throw error;
  } finally {
    kernel.close(place);
  }
}
