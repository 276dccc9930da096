/**
 * Binds a process to processors, and reads back where it may run: the kernel leaves out those that do not exist and those that
 * the cgroup's cpuset does not have, and refuses only when none is left. [spec config.md#linux-process]
 * [man sched_setaffinity.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { formatRanges, isWithin, maskOf } from '../spec/parse-number-list.ts';
import type { PlannedCpus } from './plan-scheduling.ts';

/** Of the calling process. */
export function applyAffinity(kernel: Kernel, { ranges, pointer }: PlannedCpus): void {
  const mask = maskOf(ranges);
  const operation = `bind the process to the processors ${formatRanges(ranges)}`;
  try {
    kernel.schedSetaffinity(0, mask);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const hint = error.fields.errno === 'EINVAL' ? { hint: "none of them exists and is in the cgroup's cpuset" } : {};
    throw error.with({ pointer, ...hint }).within(operation);
  }
  if (isWithin(kernel.schedGetaffinity(0), mask)) return;
  const message = 'the kernel lets it run on others too';
  throw new RuntimeError({ kind: 'kernel', operation, pointer, syscall: 'sched_getaffinity', message });
}

/** For as long as `act` takes: what it makes inherits the processors. */
export function withAffinity<T>(kernel: Kernel, cpus: PlannedCpus | undefined, act: () => T): T {
  if (cpus === undefined) return act();
  const before = kernel.schedGetaffinity(0);
  applyAffinity(kernel, cpus);
  try {
    return act();
  } finally {
    kernel.schedSetaffinity(0, before);
  }
}
