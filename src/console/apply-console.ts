import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';

export interface Console {
  readonly master: Fd<'object'>;
  readonly slave: Fd<'object'>;
}
export interface ConsoleOptions {
  /** The container's devpts: the mount's own descriptor, or what openDevpts gave. */
  readonly devpts: Fd;
  readonly size: { readonly rows: number; readonly columns: number } | undefined;
  /** Owner of the slave: the container user's uid. */
  readonly uid: number;
}
/** /dev/pts below the container's root, verified to be a devpts. */
export declare function openDevpts(kernel: Kernel, root: Fd): Fd;
/** A new pseudo-terminal of that devpts. */
export declare function applyConsole(kernel: Kernel, options: ConsoleOptions): Console;
/** After setsid: the slave becomes controlling terminal and descriptors 0, 1, 2; closes slave. */
export declare function applyConsoleStdio(kernel: Kernel, slave: Fd): void;
