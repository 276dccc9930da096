/**
 * One new file system: fsopen, parameters, fsmount with the attributes, then attached. Also the option remount.
 * What the kernel says about a refused parameter is read from the context and becomes part of the error.
 * Looks at one runtime fact: the mode of the directory that a tmpfs without mode option covers.
 * [spec config.md#mounts] [man fsopen.2, fsconfig.2, fsmount.2, fspick.2, mount_setattr.2]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import type { Fd } from '../kernel/fd.ts';
import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  AT_SYMLINK_NOFOLLOW,
  FSCONFIG_CMD_CREATE,
  FSCONFIG_CMD_RECONFIGURE,
  FSCONFIG_SET_FLAG,
  FSCONFIG_SET_STRING,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  FSPICK_CLOEXEC,
  FSPICK_EMPTY_PATH,
  MOUNT_ATTR_RDONLY,
  MS_SLAVE,
  O_RDONLY,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { attachFileSystem, changePropagation, openHostTree } from './apply-attach.ts';
import { applyCopyUp } from './apply-copy-up.ts';
import { isDirectory } from './file-type.ts';
import { openInRootOrErrno } from './open-in-root.ts';
import { parentMount, type RootfsState, rootOf } from './rootfs-state.ts';
import type { FsParameter, MountFileSystemStep, RemountStep } from './rootfs-step.ts';

export function applyMountFileSystem(kernel: Kernel, step: MountFileSystemStep, state: RootfsState): void {
  const { pointer } = step;
  const mode = step.modeOfTarget ? readModeOfTarget(kernel, step, state) : undefined;
  const tree = createOrBind(kernel, step, { mode, pointer });
  if (step.copyUp) applyCopyUp(kernel, rootOf(state), step.target.path, tree);
  if (step.rootLabel !== undefined) labelRoot(kernel, tree, step.rootLabel);
  changePropagation(kernel, tree, step.propagation);
  attachFileSystem(kernel, step, tree, state);
  state.mounts.set(step.target.path, tree);
}

/** [man xattr.7]: the descriptor of a mount alone does not take attributes, one of its directory does. */
function labelRoot(kernel: Kernel, tree: Fd<'root'>, label: string): void {
  const directory = kernel.openat2(tree, '.', O_RDONLY | O_DIRECTORY, 0, 0);
  try {
    kernel.fsetxattr(
      directory,
      'security.selinux',
      Uint8Array.from(label, (each) => each.charCodeAt(0)),
    );
  } catch (error) {
    throw error instanceof RuntimeError ? error.with({ pointer: '/linux/mountLabel' }) : error;
  } finally {
    kernel.close(directory);
  }
}

/** The host's sysfs can be changed by nobody in the container: also what is mounted below it (cgroups) becomes read-only. */
function createOrBind(kernel: Kernel, step: MountFileSystemStep, extra: FileSystemExtra): Fd<'root'> {
  const { fsType, parameters, attributes, orBind } = step;
  if (orBind === undefined) return createFileSystem(kernel, fsType, parameters, attributes, extra);
  const created = orErrno(['EPERM'], () => createFileSystem(kernel, fsType, parameters, attributes, extra));
  if (!('errno' in created)) return created;
  const tree = openHostTree(kernel, orBind, true);
  const set = attributes | MOUNT_ATTR_RDONLY;
  kernel.mountSetattr(tree, '', AT_EMPTY_PATH | AT_RECURSIVE, { set, clear: 0, propagation: MS_SLAVE });
  return tree;
}

interface FileSystemExtra {
  /** Permission bits for a tmpfs. */
  readonly mode?: number | undefined;
  /** Of the mount, for errors. */
  readonly pointer?: string;
}

const none: FileSystemExtra = {};

/** A detached mount of a new file system. */
export function createFileSystem(
  kernel: Kernel,
  fsType: string,
  parameters: readonly FsParameter[],
  attributes: number,
  extra: FileSystemExtra = none,
): Fd<'root'> {
  const context = kernel.fsopen(fsType, FSOPEN_CLOEXEC);
  try {
    if (extra.mode !== undefined) {
      kernel.fsconfig(context, FSCONFIG_SET_STRING, 'mode', extra.mode.toString(8), undefined);
    }
    setParameters(kernel, context, parameters, extra.pointer);
    kernel.fsconfig(context, FSCONFIG_CMD_CREATE, null, null, undefined);
    return kernel.fsmount(context, FSMOUNT_CLOEXEC, attributes);
  } catch (error) {
    throw addKernelLog(kernel, context, error);
  } finally {
    kernel.close(context);
  }
}

function setParameters(kernel: Kernel, context: Fd, parameters: readonly FsParameter[], pointer?: string): void {
  for (const parameter of parameters) {
    const { key, value } = parameter;
    const command = value === null ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    try {
      if (parameter.optional) orErrno(['EINVAL'], () => kernel.fsconfig(context, command, key, value, undefined));
      else kernel.fsconfig(context, command, key, value, undefined);
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      if (parameter.pointer !== undefined) throw error.with({ pointer: parameter.pointer });
      throw pointer !== undefined && parameter.option >= 0
        ? error.with({ pointer: `${pointer}/options/${parameter.option}` })
        : error;
    }
  }
}

const logMessageBytes = 4096;

/** Each read(2) of a context gives one message of the kernel, "e tmpfs: Unknown parameter 'x'"; ENODATA after the last. */
function addKernelLog(kernel: Kernel, context: Fd, error: unknown): unknown {
  if (!(error instanceof RuntimeError)) return error;
  const messages: string[] = [];
  for (;;) {
    const message = orErrno(['ENODATA', 'EOPNOTSUPP'], () => kernel.read(context, logMessageBytes));
    if ('errno' in message || message.length === 0) break;
    messages.push(String.fromCharCode(...message.subarray(2)).trimEnd());
  }
  return messages.length === 0 ? error : error.with({ message: `the kernel says: ${messages.join('; ')}` });
}

/** undefined: nothing is there yet, so the file system's own default applies, as with runc. */
function readModeOfTarget(kernel: Kernel, step: MountFileSystemStep, state: RootfsState): number | undefined {
  const parent = parentMount(state, step.target);
  if (parent !== undefined) {
    const stat = kernel.statxOrErrno(parent, step.target.name, AT_SYMLINK_NOFOLLOW);
    if (stat === 'ENOENT') return undefined;
    if (typeof stat !== 'string' && isDirectory(stat)) return stat.mode & 0o7777;
  }
  const directory = openInRootOrErrno(kernel, rootOf(state), step.target.path, O_DIRECTORY, 0);
  if (typeof directory === 'string') return undefined;
  const { mode } = kernel.fstat(directory);
  kernel.close(directory);
  return mode & 0o7777;
}

/** The mount at the target is changed in place, the superblock first, as mount(2) with MS_REMOUNT does. */
export function applyRemount(kernel: Kernel, step: RemountStep, state: RootfsState): void {
  const known = state.mounts.get(step.target.path);
  const opened = known ?? openInRootOrErrno(kernel, rootOf(state), step.target.path, 0, 0);
  if (typeof opened === 'string') {
    throw new RuntimeError({ kind: 'kernel', path: step.target.path, syscall: 'openat2', errno: opened });
  }
  if (step.parameters.length > 0) reconfigure(kernel, opened, step.parameters, step.pointer);
  const { set, clear } = step.attributes;
  if ((set | clear) !== 0) kernel.mountSetattr(opened, '', AT_EMPTY_PATH, { set, clear, propagation: 0 });
  if (step.recursiveAttributes !== undefined) {
    kernel.mountSetattr(opened, '', AT_EMPTY_PATH | AT_RECURSIVE, { ...step.recursiveAttributes, propagation: 0 });
  }
  changePropagation(kernel, opened, step.propagation);
  if (known === undefined) kernel.close(opened);
}

function reconfigure(kernel: Kernel, mount: Fd, parameters: readonly FsParameter[], pointer: string): void {
  const context = kernel.fspick(mount, '', FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
  try {
    setParameters(kernel, context, parameters, pointer);
    kernel.fsconfig(context, FSCONFIG_CMD_RECONFIGURE, null, null, undefined);
  } catch (error) {
    throw addKernelLog(kernel, context, error);
  } finally {
    kernel.close(context);
  }
}
