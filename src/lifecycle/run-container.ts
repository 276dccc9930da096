/** run: create and start in one, in the foreground (returns the exit code) or detached (returns 0). */
import type { CreateRequest, GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';

export function runContainer(_kernel: Kernel, _globals: GlobalOptions, _request: CreateRequest): number {
  throw new RuntimeError({ kind: 'bug', message: 'runContainer is not written yet' });
}
