/** /proc/PID/mountinfo -> mounts. Pure. [man proc_pid_mountinfo.5] */

export interface MountInfo {
  readonly id: number;
  readonly parent: number;
  /** What of the file system is mounted. */
  readonly root: string;
  readonly mountPoint: string;
  readonly fsType: string;
}

/** In the order of the file: a mount that covers another comes after it. */
export function parseMountInfo(text: string): readonly MountInfo[] {
  const mounts: MountInfo[] = [];
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    const [id, parent, , root, mountPoint] = fields;
    const fsType = fields[separator + 1];
    if (separator === -1 || root === undefined || mountPoint === undefined || fsType === undefined) continue;
    mounts.push({
      id: Number(id),
      parent: Number(parent),
      root: unescapeOctal(root),
      mountPoint: unescapeOctal(mountPoint),
      fsType,
    });
  }
  return mounts;
}

/** Space, tab, newline, backslash and # are written as \040 and so on. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
