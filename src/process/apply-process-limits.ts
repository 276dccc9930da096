import type { Kernel } from '../kernel/kernel.ts';
import type { PlannedRlimit } from './process-plan.ts';

/** pid 0 is the calling process. Sets what is not deferred; of the deferred ones only a hard limit that must be raised. */
export declare function applyProcessLimits(kernel: Kernel, pid: number, rlimits: readonly PlannedRlimit[]): void;
