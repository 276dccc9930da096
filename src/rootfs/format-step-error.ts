/**
 * An error of a step -> the same error told as an operator needs it: what was being done, for which property, and what to do
 * about it. Pure; called only when something failed. [spec runtime.md#errors]
 */

import { unreachable } from '../base/assert.ts';
import type { ErrorFields, RuntimeError } from '../base/runtime-error.ts';
import type { RootfsStep } from './rootfs-step.ts';

export function formatStepError(step: RootfsStep, error: RuntimeError): RuntimeError {
  const extra: { -readonly [key in keyof ErrorFields]?: ErrorFields[key] } = {};
  const { fields } = error;
  if (fields.operation === undefined) extra.operation = describeStep(step);
  const pointer = pointerOf(step);
  if (fields.pointer === undefined && pointer !== undefined) extra.pointer = pointer;
  // Where the kernel has said what is wrong, a guess would only blur it.
  if (fields.hint === undefined && fields.errno !== undefined && fields.message === undefined) {
    const hint = hintFor(step, fields.errno);
    if (hint !== undefined) extra.hint = hint;
  }
  return error.with(extra);
}

function pointerOf(step: RootfsStep): string | undefined {
  if (step.kind === 'mountRoot' || step.kind === 'openRoot') return '/root/path';
  if (step.kind === 'readonlyRoot') return '/root/readonly';
  if (step.kind === 'setTreePropagation' || step.kind === 'setRootPropagation') return '/linux/rootfsPropagation';
  if (step.kind === 'readonlyPath') return `/linux/readonlyPaths/${step.index}`;
  if (step.kind === 'maskPath') return `/linux/maskedPaths/${step.index}`;
  return 'pointer' in step ? step.pointer : undefined;
}

/** What the step does, to be read after "runt: ". */
export function describeStep(step: RootfsStep): string {
  switch (step.kind) {
    case 'clearUmask':
      return 'set the umask';
    case 'setTreePropagation':
      return 'separate the mounts from the host';
    case 'mountRoot':
    case 'openRoot':
      return `make ${step.path} the root`;
    case 'mountFileSystem':
      return `mount ${step.fsType} to ${step.target.path}`;
    case 'mountBind':
      return `bind ${step.source.hostPath} to ${step.target.path}`;
    case 'remount':
      return `remount ${step.target.path}`;
    case 'makeDevice':
    case 'bindDevice':
      return `make device ${step.target.path}`;
    case 'makeLink':
      return `make link ${step.target.path}`;
    case 'takeNull':
      return 'open /dev/null of the host';
    case 'pivotRoot':
    case 'moveRoot':
    case 'chroot':
      return 'switch to the root of the container';
    case 'readonlyPath':
      return `make ${step.target.path} read-only`;
    case 'maskPath':
      return `mask ${step.target.path}`;
    case 'readonlyMount':
      return `make ${step.destination} read-only`;
    case 'setRootPropagation':
      return 'set the propagation of the root';
    case 'readonlyRoot':
      return 'make the root read-only';
    default:
      return unreachable(step);
  }
}

/** By errno; the reasons that a user can do something about. */
function hintFor(step: RootfsStep, errno: string): string | undefined {
  if (step.kind === 'mountFileSystem') return fileSystemHints[`${errno} ${step.fsType}`] ?? fileSystemHints[errno];
  if (step.kind === 'mountBind') return bindHints[errno];
  if (step.kind === 'remount' && errno === 'EINVAL') return 'nothing is mounted there, or an option does not fit';
  if (step.kind === 'mountRoot') return rootHints[errno];
  if (step.kind === 'setTreePropagation' && errno === 'EPERM') {
    return 'a mount namespace that is joined belongs to another user namespace: only the root of that one may mount in it';
  }
  if (step.kind === 'pivotRoot' && errno === 'EINVAL') {
    return 'the host’s root may be an initial ramfs: use --no-pivot';
  }
  if (errno === 'ELOOP') return 'links of /proc such as /proc/self/fd/N are not followed';
  return errno === 'EROFS' ? 'the file system there is read-only' : undefined;
}

const fileSystemHints: Readonly<Record<string, string>> = {
  ENODEV: 'the kernel does not know this file system: is its module loaded?',
  EBUSY: 'the file system is in use with other options, for example writable elsewhere',
  EPERM: 'not allowed in this user namespace',
  'EPERM proc':
    'in a user namespace this needs a pid namespace of its own, and a /proc outside without anything mounted over parts of it',
  'EPERM sysfs': 'in a user namespace this needs a network namespace of its own; or bind /sys with rbind',
  'EPERM mqueue': 'in a user namespace this needs an ipc namespace of its own',
  'EPERM cgroup2': 'in a user namespace this needs a cgroup namespace of its own',
  'EINVAL devpts': 'the ids of its options must be mapped in the user namespace (gid=5)',
  'EINVAL tmpfs': 'the ids of its options must be mapped in the user namespace',
  'EINVAL overlay': 'a value longer than 255 bytes does not fit: use shorter paths',
  EROFS: 'the root file system is read-only: the image must contain this directory',
  ENOTBLK: 'the source must be a block device',
};

const bindHints: Readonly<Record<string, string>> = {
  ENOENT: 'the source must exist on the host',
  EPERM: 'attributes of the host’s mount are locked in a user namespace',
  EINVAL: 'the source may be an unbindable mount, or with locked mounts below it (then use rbind)',
  EROFS: 'the root file system is read-only: the image must contain this file or directory',
};

const rootHints: Readonly<Record<string, string>> = {
  ENOENT: 'the bundle has no such directory',
  EINVAL: 'it may be an unbindable mount, or not in this mount namespace',
};
