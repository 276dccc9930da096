import type { Kernel } from '../kernel/kernel.ts';
import type { ProcessPlan } from './process-plan.ts';

/** To be called inside the container, after the pivot and fchdir to cwd: the path for execve. Throws what engines grep. */
export declare function runLookupExecutable(kernel: Kernel, plan: ProcessPlan): string;
