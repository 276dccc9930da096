/** exec: one more process in a running container; returns its exit code, or 0 when detached. */
import type { ExecRequest, GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';

export function execInContainer(_kernel: Kernel, _globals: GlobalOptions, _request: ExecRequest): number {
  throw new RuntimeError({ kind: 'bug', message: 'execInContainer is not written yet' });
}
