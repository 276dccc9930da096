/** Waits for the end of a process that is on its way out. [man pidfd_open.2] */
import type { Fd } from '../kernel/fd.ts';
import { POLLIN } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** A process in the kernel's hands, or an init with many processes to end, may take longer. */
const patienceMs = 1000;

/** false: it has not ended by then, or a signal came. */
export function awaitEnd(kernel: Kernel, pidfd: Fd<'object'>): boolean {
  const ready = kernel.poll([pidfd], [POLLIN], patienceMs);
  return ready !== undefined && ready[0] !== 0;
}
