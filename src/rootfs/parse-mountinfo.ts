/** /proc/self/mountinfo -> the few fields that are needed. Pure. [man proc_pid_mountinfo.5] */
import type { Integer64 } from '../kernel/kernel.ts';
import { unescapeOctal } from './parse-full-kernel-mounts.ts';

export interface MountLine {
  readonly id: number;
  /** Of the mount that it is mounted on. */
  readonly parent: number;
  /** Where it is mounted. */
  readonly point: string;
  readonly fsType: string;
}

/** In the kernel's order: what is mounted on top of something comes after it. */
export function parseMountinfo(text: string): readonly MountLine[] {
  const lines: MountLine[] = [];
  for (const line of text.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const fields = before.split(' ');
    const [id, parent, , , point] = fields;
    const [fsType] = after.split(' ');
    if (id === undefined || point === undefined || fsType === undefined || fsType === '') continue;
    lines.push({ id: Number(id), parent: Number(parent), point: unescapeOctal(point), fsType });
  }
  return lines;
}

export interface MountBelow {
  /** As statx(2) gives it, too. */
  readonly id: number;
  /** Of the mount that it is mounted on. */
  readonly parent: number;
  /** Relative to the directory that was asked for. */
  readonly path: string;
}

/** Mounts below `directory`, not one on it; in the order of the file. */
export function findMountsBelow(text: string, directory: string): readonly MountBelow[] {
  // The slash makes it a comparison of whole components.
  const prefix = directory.endsWith('/') ? directory : `${directory}/`;
  const below = parseMountinfo(text).filter(({ point }) => point.startsWith(prefix));
  return below.map(({ id, parent, point }) => ({ id, parent, path: point.slice(prefix.length) }));
}

/** The mount and what it is mounted on, up to the root; empty: there is no such mount. */
export function mountsAbove(lines: readonly MountLine[], id: Integer64): readonly MountLine[] {
  const above: MountLine[] = [];
  for (let next = Number(id); above.length <= lines.length; ) {
    const line = lines.find((each) => each.id === next);
    if (line === undefined || line.parent === next) return line === undefined ? above : [...above, line];
    above.push(line);
    next = line.parent;
  }
  return above;
}
