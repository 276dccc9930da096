/**
 * Which mount of ours holds a destination, so that the child can attach to (descriptor, last component) instead of walking a path.
 * Purely lexical bookkeeping; it only chooses the cheap way. Safety does not rest on it: the last component is never followed
 * when it is a symbolic link, and all other destinations are looked up inside the root by openat2 (rule B3).
 */
import { cleanPath } from '../spec/check-mounts.ts';
import type { Target } from './rootfs-step.ts';

/** The mounts that the steps planned so far make, by destination; for a tmpfs made by us, the names used in it. */
export interface MountBook {
  readonly mounts: Set<string>;
  readonly fresh: Map<string, Set<string>>;
  /** Every directory above a mount: most mounts cover none, and this tells at once. */
  readonly above: Set<string>;
  /** The newest mount at /sys is a sysfs of ours. */
  hasSysfs: boolean;
}

/** What is known about a new mount's contents. */
export type Contents = 'empty' | 'sysfs' | 'other';

export function createMountBook(): MountBook {
  return { mounts: new Set(['/']), fresh: new Map(), above: new Set(), hasSysfs: false };
}

const cgroupTarget: Target = { path: '/sys/fs/cgroup', parent: '/sys', name: 'fs/cgroup', missing: false };

/** `path` as written in the configuration; relative ones start at "/". */
export function planTarget(book: MountBook, written: string): Target {
  const path = isClean(written) ? written : cleanPath(written);
  // Two components, but all of sysfs is the kernel's: no link can be on this way, and nothing is mounted on it yet.
  if (path === '/sys/fs/cgroup' && book.hasSysfs && !book.above.has('/sys')) return cgroupTarget;
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  const above = slash === 0 ? '/' : path.slice(0, slash);
  if (!book.mounts.has(above)) return { path, parent: undefined, name, missing: false };
  const used = book.fresh.get(above);
  return { path, parent: above, name, missing: used !== undefined && !used.has(name) };
}

/** Absolute, without empty, . or .. components and trailing slash; says no for names that begin with a dot. */
function isClean(path: string): boolean {
  return (
    path.charCodeAt(0) === 47 && path.charCodeAt(path.length - 1) !== 47 && !path.includes('//') && !path.includes('/.')
  );
}

/** Something was made at the target. */
export function useTarget(book: MountBook, target: Target): void {
  if (target.parent !== undefined) book.fresh.get(target.parent)?.add(target.name);
}

/** A mount was made at the target: what was known below it is covered. */
export function recordMount(book: MountBook, target: Target, contents: Contents): void {
  useTarget(book, target);
  if (book.above.has(target.path)) forgetBelow(book, target.path);
  if (target.path.length > target.name.length + 1) addAbove(book, target.path);
  book.mounts.add(target.path);
  if (target.path === '/sys') book.hasSysfs = contents === 'sysfs';
  if (contents === 'empty') book.fresh.set(target.path, new Set());
  else book.fresh.delete(target.path);
}

function forgetBelow(book: MountBook, path: string): void {
  book.above.delete(path);
  const below = `${path}/`;
  for (const known of book.mounts) {
    if (!known.startsWith(below)) continue;
    book.mounts.delete(known);
    book.fresh.delete(known);
  }
}

function addAbove(book: MountBook, path: string): void {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    book.above.add(path.slice(0, slash));
  }
}
