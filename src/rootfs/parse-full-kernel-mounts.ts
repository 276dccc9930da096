/**
 * The text of /proc/self/mountinfo -> the procfs and sysfs mounts of the host that --no-pivot has to take away. Pure.
 * [man proc_pid_mountinfo.5]
 */

/**
 * Mount points of procfs and sysfs whose whole tree is mounted, outside of the container's root. The fields are those of
 * proc_pid_mountinfo(5): root is the fourth, mount point the fifth, the type the first after the separator.
 */
export function findFullKernelMounts(mountinfo: string, containerRoot: string): string[] {
  const found: string[] = [];
  for (const line of mountinfo.split('\n')) {
    const fields = line.split(' ');
    const mountPoint = unescapeOctal(fields[4] ?? '');
    const type = fields[fields.indexOf('-') + 1];
    if (fields[3] !== '/' || (type !== 'proc' && type !== 'sysfs')) continue;
    // Wrong only if the root's path is a prefix by component: those below it are the container's own.
    if (mountPoint === containerRoot || mountPoint.startsWith(`${containerRoot}/`)) continue;
    found.push(mountPoint);
  }
  return found;
}

/** Blanks and backslashes are written as \\040 and the like. */
export function unescapeOctal(text: string): string {
  if (!text.includes('\\')) return text;
  const [first = '', ...rest] = text.split('\\');
  return first + rest.map((part) => String.fromCharCode(Number.parseInt(part.slice(0, 3), 8)) + part.slice(3)).join('');
}
