/**
 * The part of `update` that is Intel RDT's: other schemata for the group that the container is in. A container without one gets
 * none by update, as in runc. [spec config-linux.md#intelrdt]
 */
import type { UpdateRequest } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Config, IntelRdt } from '../spec/config-types.ts';
import type { UndoStack } from './undo-stack.ts';

/** What is to be saved; undefined: unchanged. */
export function updateIntelRdt(
  _kernel: Kernel,
  config: Config,
  { l3CacheSchema, memBwSchema }: Pick<UpdateRequest, 'l3CacheSchema' | 'memBwSchema'>,
  _undo: UndoStack,
): IntelRdt | undefined {
  if (l3CacheSchema === undefined && memBwSchema === undefined) return undefined;
  const flag = l3CacheSchema === undefined ? '--mem-bw-schema' : '--l3-cache-schema';
  throw new RuntimeError({
    kind: 'state',
    path: flag,
    message:
      config.linux?.intelRdt === undefined
        ? 'updating a non-existent Intel RDT configuration is not supported'
        : 'the Intel RDT group of a container cannot be changed',
    hint: 'give the container an intelRdt of its own when it is made',
  });
}
