/** /proc/self/mountinfo -> the few fields that messages need. Pure. [man proc_pid_mountinfo.5] */
import { unescapeOctal } from './parse-full-kernel-mounts.ts';

export interface MountLine {
  readonly id: number;
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
    const [id, , , , point] = fields;
    const [fsType] = after.split(' ');
    if (id === undefined || point === undefined || fsType === undefined || fsType === '') continue;
    lines.push({ id: Number(id), point: unescapeOctal(point), fsType });
  }
  return lines;
}
