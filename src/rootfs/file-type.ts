/** What a statx(2) answer says about the kind of a file. Pure. [man inode.7] */
import { S_IFDIR, S_IFLNK, S_IFMT } from '../kernel/flags.ts';
import type { Stat } from '../kernel/kernel.ts';

export function isDirectory(stat: Stat): boolean {
  return (stat.mode & S_IFMT) === S_IFDIR;
}

export function isLink(stat: Stat): boolean {
  return (stat.mode & S_IFMT) === S_IFLNK;
}
