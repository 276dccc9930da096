/** create: claims the id, builds the container and leaves its init waiting at the start gate. */
import type { CreateRequest, GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';

export function createContainer(_kernel: Kernel, _globals: GlobalOptions, _request: CreateRequest): void {
  throw new RuntimeError({ kind: 'bug', message: 'createContainer is not written yet' });
}
