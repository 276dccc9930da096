/**
 * One bind mount: a detached copy of the source tree gets its attributes and propagation, then it is attached. So it is never
 * visible without them, and the path of the target is resolved once.
 * [spec config.md#mounts] [man open_tree.2, mount_setattr.2]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { AT_EMPTY_PATH, AT_RECURSIVE, PROC_SUPER_MAGIC } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { attachBind, changePropagation, openSource } from './apply-attach.ts';
import { isLink } from './file-type.ts';
import { openOrMakeDirectory } from './open-in-root.ts';
import { type RootfsState, rootOf } from './rootfs-state.ts';
import type { MountBindStep } from './rootfs-step.ts';

export function applyMountBind(kernel: Kernel, step: MountBindStep, state: RootfsState): void {
  const tree = openSource(kernel, step.source, state);
  if (step.links?.copy === true && isLink(kernel.fstat(tree))) {
    copyLink(kernel, tree, step.target.path, state);
    return;
  }
  if (step.procfsOnly) requireProcfs(kernel, step, tree);
  setAttributes(kernel, step, tree);
  changePropagation(kernel, tree, step.propagation);
  attachBind(kernel, step, tree, state);
  state.mounts.set(step.target.path, tree);
}

/** crun's copy-symlink: the link is made anew; one that is there already must lead to the same place. [man crun.1] */
function copyLink(kernel: Kernel, tree: Fd, path: string, state: RootfsState): void {
  const text = kernel.readlinkat(tree, '');
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  const directory = openOrMakeDirectory(kernel, rootOf(state), slash === 0 ? '/' : path.slice(0, slash), 0);
  const result = orErrno(['EEXIST'], () => kernel.symlinkat(text, directory, name));
  if (result !== undefined && orErrno(['EINVAL'], () => kernel.readlinkat(directory, name)) !== text) {
    throw new RuntimeError({ kind: 'spec', path, message: `is there already and is no link to ${text}` });
  }
  kernel.close(directory);
}

/** Anything else at /proc would swallow what is written to /proc/self/attr, and show what is masked. [CVE-2019-16884] */
function requireProcfs(kernel: Kernel, step: MountBindStep, tree: Fd): void {
  if (kernel.fstatfs(tree) === PROC_SUPER_MAGIC) return;
  throw new RuntimeError({
    kind: 'spec',
    path: step.source.hostPath,
    message: `is not a procfs: it must not be bound on ${step.target.path}`,
  });
}

function setAttributes(kernel: Kernel, step: MountBindStep, tree: Fd): void {
  const { attributes, recursiveAttributes } = step;
  if (attributes !== undefined) {
    const { set, clear } = attributes;
    const whole = clear | step.clearUnasked;
    if ((set | whole) !== 0) changeOrKeepLocked(kernel, tree, { set, clear, whole });
  }
  if (recursiveAttributes !== undefined) {
    kernel.mountSetattr(tree, '', AT_EMPTY_PATH | AT_RECURSIVE, { ...recursiveAttributes, propagation: 0 });
  }
}

/**
 * Attributes that nobody asked for go, as with mount(8); but in a user namespace the kernel locks those of the host's mounts
 * (EPERM). Then they stay, and only what was asked for is changed: if that is refused too, it is an error.
 */
function changeOrKeepLocked(
  kernel: Kernel,
  tree: Fd,
  change: { readonly set: number; readonly clear: number; readonly whole: number },
): void {
  const { set, clear, whole } = change;
  try {
    kernel.mountSetattr(tree, '', AT_EMPTY_PATH, { set, clear: whole, propagation: 0 });
  } catch (error) {
    if (whole === clear || !(error instanceof RuntimeError) || error.fields.errno !== 'EPERM') throw error;
    if ((set | clear) !== 0) kernel.mountSetattr(tree, '', AT_EMPTY_PATH, { set, clear, propagation: 0 });
  }
}
