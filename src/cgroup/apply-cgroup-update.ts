/**
 * Changes the limits of a container that is there: reads what its files say, enables the controllers that are missing, writes in
 * the planned order, reads back. Before each write its inverse is handed to the caller, who carries them out backwards when
 * anything fails. A controller that was enabled stays enabled: others may use it by then. [man cgroups.7]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { CgroupFacts } from '../kernel/host-facts.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applyCgroupWrites } from './apply-cgroup-writes.ts';
import { applyControllers } from './apply-controllers.ts';
import type { CgroupIdentity } from './cgroup-identity.ts';
import type { ControllerNeed } from './cgroup-plan.ts';
import { checkCgroupControllers } from './check-cgroup-controllers.ts';
import { openDirectory, readFile } from './open-in-cgroup.ts';
import { type CgroupUpdatePlan, checkMemoryUsage, filesOf, planUpdateSteps } from './plan-cgroup-update.ts';
import { openCgroup } from './read-cgroup.ts';

/** The container's cgroup, and the tree it is in. */
export interface UpdatedCgroup {
  readonly root: Fd<'cgroup'>;
  readonly facts: CgroupFacts;
  readonly identity: CgroupIdentity;
}

export function applyCgroupUpdate(
  kernel: Kernel,
  place: UpdatedCgroup,
  plan: CgroupUpdatePlan,
  pushUndo: (what: string, run: () => void) => void,
  tellSystemd: () => void = () => {},
): void {
  during('change the limits', () => {
    const cgroup = openCgroup(kernel, place.root, place.identity);
    if (cgroup === undefined) {
      const message = `the cgroup ${place.identity.path} of the container is gone`;
      throw new RuntimeError({ kind: 'state', message, hint: 'somebody else removed it' });
    }
    giveControllers(kernel, place, cgroup, plan.controllers);
    if (plan.memoryCheck !== undefined) {
      const memory = readSize(kernel, cgroup, 'memory.current', true);
      checkMemoryUsage(plan.memoryCheck, { memory, swap: readSize(kernel, cgroup, 'memory.swap.current', false) });
    }
    const before = new Map(filesOf(plan.writes).map((file) => [file, readText(kernel, cgroup, file)]));
    // [order] before the files, which are then as they were asked for: systemd writes some of them itself, and rounds.
    tellSystemd();
    for (const { write, restore } of planUpdateSteps(plan.writes, before)) {
      if (restore.length > 0)
        pushUndo(`put back ${write.file}`, () => applyCgroupWrites(kernel, cgroup, restore, false));
      applyCgroupWrites(kernel, cgroup, [write], false);
    }
  });
}

/** Those that the cgroup does not have: each level from the root down gives them to its children. */
function giveControllers(
  kernel: Kernel,
  { root, facts, identity }: UpdatedCgroup,
  cgroup: Fd<'cgroup'>,
  needs: readonly ControllerNeed[],
): void {
  if (needs.length === 0) return;
  const own = (readText(kernel, cgroup, 'cgroup.controllers') ?? '').trim().split(' ');
  const missing = needs.filter(({ name }) => !own.includes(name));
  if (missing.length === 0) return;
  checkCgroupControllers(missing, readText(kernel, root, 'cgroup.controllers') ?? '', facts);
  const parents = identity.path.split('/').slice(1, -1);
  let dir = root;
  try {
    applyControllers(kernel, dir, missing);
    for (const name of parents) {
      const child = openDirectory(kernel, dir, name);
      if (typeof child === 'string') throw unreadable(dir, name, child);
      if (dir !== root) kernel.close(dir);
      dir = child;
      applyControllers(kernel, dir, missing);
    }
  } finally {
    if (dir !== root) kernel.close(dir);
  }
}

/** undefined: there is no such file, or it is only for writing (EINVAL: memory.reclaim): then there is nothing to put back. */
function readText(kernel: Kernel, cgroup: Fd<'cgroup'>, name: string): string | undefined {
  const file = readFile(kernel, cgroup, name);
  if (typeof file !== 'string') return file.text;
  if (file === 'ENOENT' || file === 'EINVAL' || file === 'EACCES') return undefined;
  throw unreadable(cgroup, name, file);
}

function readSize(kernel: Kernel, cgroup: Fd<'cgroup'>, name: string, required: boolean): bigint {
  const text = readText(kernel, cgroup, name)?.trim();
  if (text !== undefined && text !== '') return BigInt(text);
  if (required) throw unreadable(cgroup, name, 'ENOENT');
  return 0n;
}

function unreadable(dir: Fd<'cgroup'>, name: string, errno: string): RuntimeError {
  return new RuntimeError({ kind: 'kernel', path: `${dir.path}/${name}`, syscall: 'openat2', errno });
}
