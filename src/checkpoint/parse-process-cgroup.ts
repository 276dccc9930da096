/** /proc/PID/cgroup -> the roots that criu puts the restored processes below: one for each hierarchy. Pure. [man cgroups.7] */

/** "0::/web" is the v2 tree, "4:cpu,cpuacct:/x" two controllers of a v1 hierarchy. */
export function parseProcessCgroup(text: string): readonly { readonly controller: string; readonly path: string }[] {
  const roots: { controller: string; path: string }[] = [];
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    if (match === null) continue;
    for (const controller of (match[1] as string).split(',')) roots.push({ controller, path: match[2] as string });
  }
  return roots;
}
