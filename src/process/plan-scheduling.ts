/**
 * process.scheduler, ioPriority and execCPUAffinity -> numbers of the kernel. Values are in range and fit each other
 * (check-process.ts); whether the kernel takes them is found out by apply-scheduling.ts. Pure.
 * [spec config.md#linux-process] [man sched.7, sched_setattr.2, ioprio_set.2, sched_setaffinity.2]
 */
import type { SchedulingAttributes } from '../kernel/kernel.ts';
import type {
  IoPriority,
  IoPriorityClass,
  Process,
  Scheduler,
  SchedulerFlag,
  SchedulerPolicy,
} from '../spec/config-types.ts';
import { highestNumber, type NumberRange, parseNumberList } from '../spec/parse-number-list.ts';

/** include/uapi/linux/sched.h */
export const schedulerPolicies: { readonly [policy in SchedulerPolicy]: number } = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RR: 2,
  SCHED_BATCH: 3,
  SCHED_ISO: 4,
  SCHED_IDLE: 5,
  SCHED_DEADLINE: 6,
};

export const schedulerFlags: { readonly [flag in SchedulerFlag]: number } = {
  SCHED_FLAG_RESET_ON_FORK: 0x01,
  SCHED_FLAG_RECLAIM: 0x02,
  SCHED_FLAG_DL_OVERRUN: 0x04,
  SCHED_FLAG_KEEP_POLICY: 0x08,
  SCHED_FLAG_KEEP_PARAMS: 0x10,
  SCHED_FLAG_UTIL_CLAMP_MIN: 0x20,
  SCHED_FLAG_UTIL_CLAMP_MAX: 0x40,
};

/** include/uapi/linux/ioprio.h */
const ioClasses: { readonly [name in IoPriorityClass]: number } = {
  IOPRIO_CLASS_RT: 1,
  IOPRIO_CLASS_BE: 2,
  IOPRIO_CLASS_IDLE: 3,
};
const ioClassShift = 13;

export interface PlannedScheduler {
  readonly attributes: SchedulingAttributes;
  /** SCHED_FIFO, for messages. */
  readonly policy: SchedulerPolicy;
  /** JSON pointer: /process/scheduler. */
  readonly pointer: string;
}

export interface PlannedIoPriority {
  /** As ioprio_set(2) takes it. */
  readonly value: number;
  /** "IOPRIO_CLASS_BE 7", for messages. */
  readonly name: string;
  readonly pointer: string;
}

export interface PlannedCpus {
  readonly ranges: readonly NumberRange[];
  readonly pointer: string;
}

export interface SchedulingPlan {
  readonly scheduler: PlannedScheduler | undefined;
  readonly ioPriority: PlannedIoPriority | undefined;
}

/** Only exec has it. undefined: the affinity is not changed. */
export interface AffinityPlan {
  readonly initial: PlannedCpus | undefined;
  readonly final: PlannedCpus | undefined;
}

/** For what `asked` does not name, the container's own process holds, as in runc. undefined: nothing is asked for. */
export function planScheduling(asked: Process, pointer: string, container?: Process): SchedulingPlan | undefined {
  const scheduler =
    asked.scheduler === undefined
      ? planScheduler(container?.scheduler, '/process/scheduler')
      : planScheduler(asked.scheduler, `${pointer}/scheduler`);
  const ioPriority =
    asked.ioPriority === undefined
      ? planIoPriority(container?.ioPriority, '/process/ioPriority')
      : planIoPriority(asked.ioPriority, `${pointer}/ioPriority`);
  return scheduler === undefined && ioPriority === undefined ? undefined : { scheduler, ioPriority };
}

/** What is not given is 0, says the specification. */
function planScheduler(asked: Scheduler | undefined, pointer: string): PlannedScheduler | undefined {
  if (asked === undefined) return undefined;
  const { policy, nice = 0, priority = 0, flags = [], runtime = 0, deadline = 0, period = 0 } = asked;
  const bits = flags.reduce((all, flag) => all | schedulerFlags[flag], 0);
  const attributes = { policy: schedulerPolicies[policy], flags: bits, nice, priority, runtime, deadline, period };
  return { attributes, policy, pointer };
}

function planIoPriority(asked: IoPriority | undefined, pointer: string): PlannedIoPriority | undefined {
  if (asked === undefined) return undefined;
  const value = (ioClasses[asked.class] << ioClassShift) | asked.priority;
  return { value, name: `${asked.class} ${asked.priority}`, pointer };
}

/** Empty text is as absent. undefined: nothing is asked for. */
export function planAffinity(asked: Process, pointer: string, container?: Process): AffinityPlan | undefined {
  if (asked.execCPUAffinity === undefined) {
    return container === undefined ? undefined : planAffinity(container, '/process');
  }
  const initial = planCpus(asked.execCPUAffinity.initial, `${pointer}/execCPUAffinity/initial`);
  const final = planCpus(asked.execCPUAffinity.final, `${pointer}/execCPUAffinity/final`);
  return initial === undefined && final === undefined ? undefined : { initial, final };
}

function planCpus(text: string | undefined, pointer: string): PlannedCpus | undefined {
  if (text === undefined || text === '') return undefined;
  const ranges = parseNumberList(text);
  return typeof ranges === 'string' ? undefined : { ranges, pointer };
}

/**
 * Init of a container with processors of its own (resources.cpu.cpus) must not stay on those that the runtime's caller was
 * bound to, which the kernel remembers across the move into a cgroup since Linux 6.2. All that there could be, so that a
 * cpuset that grows later is used as well.
 */
export function planAllCpus(cpus: string | undefined): PlannedCpus | undefined {
  if (cpus === undefined || cpus === '') return undefined;
  return { ranges: [[0, highestNumber]], pointer: '/linux/resources/cpu/cpus' };
}
