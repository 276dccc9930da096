/** start: opens the gate of a created container and runs its poststart hooks. */
import type { GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';

export function startContainer(_kernel: Kernel, _globals: GlobalOptions, _id: string): void {
  throw new RuntimeError({ kind: 'bug', message: 'startContainer is not written yet' });
}
