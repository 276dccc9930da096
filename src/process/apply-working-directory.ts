import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** Enters cwd inside root (the container's root directory) and proves that it is inside. */
export declare function applyWorkingDirectory(kernel: Kernel, root: Fd, cwd: string, pointer: string): void;
