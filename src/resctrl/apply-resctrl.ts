/**
 * Makes a container's class of service and monitoring group in resctrl, puts processes into them and removes them. Works by
 * descriptor below the mount that the claim verified. [spec config-linux.md#intelrdt]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { AT_REMOVEDIR, AT_SYMLINK_NOFOLLOW, O_RDONLY, O_WRONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { explain, insideResctrl, monitorPath, openGroup, openResctrl, readGroupFile } from './open-resctrl.ts';
import type { ResctrlClaim } from './read-resctrl-claim.ts';
import type { ResctrlIdentity, ResctrlPlan } from './resctrl-plan.ts';

const pointer = '/linux/intelRdt';

/** The class and its schema. `made` is told of the identity as soon as there is something to undo. */
export function applyResctrl(
  kernel: Kernel,
  { root, identity }: ResctrlClaim,
  plan: ResctrlPlan,
  made: (identity: ResctrlIdentity) => void,
): ResctrlIdentity {
  return reporting(kernel, root, 'set up the class of service', () => {
    if (identity.madeInode !== undefined) kernel.mkdirat(root, identity.group, 0o755);
    made(identity);
    const known = identity.madeInode === undefined ? identity : identify(kernel, root, identity);
    const group = requireGroup(kernel, root, plan.group);
    if (plan.schemata.length > 0) writeFile(kernel, group, 'schemata', `${plan.schemata.join('\n')}\n`);
    kernel.close(group);
    if (plan.monitor !== undefined) kernel.mkdirat(root, monitorPath(plan.group, plan.monitor), 0o755);
    return known;
  });
}

function identify(kernel: Kernel, root: Fd<'host'>, identity: ResctrlIdentity): ResctrlIdentity {
  const { ino } = kernel.statx(root, identity.group, AT_SYMLINK_NOFOLLOW);
  return { ...identity, madeInode: Number(ino) };
}

/** Into the class, and into the monitoring group if there is one; what it forks is born there. */
export function applyResctrlTask(kernel: Kernel, identity: ResctrlIdentity, pid: number): void {
  const root = requireRoot(kernel, identity);
  reporting(kernel, root, 'put the process into its class of service', () => {
    const { group, monitor } = identity;
    const paths = monitor === undefined ? [group] : [group, monitorPath(group, monitor)];
    for (const path of paths) {
      const directory = requireGroup(kernel, root, path);
      writeFile(kernel, directory, 'tasks', String(pid));
      kernel.close(directory);
    }
  });
  kernel.close(root);
}

/** update: other lines for the class's schemata. Returns those that it had for the same resources, to give them back. */
export function applyResctrlUpdate(
  kernel: Kernel,
  identity: ResctrlIdentity,
  lines: readonly string[],
  flag: string,
): readonly string[] {
  const root = requireRoot(kernel, identity);
  const before = reporting(kernel, root, `change the class of service (${flag})`, () => {
    const group = requireGroup(kernel, root, identity.group);
    const had = readGroupFile(kernel, group, 'schemata').split('\n');
    writeFile(kernel, group, 'schemata', `${lines.join('\n')}\n`);
    kernel.close(group);
    const changed = new Set(lines.map(resourceOf));
    return had.filter((line) => changed.has(resourceOf(line)));
  });
  kernel.close(root);
  return before;
}

/** "L3" of "    L3:0=7ff". */
const resourceOf = (line: string): string => line.slice(0, Math.max(line.indexOf(':'), 0)).trim();

/**
 * The container goes: its monitoring group, and the class if it was made for this container alone. `isUndone`: create failed or
 * died, so that a class that was made for a closID goes as well. What is gone, or is not the recorded one, is left alone.
 */
export function applyResctrlRemoval(kernel: Kernel, identity: ResctrlIdentity, isUndone: boolean): void {
  const root = openResctrl(kernel, identity.mountPoint);
  if (root === undefined) return;
  reporting(kernel, root, 'remove the class of service', () => {
    const { group, monitor, madeInode, isNamed } = identity;
    if (monitor !== undefined) removeDirectory(kernel, root, monitorPath(group, monitor));
    if (madeInode === undefined || (isNamed && !isUndone)) return;
    const stat = kernel.statxOrErrno(root, group, AT_SYMLINK_NOFOLLOW);
    const isOurs =
      typeof stat !== 'string' && (madeInode === 0 ? isUnused(kernel, root, group) : Number(stat.ino) === madeInode);
    if (isOurs) removeDirectory(kernel, root, group);
  });
  kernel.close(root);
}

/** Nothing of ours is put into a class before its inode is on disk: whose tasks are there is somebody else's (rule B16). */
function isUnused(kernel: Kernel, root: Fd<'host'>, path: string): boolean {
  const group = openGroup(kernel, root, path);
  if (group === 'ENOENT') return false;
  if (typeof group === 'string') throw notOpened(root, path, group);
  const tasks = kernel.openat2(group, 'tasks', O_RDONLY, 0, insideResctrl);
  const { length } = kernel.read(tasks, 1);
  kernel.close(tasks);
  kernel.close(group);
  return length === 0;
}

function removeDirectory(kernel: Kernel, root: Fd<'host'>, path: string): void {
  const errno = kernel.unlinkatOrErrno(root, path, AT_REMOVEDIR);
  if (errno === undefined || errno === 'ENOENT') return;
  throw new RuntimeError({ kind: 'kernel', path: `${root.path}/${path}`, errno, syscall: 'unlinkat' });
}

function requireRoot(kernel: Kernel, { mountPoint }: ResctrlIdentity): Fd<'host'> {
  const root = openResctrl(kernel, mountPoint);
  if (root !== undefined) return root;
  throw new RuntimeError({
    kind: 'kernel',
    pointer,
    path: mountPoint,
    message: 'resctrl is not mounted there any more',
  });
}

function requireGroup(kernel: Kernel, root: Fd<'host'>, path: string): Fd<'host'> {
  const group = openGroup(kernel, root, path);
  if (typeof group !== 'string') return group;
  throw notOpened(root, path, group);
}

function notOpened(root: Fd<'host'>, path: string, errno: string): RuntimeError {
  return new RuntimeError({ kind: 'kernel', path: `${root.path}/${path}`, errno, syscall: 'openat2' });
}

function writeFile(kernel: Kernel, directory: Fd<'host'>, name: string, text: string): void {
  const file = kernel.openat2(directory, name, O_WRONLY, 0, insideResctrl);
  kernel.write(file, text);
  kernel.close(file);
}

/** An error says what was being done, for which property, and why in resctrl's own words. */
function reporting<T>(kernel: Kernel, root: Fd<'host'>, operation: string, act: () => T): T {
  return during(operation, () => {
    try {
      return act();
    } catch (error) {
      throw explain(kernel, root, error, pointer);
    }
  });
}
