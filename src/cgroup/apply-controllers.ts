/**
 * Enables controllers for the children of one cgroup (cgroup.subtree_control). Done at each level from the root down, and only
 * for controllers that a limit needs: every enabled controller costs each process of the subtree. [man cgroups.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ControllerNeed } from './cgroup-plan.ts';
import { isRemoved, readFile, writeFile } from './open-in-cgroup.ts';

const FILE = 'cgroup.subtree_control';

export function applyControllers(kernel: Kernel, dir: Fd<'cgroup'>, needs: readonly ControllerNeed[]): void {
  if (needs.length === 0) return;
  // One write for all of them is all or nothing; on failure one at a time tells which it was.
  if (enable(kernel, dir, needs.map(({ name }) => `+${name}`).join(' ')) === undefined) return;
  // Above a delegated cgroup nothing can be written, and need not be where it is done already.
  const enabled = readFile(kernel, dir, FILE);
  const names = typeof enabled === 'string' ? [] : enabled.text.trim().split(' ');
  for (const { name, pointer } of needs) {
    if (names.includes(name)) continue;
    const errno = enable(kernel, dir, `+${name}`);
    if (errno === undefined) continue;
    throw isRemoved(kernel, dir) ? vanished(dir, errno) : describe(dir, name, pointer, errno);
  }
}

/**
 * Every controller that the cgroup has, for its children: whoever owns those chooses among them. One that cannot be given (a
 * threaded cgroup, real-time processes) is not.
 */
export function applyAvailableControllers(kernel: Kernel, dir: Fd<'cgroup'>): void {
  const available = wordsOf(readFile(kernel, dir, 'cgroup.controllers'));
  const enabled = wordsOf(readFile(kernel, dir, FILE));
  for (const name of available) if (!enabled.includes(name)) enable(kernel, dir, `+${name}`);
}

function wordsOf(file: { readonly text: string } | string): readonly string[] {
  return typeof file === 'string' ? [] : file.text.split(/\s+/).filter((word) => word !== '');
}

function enable(kernel: Kernel, dir: Fd<'cgroup'>, text: string): undefined | string {
  try {
    return writeFile(kernel, dir, FILE, text);
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.errno !== undefined) return error.fields.errno;
    throw error;
  }
}

/** Not the fault of what was asked for, so without its pointer: the caller begins again. */
function vanished(dir: Fd<'cgroup'>, errno: string): RuntimeError {
  const hint = 'somebody else removes this cgroup at the same time';
  return new RuntimeError({ kind: 'kernel', path: `${dir.path}/${FILE}`, syscall: 'openat2', errno, hint });
}

const hints: Readonly<Record<string, string>> = {
  EBUSY: 'this cgroup has processes of its own, and one with processes cannot give controllers to its children',
  EACCES: 'this cgroup is not yours: whoever delegated the cgroup below it must enable the controller here',
  EPERM: 'this cgroup is the root of a cgroup namespace: its controllers are enabled from outside',
  EROFS: 'the cgroup tree is mounted read-only',
  ENOENT: 'the controller is not given to this part of the tree (see its cgroup.controllers)',
  EOPNOTSUPP: 'a threaded cgroup takes only controllers of threads (cpu, cpuset, pids, perf_event)',
};

function describe(dir: Fd<'cgroup'>, name: string, pointer: string, errno: string): RuntimeError {
  const hint = hints[errno];
  return new RuntimeError({
    kind: 'kernel',
    operation: `enable the controller "${name}"`,
    pointer,
    path: `${dir.path}/${FILE}`,
    syscall: 'write',
    errno,
    ...(hint === undefined ? {} : { hint }),
  });
}
