/**
 * Waits for what `events` tells: an OOM kill in the cgroup, its end, the next interval, or that nobody reads any more. Never
 * sleeps: memory.events and cgroup.events become readable with POLLPRI once their content is not what was last read from the
 * descriptor, so each look opens them anew and no change between read and poll is lost. [man cgroups.7] [man poll.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_RDONLY, POLLPRI, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS } from '../kernel/flags.ts';
import type { Integer64, Kernel } from '../kernel/kernel.ts';
import { monotonicMs } from '../kernel/monotonic-clock.ts';
import { parseEvents } from './cgroup-events.ts';
import { parseCount, parseFlatKeys } from './parse-cgroup-stats.ts';

/** Both files are far smaller. */
const EVENTS_LIMIT_BYTES = 4096;
/** The longest that poll takes. */
const LONGEST_POLL_MS = 0x7fffffff;

export type WatchResult = 'oom' | 'ended' | 'interval' | 'nobodyReads';

export interface CgroupWatch {
  /** memory.events: how many processes were killed so far; undefined without the memory controller. */
  oomKills: Integer64 | undefined;
}

/** From now on: kills that were before are nobody's news. */
export function startWatch(kernel: Kernel, cgroup: Fd<'cgroup'>): CgroupWatch {
  const file = openEvents(kernel, cgroup, 'memory.events');
  if (file === undefined) return { oomKills: undefined };
  try {
    return { oomKills: readOomKills(kernel, file) };
  } finally {
    kernel.close(file);
  }
}

/**
 * Counts the kills it reports in `watch`. reader: a pipe or terminal that the result is written to; deadlineMs: by monotonicMs.
 * Several kills between two looks are one 'oom'. [order] kills before the end: a container may end by one.
 */
export function waitInCgroup(
  kernel: Kernel,
  cgroup: Fd<'cgroup'>,
  watch: CgroupWatch,
  { reader, deadlineMs }: { readonly reader: Fd; readonly deadlineMs: number },
): WatchResult {
  for (;;) {
    const files: Fd[] = [];
    try {
      const memory = watch.oomKills === undefined ? undefined : openInto(kernel, cgroup, 'memory.events', files);
      const processes = openInto(kernel, cgroup, 'cgroup.events', files);
      if (memory !== undefined && hasNewKill(kernel, memory, watch)) return 'oom';
      if (processes === undefined || !isPopulated(kernel, processes)) return 'ended';
      const now = monotonicMs(kernel);
      if (now >= deadlineMs) return 'interval';
      const timeoutMs = Math.min(Math.ceil(deadlineMs - now), LONGEST_POLL_MS);
      const ready = kernel.poll([reader, ...files], [0, ...files.map(() => POLLPRI)], timeoutMs);
      if (ready !== undefined && ready[0] !== 0) return 'nobodyReads';
    } finally {
      for (const file of files) kernel.close(file);
    }
  }
}

function openInto(kernel: Kernel, cgroup: Fd<'cgroup'>, name: string, files: Fd[]): Fd | undefined {
  const file = openEvents(kernel, cgroup, name);
  if (file !== undefined) files.push(file);
  return file;
}

/** undefined: it is not there, or the cgroup was removed. */
function openEvents(kernel: Kernel, cgroup: Fd<'cgroup'>, name: string): Fd | undefined {
  const file = kernel.openat2OrErrno(cgroup, name, O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (typeof file !== 'string') return file;
  if (file === 'ENOENT' || file === 'ENODEV') return undefined;
  throw new RuntimeError({ kind: 'kernel', path: `${cgroup.path}/${name}`, syscall: 'openat2', errno: file });
}

function hasNewKill(kernel: Kernel, file: Fd, watch: CgroupWatch): boolean {
  const kills = readOomKills(kernel, file);
  if (watch.oomKills === undefined || kills <= watch.oomKills) return false;
  watch.oomKills = kills;
  return true;
}

function readOomKills(kernel: Kernel, file: Fd): Integer64 {
  return parseCount(parseFlatKeys(readText(kernel, file)).get('oom_kill') ?? '0');
}

function isPopulated(kernel: Kernel, file: Fd): boolean {
  return parseEvents(readText(kernel, file)).populated;
}

/** "" when the cgroup was removed meanwhile. */
function readText(kernel: Kernel, file: Fd): string {
  try {
    return String.fromCharCode(...kernel.read(file, EVENTS_LIMIT_BYTES));
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.errno === 'ENODEV') return '';
    throw error;
  }
}
