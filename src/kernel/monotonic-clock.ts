/** The clock of deadlines: it is never set. */
import { CLOCK_MONOTONIC } from './flags.ts';
import type { Kernel } from './kernel.ts';

/** Milliseconds since some moment, with fractions. [man clock_gettime.2] */
export function monotonicMs(kernel: Kernel): number {
  const [seconds, nanoseconds] = kernel.clockGettime(CLOCK_MONOTONIC);
  return seconds * 1000 + nanoseconds / 1e6;
}
