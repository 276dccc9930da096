/**
 * Waits for the kernel to say that something changed in cgroup.events, without ever sleeping: the file becomes readable with
 * POLLPRI once its content is not what this descriptor last read. A descriptor can be read only once here (there is no seek),
 * so each look opens the file anew; the count of changes starts with that read, so no change between read and poll is lost.
 * The kernel tells at most every 10 ms. [man cgroups.7]
 */

import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_RDONLY, POLLPRI, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { monotonicMs } from '../kernel/monotonic-clock.ts';
import { type CgroupEvents, parseEvents } from './cgroup-events.ts';

const EVENTS_LIMIT_BYTES = 256;
const goneEvents: CgroupEvents = { populated: false, frozen: false };

/** True once the condition holds, also when the cgroup is removed meanwhile (then all events are false); false after timeoutMs. */
export function waitForEvents(
  kernel: Kernel,
  cgroup: Fd<'cgroup'>,
  condition: (events: CgroupEvents) => boolean,
  timeoutMs: number,
): boolean {
  let deadline: number | undefined;
  for (;;) {
    const file = kernel.openat2OrErrno(cgroup, 'cgroup.events', O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    if (typeof file === 'string') return condition(goneOrThrow(cgroup, file));
    try {
      if (condition(readEvents(kernel, file))) return true;
      // The clock is asked only once there is something to wait for.
      // Whole milliseconds, as poll takes them; its own granularity rounds up.
      const now = Math.floor(monotonicMs(kernel));
      deadline ??= now + timeoutMs;
      if (now >= deadline) return false;
      kernel.poll([file], [POLLPRI], deadline - now);
    } finally {
      kernel.close(file);
    }
  }
}

/** A removed cgroup cannot be opened (ENOENT) or read (ENODEV). */
function readEvents(kernel: Kernel, file: Fd): CgroupEvents {
  try {
    // One read(2), where a whole text would take three calls: the kernel gives all of so small a file at once.
    return parseEvents(String.fromCharCode(...kernel.read(file, EVENTS_LIMIT_BYTES)));
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.errno === 'ENODEV') return goneEvents;
    throw error;
  }
}

function goneOrThrow(cgroup: Fd<'cgroup'>, errno: string): CgroupEvents {
  if (errno === 'ENOENT' || errno === 'ENODEV') return goneEvents;
  throw new RuntimeError({ kind: 'kernel', path: `${cgroup.path}/cgroup.events`, syscall: 'openat2', errno });
}
