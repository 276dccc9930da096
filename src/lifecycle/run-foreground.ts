import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';

export interface ForegroundOptions {
  /** The pseudo-terminal's master, or undefined when the child has our stdio. */
  readonly terminal: Fd | undefined;
  readonly subreaper: boolean;
}
/** Before clone3: blocks the signals to forward (the exec tail empties the child's mask) and becomes subreaper. */
export declare function prepareForeground(kernel: Kernel, options: ForegroundOptions): Fd<'object'>;
/** After the exec: relays until the child exits; its exit code, or 128 + signal. */
export declare function runForeground(
  kernel: Kernel,
  child: { readonly pid: number; readonly pidfd: Fd },
  signals: Fd,
  options: ForegroundOptions,
): number;
