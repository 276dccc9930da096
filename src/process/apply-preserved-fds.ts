import type { Kernel } from '../kernel/kernel.ts';
import type { PreservedFds } from './plan-preserved-fds.ts';

/** First thing of create/run/exec: checks 3..3+count-1 ("unable to stat preserved-fd") and marks all above close-on-exec. */
export declare function applyPreservedFds(kernel: Kernel, plan: PreservedFds): void;
