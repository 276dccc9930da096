import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** processDirectory: /proc/<pid> (or /proc/self) of a verified procfs. */
export declare function applyOomScore(kernel: Kernel, processDirectory: Fd, oomScoreAdj: number, pointer: string): void;
