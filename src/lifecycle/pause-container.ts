/**
 * pause and resume: all processes of a container stop and continue at once, by its cgroup. What pause promises it has seen:
 * cgroup.events says that every process stands still; else it is undone. Also for a created container, as in runc.
 * [man cgroups.7] cgroup.freeze
 */
import type { GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { applyCgroupFreeze } from '../cgroup/apply-cgroup-freeze.ts';
import { openCgroup } from '../cgroup/read-cgroup.ts';
import { readCgroupFacts } from '../cgroup/read-cgroup-facts.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { StateRecord } from '../state/state-record.ts';
import type { Status } from './check-status.ts';
import { whyNoCgroup } from './no-cgroup.ts';
import { observeLocked } from './observe-container.ts';

/** How long the processes may take, as in runc. */
const waitMs = 10_000;

/**
 * runc's words, which engines show: of a paused container too, it is then "not running". [order] locked: a start that is under
 * way ends first, so it never waits for a program that stands still.
 */
export function pauseContainer(kernel: Kernel, globals: GlobalOptions, id: string): void {
  const { record, status } = observeLocked(kernel, globals, id);
  if (status !== 'running' && status !== 'created') throw refusal(`container not running: ${id}`, status);
  applyCgroupFreeze(kernel, requireCgroup(kernel, record), true, waitMs);
}

export function resumeContainer(kernel: Kernel, globals: GlobalOptions, id: string): void {
  const { record, status } = observeLocked(kernel, globals, id);
  if (status !== 'paused') throw refusal(`container not paused: ${id}`, status);
  applyCgroupFreeze(kernel, requireCgroup(kernel, record), false, waitMs);
}

function refusal(message: string, status: Status): RuntimeError {
  return new RuntimeError({ kind: 'state', message: `${message} (it is ${status})` });
}

/** The container's own, by its inode (rule B16). */
function requireCgroup(kernel: Kernel, record: StateRecord): Fd<'cgroup'> {
  const missing = (message: string, hint: string): never => {
    throw new RuntimeError({ kind: 'state', operation: 'freeze the container', message, hint });
  };
  if (record.cgroup === undefined) {
    return missing(`it has no cgroup: ${whyNoCgroup}`, 'only processes in a cgroup can be paused');
  }
  const { root } = readCgroupFacts(kernel);
  const cgroup = root === undefined ? undefined : openCgroup(kernel, root, record.cgroup);
  return cgroup ?? missing(`its cgroup ${record.cgroup.path} is gone`, 'somebody else removed it');
}
