/**
 * The way into resctrl: its mount, known by the magic number of its file system and never by a directory being there, and one
 * class of service in it. [kernel Documentation/filesystems/resctrl.rst]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import {
  O_PATH,
  O_RDONLY,
  RDTGROUP_SUPER_MAGIC,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { parseResctrlMounts } from './parse-resctrl-mounts.ts';

const usualMountPoint = '/sys/fs/resctrl';
const longestMountinfoBytes = 16 << 20;
const longestFileBytes = 65536;
export const insideResctrl = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;

/** undefined: none is mounted. The path of the descriptor is the mount point. */
export function findResctrl(kernel: Kernel): Fd<'host'> | undefined {
  const usual = openResctrl(kernel, usualMountPoint);
  if (usual !== undefined) return usual;
  const file = kernel.openat2(cwdFd, '/proc/self/mountinfo', O_RDONLY, 0, 0);
  const mounts = parseResctrlMounts(kernel.readAll(file, longestMountinfoBytes));
  kernel.close(file);
  for (const mountPoint of mounts) {
    const root = openResctrl(kernel, mountPoint);
    if (root !== undefined) return root;
  }
  return undefined;
}

/** undefined: no resctrl is mounted there. */
export function openResctrl(kernel: Kernel, mountPoint: string): Fd<'host'> | undefined {
  const root = kernel.openat2OrErrno(cwdFd, mountPoint, O_PATH | O_DIRECTORY, 0, 0);
  if (root === 'ENOENT' || root === 'ENOTDIR') return undefined;
  if (typeof root === 'string') {
    throw new RuntimeError({ kind: 'kernel', path: mountPoint, errno: root, syscall: 'openat2' });
  }
  if (kernel.fstatfs(root) === RDTGROUP_SUPER_MAGIC) return root;
  kernel.close(root);
  return undefined;
}

/** `path` is that of a class, of a monitoring group, or '' for the root. ENOENT and the like are returned. */
export function openGroup(kernel: Kernel, root: Fd<'host'>, path: string): Fd<'host'> | string {
  return kernel.openat2OrErrno(root, path === '' ? '.' : path, O_PATH | O_DIRECTORY, 0, insideResctrl);
}

export const monitorPath = (group: string, monitor: string): string =>
  `${group === '' ? '' : `${group}/`}mon_groups/${monitor}`;

/** What the last command that resctrl refused was refused for, in its own words; undefined: it says nothing. */
export function readLastStatus(kernel: Kernel, root: Fd<'host'>): string | undefined {
  const file = kernel.openat2OrErrno(root, 'info/last_cmd_status', O_RDONLY, 0, insideResctrl);
  if (typeof file === 'string') return undefined;
  const text = kernel.readAll(file, longestFileBytes).trim();
  kernel.close(file);
  return text === '' || text === 'ok' ? undefined : text;
}

export function readGroupFile(kernel: Kernel, group: Fd<'host'>, name: string): string {
  const file = kernel.openat2(group, name, O_RDONLY, 0, insideResctrl);
  const text = kernel.readAll(file, longestFileBytes);
  kernel.close(file);
  return text;
}

/** The same error with the kernel's own words about it. */
export function explain(kernel: Kernel, root: Fd<'host'>, error: unknown, pointer: string): unknown {
  if (!(error instanceof RuntimeError)) return error;
  const message = error.fields.message ?? readLastStatus(kernel, root);
  return error.with({ pointer: error.fields.pointer ?? pointer, ...(message === undefined ? {} : { message }) });
}
