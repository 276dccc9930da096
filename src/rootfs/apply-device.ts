/**
 * Device nodes and the links of /dev. Every name is made in a directory held by descriptor; in our own fresh tmpfs that is the
 * mount's own descriptor, so no path is walked, nothing can be there already, and no answer needs a second look.
 * [order] after the umask is 0: mknod's mode is then exact, and no chmod is needed.
 * [spec config-linux.md#devices] [man mknod.2] [CVE-2026-41579]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { O_NOFOLLOW } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import {
  AT_SYMLINK_NOFOLLOW,
  F_OK,
  MOVE_MOUNT_F_EMPTY_PATH,
  O_PATH,
  RESOLVE_BENEATH,
  S_IFMT,
} from '../kernel/flags.ts';
import type { Kernel, Stat } from '../kernel/kernel.ts';
import { openHostTree, openSource } from './apply-attach.ts';
import { makeEmptyFile, openOrMakeDirectory } from './open-in-root.ts';
import { parentMount, type RootfsState, rootOf } from './rootfs-state.ts';
import type { BindDeviceStep, DeviceNumber, MakeDeviceStep, RootfsStep, Target } from './rootfs-step.ts';

export function applyMakeDevice(kernel: Kernel, step: MakeDeviceStep, state: RootfsState): void {
  const directory = directoryOf(kernel, step.target, state);
  const { name, path } = step.target;
  const { type, major, minor } = step.device;
  const result = orErrno(['EEXIST', 'EPERM'], () => kernel.mknodat(directory, name, type | step.mode, major, minor));
  if (result !== undefined) {
    // An outer container without CAP_MKNOD: its own node of that name is as good, if it is that device.
    if (result.errno === 'EPERM') {
      attachDevice(kernel, step, openHostTree(kernel, path, false), directory);
      return;
    }
    const existing = kernel.statx(directory, name, AT_SYMLINK_NOFOLLOW);
    // [spec config-linux.md#devices] a file that does not match the device is an error; one that does is kept as it is.
    if (!isDevice(existing, step.device)) throw otherDevice(path, step.device, 'is there already and is not');
  }
  if (step.uid !== 0 || step.gid !== 0) changeOwner(kernel, directory, step);
}

function changeOwner(kernel: Kernel, directory: Fd<'root'>, step: MakeDeviceStep): void {
  const node = kernel.openat2(directory, step.target.name, O_PATH | O_NOFOLLOW, 0, RESOLVE_BENEATH);
  kernel.fchown(node, step.uid, step.gid);
  kernel.close(node);
}

/** mknod(2) is not allowed in a user namespace: the host's node is bound, after its numbers were compared (rule B5). */
export function applyBindDevice(kernel: Kernel, step: BindDeviceStep, state: RootfsState): void {
  attachDevice(kernel, step, openSource(kernel, step.source, state), directoryOf(kernel, step.target, state));
}

interface DeviceAt {
  readonly target: Target;
  readonly device: DeviceNumber;
}

function attachDevice(kernel: Kernel, { target, device }: DeviceAt, tree: Fd, directory: Fd): void {
  requireDevice(kernel, tree, device);
  makeEmptyFile(kernel, directory, target.name);
  // The last component is not followed, so a link of that name is covered, not obeyed.
  kernel.moveMount(tree, '', directory, target.name, MOVE_MOUNT_F_EMPTY_PATH);
  kernel.close(tree);
}

/** Throws unless the descriptor is exactly this device. [CVE-2025-31133] */
export function requireDevice(kernel: Kernel, fd: Fd, device: DeviceNumber): void {
  if (!isDevice(kernel.fstat(fd), device)) throw otherDevice(fd.path, device, 'is not');
}

function isDevice(stat: Stat, device: DeviceNumber): boolean {
  return (stat.mode & S_IFMT) === device.type && stat.rdevMajor === device.major && stat.rdevMinor === device.minor;
}

function otherDevice(path: string, device: DeviceNumber, verb: string): RuntimeError {
  return new RuntimeError({ kind: 'spec', path, message: `${verb} the device ${device.major}:${device.minor}` });
}

/** The directory of a device or link: a mount of ours, or one looked up inside the root once and then held. */
export function directoryOf(kernel: Kernel, target: Target, state: RootfsState): Fd<'root'> {
  const mount = parentMount(state, target);
  if (mount !== undefined) return mount;
  const above = target.path.slice(0, -target.name.length - 1) || '/';
  let directory = state.directories.get(above);
  if (directory === undefined) {
    directory = openOrMakeDirectory(kernel, rootOf(state), above, 0);
    state.directories.set(above, directory);
  }
  return directory;
}

/** What the image has at that name stays, except for ptmx. */
export function applyMakeLink(
  kernel: Kernel,
  step: Extract<RootfsStep, { kind: 'makeLink' }>,
  state: RootfsState,
): void {
  const { target, linkText, onlyIfExists } = step;
  if (onlyIfExists !== undefined && kernel.faccessat2(cwdFd, onlyIfExists, F_OK, 0) !== undefined) return;
  const directory = directoryOf(kernel, target, state);
  if (step.replace && !target.missing) {
    const errno = kernel.unlinkatOrErrno(directory, target.name, 0);
    if (errno !== undefined && errno !== 'ENOENT') {
      throw new RuntimeError({ kind: 'kernel', path: target.path, syscall: 'unlinkat', errno });
    }
  }
  orErrno(['EEXIST'], () => kernel.symlinkat(linkText, directory, target.name));
}
