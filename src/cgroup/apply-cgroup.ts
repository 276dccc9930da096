/**
 * Makes the container's cgroup: parents, controllers where a limit needs them, the directory, the limits, the device program.
 * It removes what it made when anything fails. A cgroup that is there already is taken only when it is empty and not frozen:
 * what is in it would be killed with the container (rule B16). [spec config-linux.md#control-groups] [man cgroups.7]
 */
import { assert } from '../base/assert.ts';
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { AT_REMOVEDIR } from '../kernel/flags.ts';
import type { CgroupFacts } from '../kernel/host-facts.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applyCgroupOwner } from './apply-cgroup-owner.ts';
import { applyCgroupWrites } from './apply-cgroup-writes.ts';
import { applyAvailableControllers, applyControllers } from './apply-controllers.ts';
import { applyDeviceFilter } from './apply-device-filter.ts';
import type { CgroupIdentity } from './cgroup-identity.ts';
import type { CgroupPlan } from './cgroup-plan.ts';
import { checkCgroupControllers } from './check-cgroup-controllers.ts';
import { openDirectory, readFile } from './open-in-cgroup.ts';
import { readCgroupEvents, readCgroupFreeze, readCgroupProcesses } from './read-cgroup.ts';
import type { CgroupClaim } from './read-cgroup-claim.ts';

export interface AppliedCgroup {
  /** For clone3's CLONE_INTO_CGROUP. The caller closes it. */
  readonly fd: Fd<'cgroup'>;
  readonly identity: CgroupIdentity;
}

const DIRECTORY_MODE = 0o755;
const ATTEMPTS = 5;

/** Makes the cgroup, writes plan.writes, attaches the device program. On failure removes what it made, then throws. */
export function applyCgroup(
  kernel: Kernel,
  root: Fd<'cgroup'>,
  facts: CgroupFacts,
  plan: CgroupPlan,
  claim: CgroupClaim,
): AppliedCgroup {
  return during('create the cgroup', () => {
    checkHostControllers(kernel, root, facts, plan);
    const made: string[] = [];
    let cgroup: Fd<'cgroup'> | undefined;
    try {
      const opened = makeDirectories(kernel, root, plan, made);
      cgroup = opened.fd;
      applyCgroupWrites(kernel, cgroup, plan.writes, opened.isNew);
      if (plan.deviceProgram !== undefined) applyDeviceFilter(kernel, cgroup, plan.deviceProgram, opened.isNew);
      if (plan.owner?.kind === 'uid') applyCgroupOwner(kernel, cgroup, plan.owner.uid);
      const createdParents = made
        .map((path) => `/${path}`)
        .filter((path) => path !== plan.path)
        .reverse();
      return { fd: cgroup, identity: { ...claim.identity, inode: Number(kernel.fstat(cgroup).ino), createdParents } };
    } catch (error) {
      if (cgroup?.isOpen === true) kernel.close(cgroup);
      removeMade(kernel, root, made);
      throw error;
    }
  });
}

/** A parent may vanish on the way, when the container that made it is deleted at this moment: then from the top again. */
function makeDirectories(kernel: Kernel, root: Fd<'cgroup'>, plan: CgroupPlan, made: string[]): OpenedDirectory {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const parent = makeParents(kernel, root, plan, made);
      try {
        return makeCgroup(kernel, parent, plan, made);
      } finally {
        if (parent !== root) kernel.close(parent);
      }
    } catch (error) {
      const errno = error instanceof RuntimeError ? error.fields.errno : undefined;
      const vanished = (errno === 'ENOENT' || errno === 'ENODEV') && error instanceof RuntimeError;
      if (!vanished || error.fields.pointer !== undefined || attempt === ATTEMPTS) throw error;
    }
  }
}

export function checkHostControllers(kernel: Kernel, root: Fd<'cgroup'>, facts: CgroupFacts, plan: CgroupPlan): void {
  if (plan.controllers.length === 0) return;
  const available = readFile(kernel, root, 'cgroup.controllers');
  checkCgroupControllers(plan.controllers, typeof available === 'string' ? '' : available.text, facts);
}

/** The directory that the cgroup is made in; every level on the way has the plan's controllers for its children. */
function makeParents(kernel: Kernel, root: Fd<'cgroup'>, plan: CgroupPlan, made: string[]): Fd<'cgroup'> {
  let dir = root;
  try {
    giveControllers(kernel, dir, plan);
    for (let index = 0; index < plan.components.length - 1; index += 1) {
      const name = plan.components[index] as string;
      const child = openOrMake(kernel, dir, name, () => remember(made, plan.components.slice(0, index + 1).join('/')));
      if (dir !== root) kernel.close(dir);
      dir = child.fd;
      giveControllers(kernel, dir, plan);
    }
    return dir;
  } catch (error) {
    if (dir !== root) kernel.close(dir);
    throw error;
  }
}

/** A cgroup that is to be delegated is given whatever there is. */
function giveControllers(kernel: Kernel, dir: Fd<'cgroup'>, plan: CgroupPlan): void {
  applyControllers(kernel, dir, plan.controllers);
  if (plan.delegate !== undefined) applyAvailableControllers(kernel, dir);
}

function makeCgroup(kernel: Kernel, parent: Fd<'cgroup'>, plan: CgroupPlan, made: string[]): OpenedDirectory {
  const name = plan.components[plan.components.length - 1];
  assert(name !== undefined, 'a cgroup path without components');
  const opened = makeOrOpen(kernel, parent, name, () => remember(made, plan.path.slice(1)));
  if (opened.isNew) return opened;
  try {
    refuseForeign(kernel, opened.fd);
    return opened;
  } catch (error) {
    kernel.close(opened.fd);
    throw error;
  }
}

/** One that vanished and was made again is one. */
function remember(made: string[], path: string): void {
  if (!made.includes(path)) made.push(path);
}

interface OpenedDirectory {
  readonly fd: Fd<'cgroup'>;
  readonly isNew: boolean;
}

/** Parents are mostly there: tried first. */
function openOrMake(kernel: Kernel, dir: Fd<'cgroup'>, name: string, onMade: () => void): OpenedDirectory {
  const opened = openDirectory(kernel, dir, name);
  return typeof opened === 'string' ? makeOrOpen(kernel, dir, name, onMade) : { fd: opened, isNew: false };
}

function makeOrOpen(kernel: Kernel, dir: Fd<'cgroup'>, name: string, onMade: () => void): OpenedDirectory {
  const errno = kernel.mkdiratOrErrno(dir, name, DIRECTORY_MODE);
  if (errno === undefined) onMade();
  else if (errno !== 'EEXIST') throw failure(dir, name, 'mkdirat', errno);
  const opened = openDirectory(kernel, dir, name);
  if (typeof opened === 'string') throw failure(dir, name, 'openat2', opened);
  return { fd: opened, isNew: errno === undefined };
}

function failure(dir: Fd<'cgroup'>, name: string, syscall: string, errno: string): RuntimeError {
  const hint =
    errno === 'EROFS' || errno === 'EACCES' || errno === 'EPERM'
      ? 'the cgroup tree must be mounted writable; as an ordinary user a delegated cgroup is needed'
      : undefined;
  const fields = { kind: 'kernel', path: `${dir.path}/${name}`, syscall, errno } as const;
  return new RuntimeError(hint === undefined ? fields : { ...fields, hint });
}

/** [order] the processes are counted before the freezer is looked at, as runc does: the more common mistake is named first. */
function refuseForeign(kernel: Kernel, cgroup: Fd<'cgroup'>): void {
  const refuse = (message: string, hint: string): never => {
    throw new RuntimeError({ kind: 'state', path: cgroup.path, message, hint });
  };
  if (readCgroupEvents(kernel, cgroup).populated) {
    const count = readCgroupProcesses(kernel, cgroup).length;
    refuse(
      `container's cgroup is not empty: ${count} process(es) found`,
      'give the container a cgroupsPath of its own',
    );
  }
  if (readCgroupFreeze(kernel, cgroup)) {
    refuse("container's cgroup unexpectedly frozen", 'write 0 to its cgroup.freeze');
  }
  const type = readFile(kernel, cgroup, 'cgroup.type');
  if (typeof type !== 'string' && type.text.trim() !== 'domain') {
    refuse(`container's cgroup is of type "${type.text.trim()}"`, 'a container needs a cgroup of type "domain"');
  }
}

/** Deepest last in the list: removed from the end. What somebody else filled meanwhile stays, and is not ours any more. */
function removeMade(kernel: Kernel, root: Fd<'cgroup'>, made: readonly string[]): void {
  for (let index = made.length - 1; index >= 0; index -= 1) {
    kernel.unlinkatOrErrno(root, made[index] as string, AT_REMOVEDIR);
  }
}
