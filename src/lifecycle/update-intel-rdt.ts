/**
 * The part of `update` that is Intel RDT's: other schemata for the class of service that the container is in. A container without
 * one gets none by update, as in runc. [spec config-linux.md#intelrdt]
 */
import type { UpdateRequest } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applyResctrlUpdate } from '../resctrl/apply-resctrl.ts';
import type { Config, IntelRdt } from '../spec/config-types.ts';
import type { StateRecord } from '../state/state-record.ts';
import type { UndoStack } from './undo-stack.ts';

/** What is to be saved; undefined: unchanged. */
export function updateIntelRdt(
  kernel: Kernel,
  record: StateRecord,
  config: Config,
  { l3CacheSchema, memBwSchema }: Pick<UpdateRequest, 'l3CacheSchema' | 'memBwSchema'>,
  undo: UndoStack,
): IntelRdt | undefined {
  const given = { ...(isText(l3CacheSchema) && { l3CacheSchema }), ...(isText(memBwSchema) && { memBwSchema }) };
  const lines = Object.values(given);
  if (lines.length === 0) return undefined;
  const flag = isText(l3CacheSchema) ? '--l3-cache-schema' : '--mem-bw-schema';
  const { resctrl } = record;
  if (resctrl === undefined) {
    throw new RuntimeError({
      kind: 'state',
      path: flag,
      message: 'updating a non-existent Intel RDT configuration is not supported',
      hint: 'give the container an intelRdt of its own when it is made',
    });
  }
  for (const line of lines) {
    if (line.includes('\n')) throw new RuntimeError({ kind: 'usage', path: flag, message: 'must be one line' });
  }
  const before = applyResctrlUpdate(kernel, resctrl, lines, flag);
  undo.push('give the class of service its schema back', () => applyResctrlUpdate(kernel, resctrl, before, flag));
  return { ...config.linux?.intelRdt, ...given };
}

/** Go's flags: an empty one was not given. */
function isText(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
