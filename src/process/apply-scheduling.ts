/**
 * Sets scheduling policy and I/O priority of a process and reads both back: what the kernel kept is compared with what was
 * asked for (rule B12). Real-time policies, a nice value below the caller's and IOPRIO_CLASS_RT need CAP_SYS_NICE in the
 * initial user namespace, so whoever has that calls this: the child itself, or the parent for a child in a user namespace.
 * [spec config.md#linux-process] [man sched_setattr.2, ioprio_set.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel, SchedulingAttributes } from '../kernel/kernel.ts';
import {
  type PlannedIoPriority,
  type PlannedScheduler,
  type SchedulingPlan,
  schedulerFlags,
  schedulerPolicies,
} from './plan-scheduling.ts';

/** pid 0 is the calling process. */
export function applyScheduling(kernel: Kernel, pid: number, { scheduler, ioPriority }: SchedulingPlan): void {
  if (ioPriority !== undefined) applyIoPriority(kernel, pid, ioPriority);
  if (scheduler !== undefined) applyScheduler(kernel, pid, scheduler);
}

function applyScheduler(kernel: Kernel, pid: number, asked: PlannedScheduler): void {
  const operation = `set the scheduling policy ${asked.policy}`;
  try {
    kernel.schedSetattr(pid, asked.attributes);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const hint = schedulerHint(asked, error.fields.errno);
    throw error.with({ pointer: asked.pointer, ...(hint === undefined ? {} : { hint }) }).within(operation);
  }
  const difference = findDifference(asked.attributes, kernel.schedGetattr(pid));
  if (difference === undefined) return;
  const message = `the kernel kept another ${difference}`;
  throw new RuntimeError({ kind: 'kernel', operation, pointer: asked.pointer, syscall: 'sched_getattr', message });
}

function schedulerHint({ attributes, policy }: PlannedScheduler, errno: string | undefined): string | undefined {
  const isDeadline = policy === 'SCHED_DEADLINE';
  const isRealTime = policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
  const clamps =
    (attributes.flags & (schedulerFlags.SCHED_FLAG_UTIL_CLAMP_MIN | schedulerFlags.SCHED_FLAG_UTIL_CLAMP_MAX)) !== 0;
  switch (errno) {
    case 'EPERM':
      if (isDeadline)
        return 'runt itself needs CAP_SYS_NICE, and the process all processors: no cpuset, no CPU affinity';
      return isRealTime
        ? 'runt itself needs CAP_SYS_NICE in the initial user namespace, or the cgroup has no real-time budget (cpu controller with RT_GROUP_SCHED)'
        : 'a nice value below that of runt itself needs CAP_SYS_NICE in the initial user namespace';
    case 'EBUSY':
      return 'the processors have not that much time left for SCHED_DEADLINE';
    case 'EOPNOTSUPP':
      return clamps ? 'this kernel has no utilization clamping (CONFIG_UCLAMP_TASK)' : undefined;
    case 'EINVAL':
      if (policy === 'SCHED_ISO') return 'Linux has a number for SCHED_ISO but does not implement it';
      return isDeadline
        ? 'runtime, deadline and period must lie between /proc/sys/kernel/sched_deadline_period_min_us and _max_us'
        : undefined;
    default:
      return undefined;
  }
}

/** Of the values that mean something for the policy; undefined: all are as asked for. */
function findDifference(asked: SchedulingAttributes, now: SchedulingAttributes): string | undefined {
  const { policy, flags } = asked;
  const reset = schedulerFlags.SCHED_FLAG_RESET_ON_FORK;
  if ((flags & reset) !== (now.flags & reset)) return 'SCHED_FLAG_RESET_ON_FORK';
  if ((flags & schedulerFlags.SCHED_FLAG_KEEP_POLICY) === 0 && policy !== now.policy) return 'policy';
  if ((flags & schedulerFlags.SCHED_FLAG_KEEP_PARAMS) !== 0 || policy !== now.policy) return undefined;
  const { SCHED_OTHER, SCHED_BATCH, SCHED_FIFO, SCHED_RR, SCHED_DEADLINE } = schedulerPolicies;
  if ((policy === SCHED_OTHER || policy === SCHED_BATCH) && asked.nice !== now.nice) return 'nice value';
  if ((policy === SCHED_FIFO || policy === SCHED_RR) && asked.priority !== now.priority) return 'priority';
  if (policy !== SCHED_DEADLINE) return undefined;
  if (asked.runtime !== now.runtime || asked.deadline !== now.deadline) return 'runtime or deadline';
  // A period of 0 is the deadline.
  return now.period === asked.period || (Number(asked.period) === 0 && now.period === asked.deadline)
    ? undefined
    : 'period';
}

function applyIoPriority(kernel: Kernel, pid: number, { value, name, pointer }: PlannedIoPriority): void {
  const operation = `set the I/O priority ${name}`;
  try {
    kernel.ioprioSet(pid, value);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    throw error.with({ pointer, ...ioPriorityHint(error.fields.errno) }).within(operation);
  }
  const now = kernel.ioprioGet(pid);
  if (now === value) return;
  const message = `the kernel kept another one (class ${now >> 13}, priority ${now & 0x1fff})`;
  throw new RuntimeError({ kind: 'kernel', operation, pointer, syscall: 'ioprio_get', message });
}

function ioPriorityHint(errno: string | undefined): { hint?: string } {
  if (errno === 'EPERM') return { hint: 'IOPRIO_CLASS_RT needs CAP_SYS_NICE in the initial user namespace' };
  return errno === 'ENOSYS' ? { hint: 'this kernel has no block devices (CONFIG_BLOCK)' } : {};
}
