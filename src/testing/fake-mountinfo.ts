/** /proc/self/mountinfo of the fake kernel. [man proc_pid_mountinfo.5] */
import type { Node, Place } from './fake-world.ts';

/** The mounts that can be reached from the root, each where it is mounted. */
export function listMounts(root: Place): string {
  const lines = [`${root.mount.id} 0 0:1 / / rw - ${root.mount.fsType} none rw`];
  const visit = (node: Node, path: string, seen: ReadonlySet<Node>): void => {
    if (seen.has(node)) return;
    const above = new Set([...seen, node]);
    for (const { on, mount } of node.covers) {
      lines.push(`${mount.id} ${on} 0:1 / ${path === '' ? '/' : path} rw - ${mount.fsType} none rw`);
      visit(mount.root, path, above);
    }
    for (const [name, child] of node.children) visit(child, `${path}/${name}`, above);
  };
  visit(root.node, '', new Set());
  return lines.join('\n');
}
