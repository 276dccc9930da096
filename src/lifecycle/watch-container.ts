/**
 * events: what a container uses, once (--stats) or at intervals, and each time that the kernel killed a process of it for lack
 * of memory, until the container ends or nobody reads any more. [man cgroups.7]
 */
import type { GlobalOptions } from '../base/request.ts';
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { CgroupStats } from '../cgroup/cgroup-stats.ts';
import { isRemoved } from '../cgroup/open-in-cgroup.ts';
import { openCgroup } from '../cgroup/read-cgroup.ts';
import { readCgroupFacts } from '../cgroup/read-cgroup-facts.ts';
import { readCgroupStats } from '../cgroup/read-cgroup-stats.ts';
import { startWatch, waitInCgroup } from '../cgroup/run-cgroup-watch.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { monotonicMs } from '../kernel/monotonic-clock.ts';
import { readResctrlStats } from '../resctrl/read-resctrl-stats.ts';
import type { ResctrlIdentity } from '../resctrl/resctrl-plan.ts';
import type { ResctrlStats } from '../resctrl/resctrl-stats.ts';
import { whyNoCgroup } from './no-cgroup.ts';
import { observeContainer } from './observe-container.ts';

/** stats: undefined for an OOM kill. */
export interface ContainerEvent {
  readonly type: 'stats' | 'oom';
  readonly id: string;
  readonly stats: CgroupStats | undefined;
  /** undefined: the container has no class of service of its own. */
  readonly resctrl?: ResctrlStats | undefined;
}

export interface WatchRequest {
  readonly id: string;
  /** Once, instead of at intervals. */
  readonly statsOnly: boolean;
  readonly intervalMs: number;
}

export interface EventOutput {
  /** Where the events go: when its other end is closed, the watch is over. */
  readonly reader: Fd;
  /** false: nobody reads any more. */
  readonly emit: (event: ContainerEvent) => boolean;
  readonly warn: (text: string) => void;
}

export function watchContainer(
  kernel: Kernel,
  globals: GlobalOptions,
  request: WatchRequest,
  output: EventOutput,
): void {
  const { id, statsOnly } = request;
  const watched = openWatched(kernel, globals, id);
  const isEnded = during(`watch container ${id}`, () => {
    if (!statsOnly) watch(kernel, watched, request, output);
    return statsOnly && emitStats(kernel, watched, id, output) === 'ended';
  });
  if (isEnded) throw notRunning(id);
}

interface Watched {
  /** The container's own; it stays open, so that a later one of the same name is never taken for it. */
  readonly cgroup: Fd<'cgroup'>;
  readonly resctrl: ResctrlIdentity | undefined;
}

function openWatched(kernel: Kernel, globals: GlobalOptions, id: string): Watched {
  const { record, status } = observeContainer(kernel, globals, id);
  if (status === 'stopped' || status === 'creating') throw notRunning(id);
  if (record.cgroup === undefined) {
    throw new RuntimeError({
      kind: 'state',
      message: `container ${id} has no cgroup, so there are no statistics`,
      hint: whyNoCgroup,
    });
  }
  const { root } = readCgroupFacts(kernel);
  const cgroup = root === undefined ? undefined : openCgroup(kernel, root, record.cgroup);
  if (cgroup === undefined) throw notRunning(id);
  return { cgroup, resctrl: record.resctrl };
}

function watch(kernel: Kernel, watched: Watched, request: WatchRequest, output: EventOutput): void {
  const { cgroup } = watched;
  const { id, intervalMs } = request;
  const state = startWatch(kernel, cgroup);
  if (state.oomKills === undefined) {
    output.warn(`the memory controller is off for container ${id}: no oom events will be told`);
  }
  let deadlineMs = monotonicMs(kernel) + intervalMs;
  for (;;) {
    const result = waitInCgroup(kernel, cgroup, state, { reader: output.reader, deadlineMs });
    if (result === 'ended' || result === 'nobodyReads') return;
    if (result === 'oom') {
      if (!output.emit({ type: 'oom', id, stats: undefined })) return;
      continue;
    }
    if (emitStats(kernel, watched, id, output) !== 'told') return;
    // Intervals that passed while nobody read are not made up for.
    const late = monotonicMs(kernel) - deadlineMs;
    deadlineMs += intervalMs * (1 + Math.floor(late / intervalMs));
  }
}

type Telling = 'told' | 'nobodyReads' | 'ended';

function emitStats(kernel: Kernel, watched: Watched, id: string, output: EventOutput): Telling {
  const read = readStats(kernel, watched);
  if (read === undefined) return 'ended';
  return output.emit({ type: 'stats', id, ...read }) ? 'told' : 'nobodyReads';
}

/** undefined: the container has ended meanwhile. A class of service is removed after the cgroup. */
function readStats(
  kernel: Kernel,
  { cgroup, resctrl }: Watched,
): Pick<ContainerEvent, 'stats' | 'resctrl'> | undefined {
  const stats = readCgroupStats(kernel, cgroup);
  if (stats === undefined || resctrl === undefined) return stats && { stats };
  try {
    return { stats, resctrl: readResctrlStats(kernel, resctrl) };
  } catch (error) {
    const isKernels = error instanceof RuntimeError && error.fields.kind === 'kernel';
    if (isKernels && isRemoved(kernel, cgroup)) return undefined;
    throw error;
  }
}

function notRunning(id: string): RuntimeError {
  return new RuntimeError({ kind: 'state', message: `container with id ${id} is not running` });
}
