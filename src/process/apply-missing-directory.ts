import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** Creates cwd (0755, component by component) inside root if it is missing; to be called before the root becomes read-only. */
export declare function applyMissingDirectory(kernel: Kernel, root: Fd, cwd: string, pointer: string): void;
