/**
 * Stops and continues all processes of a container at once (cgroup.freeze). The write only asks; cgroup.events says when every
 * process has stopped. A container is never left half frozen: when it takes too long it is thawed again. [man cgroups.7]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { isRemoved, writeUnlessRemoved } from './open-in-cgroup.ts';
import { waitForEvents } from './run-cgroup-wait.ts';

/** Returns when the kernel says that it is so. The descriptor must come from openCgroup. */
export function applyCgroupFreeze(kernel: Kernel, cgroup: Fd<'cgroup'>, frozen: boolean, timeoutMs: number): void {
  during(frozen ? 'freeze the container' : 'thaw the container', () => {
    request(kernel, cgroup, frozen);
    try {
      if (waitForEvents(kernel, cgroup, (events) => events.frozen === frozen, timeoutMs)) return;
      if (isRemoved(kernel, cgroup)) throw gone();
      throw tookTooLong(cgroup, frozen, timeoutMs);
    } catch (error) {
      throw frozen ? thawed(kernel, cgroup, error) : error;
    }
  });
}

/** The error of a freeze that is taken back, and what became of that. */
function thawed(kernel: Kernel, cgroup: Fd<'cgroup'>, error: unknown): unknown {
  try {
    request(kernel, cgroup, false);
    return error;
  } catch (second) {
    if (second instanceof RuntimeError && second.fields.kind === 'state') return error;
    return error instanceof RuntimeError ? error.with({ hint: 'it may stand still now: run runt resume' }) : error;
  }
}

/** By systemd, or by who deletes the container: nobody is left in it who could stand still. */
function gone(): RuntimeError {
  return new RuntimeError({ kind: 'state', message: 'container not running: its cgroup was removed meanwhile' });
}

function tookTooLong(cgroup: Fd<'cgroup'>, frozen: boolean, timeoutMs: number): RuntimeError {
  return new RuntimeError({
    kind: 'kernel',
    path: `${cgroup.path}/cgroup.events`,
    message: `a process did not ${frozen ? 'stop' : 'continue'} within ${timeoutMs} ms`,
    hint: 'a process in uninterruptible sleep (state D) cannot be frozen until what it waits for ends',
  });
}

function request(kernel: Kernel, cgroup: Fd<'cgroup'>, frozen: boolean): void {
  const errno = writeUnlessRemoved(kernel, cgroup, 'cgroup.freeze', frozen ? '1' : '0');
  if (errno === undefined) return;
  if (errno === 'ENODEV') throw gone();
  throw new RuntimeError({ kind: 'kernel', path: `${cgroup.path}/cgroup.freeze`, syscall: 'openat2', errno });
}
