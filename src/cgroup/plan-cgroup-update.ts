/**
 * (what a container has, what is asked for) -> what `update` writes, in which order, and how each write is taken back. Pure: what
 * the files said before is read by apply-cgroup-update.ts. Only what was asked is written; what depends on two values (swap, the
 * quota and its period) is made from old and new together. [spec config-linux.md#control-groups] [man cgroups.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Resources } from '../spec/generated/config-types.ts';
import type { CgroupWrite, ControllerNeed } from './cgroup-plan.ts';
import { checkCgroupResources } from './check-cgroup-resources.ts';
import { lineOf } from './check-cgroup-value.ts';
import { neededControllers } from './plan-cgroup.ts';
import { planCgroupLimits } from './plan-cgroup-limits.ts';

export interface CgroupUpdatePlan {
  readonly controllers: readonly ControllerNeed[];
  readonly writes: readonly CgroupWrite[];
  /** Limits to be compared with what is in use first (memory.checkBeforeUpdate); undefined: not asked for. */
  readonly memoryCheck: MemoryCheck | undefined;
}

export interface MemoryCheck {
  /** Of memory alone; undefined: not asked for. */
  readonly limit: number | bigint | undefined;
  /** Of memory and swap together. */
  readonly swap: number | bigint | undefined;
}

/** asked: of askedResources; merged: of mergeResources, checked. Throws kind 'spec' for what cgroup v2 cannot do. */
export function planCgroupUpdate(asked: Resources, merged: Resources): CgroupUpdatePlan {
  checkCgroupResources(asked);
  const writes = planCgroupLimits(resourcesToWrite(asked, merged)).filter(
    ({ file }) => file !== 'memory.max' || asked.memory?.limit !== undefined || asked.unified?.[file] !== undefined,
  );
  return { writes, controllers: neededControllers(writes), memoryCheck: planMemoryCheck(asked, merged) };
}

/** What is asked, completed by what it depends on. */
export function resourcesToWrite(asked: Resources, merged: Resources): Resources {
  let out = asked;
  if (asked.memory?.limit !== undefined || asked.memory?.swap !== undefined) {
    const { limit, swap } = merged.memory ?? {};
    out = {
      ...out,
      memory: { ...asked.memory, ...(limit !== undefined && { limit }), ...(swap !== undefined && { swap }) },
    };
  }
  if (asked.cpu?.quota !== undefined || asked.cpu?.period !== undefined) {
    const { quota, period } = merged.cpu ?? {};
    out = {
      ...out,
      cpu: { ...asked.cpu, ...(quota !== undefined && { quota }), ...(period !== undefined && { period }) },
    };
  }
  return out;
}

function planMemoryCheck(asked: Resources, merged: Resources): MemoryCheck | undefined {
  const { limit, swap } = asked.memory ?? {};
  if (merged.memory?.checkBeforeUpdate !== true || (limit === undefined && swap === undefined)) return undefined;
  return { limit, swap };
}

/** [spec config-linux.md#memory] checkBeforeUpdate; the sentences are runc's. usage in bytes. */
export function checkMemoryUsage(check: MemoryCheck, usage: { readonly memory: bigint; readonly swap: bigint }): void {
  const together = usage.memory + usage.swap;
  if (check.swap !== undefined && check.swap > 0 && BigInt(check.swap) <= together)
    throw rejection('swap', `rejecting memory+swap limit ${check.swap} <= usage ${together}`);
  if (check.limit !== undefined && check.limit > 0 && BigInt(check.limit) <= usage.memory)
    throw rejection('limit', `rejecting memory limit ${check.limit} <= usage ${usage.memory}`);
}

function rejection(name: string, message: string): RuntimeError {
  return new RuntimeError({
    kind: 'state',
    pointer: `/linux/resources/memory/${name}`,
    message,
    hint: 'the container would be killed: stop some of its work, or leave checkBeforeUpdate out',
  });
}

/** What files said before; undefined: there is no such file. */
export type FilesBefore = ReadonlyMap<string, string | undefined>;

export interface UpdateStep {
  readonly write: CgroupWrite;
  /** What puts the old value back. Empty: the next step's does it, or nothing is left of it to put back. */
  readonly restore: readonly CgroupWrite[];
}

/** The files to be read first. */
export function filesOf(writes: readonly CgroupWrite[]): readonly string[] {
  const files = new Set<string>();
  for (const write of writes) {
    for (let at: CgroupWrite['whenMissing'] = write; typeof at === 'object'; at = at.whenMissing) files.add(at.file);
    if (write.file === 'cpu.weight') files.add('cpu.idle');
    if (write.file === 'cpu.max.burst') files.add('cpu.max');
  }
  return [...files];
}

/** Throws nothing: a file that is missing and must be there is found by the write. */
export function planUpdateSteps(writes: readonly CgroupWrite[], before: FilesBefore): readonly UpdateStep[] {
  const present = writes.map((write) => presentWrite(write, before)).filter((write) => write !== undefined);
  return orderWrites(present, before).map((write) => ({ write, restore: planRestore(write, before) }));
}

/** The write or what stands for it where its file is missing; undefined: nothing is to be done. */
function presentWrite(write: CgroupWrite, before: FilesBefore): CgroupWrite | undefined {
  if (before.get(write.file) !== undefined) return write;
  if (write.isDefault === true || write.whenMissing === 'skip') return undefined;
  return write.whenMissing === undefined ? write : presentWrite(write.whenMissing, before);
}

function orderWrites(writes: readonly CgroupWrite[], before: FilesBefore): readonly CgroupWrite[] {
  const ordered = [...writes];
  // [order] swap is made smaller only after memory: what memory has to give up must go somewhere, else processes are killed.
  if (isLowered('memory.swap.max', ordered, before)) moveBehind(ordered, 'memory.swap.max', 'memory.max');
  // [order] the kernel refuses a quota below the burst, at every moment: a burst that fits the old quota comes first.
  const quota = Number.parseInt(before.get('cpu.max') ?? '', 10);
  const burst = ordered.find(({ file }) => file === 'cpu.max.burst');
  if (burst !== undefined && !(Number(burst.value) > quota)) moveBehind(ordered, 'cpu.max', 'cpu.max.burst');
  return orderIdle(ordered, before);
}

/** [order] an idle cgroup refuses a weight, so it is not idle meanwhile. */
function orderIdle(writes: CgroupWrite[], before: FilesBefore): readonly CgroupWrite[] {
  const idle = writes.find(({ file }) => file === 'cpu.idle');
  const hasWeight = writes.some(({ file }) => file === 'cpu.weight');
  if (idle === undefined || !hasWeight || before.get('cpu.idle')?.trim() !== '1') return writes;
  if (idle.value === '1') return [{ ...idle, value: '0' }, ...writes];
  return [idle, ...writes.filter((write) => write !== idle)];
}

function isLowered(file: string, writes: readonly CgroupWrite[], before: FilesBefore): boolean {
  const write = writes.find((each) => each.file === file);
  return write !== undefined && size(write.value) < size(before.get(file)?.trim() ?? 'max');
}

function size(text: string): number {
  return text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
}

/** Moves `file` to just behind `other`, where both are. */
function moveBehind(writes: CgroupWrite[], file: string, other: string): void {
  const from = writes.findIndex((write) => write.file === file);
  const to = writes.findIndex((write) => write.file === other);
  if (from < 0 || to < 0 || from > to) return;
  const [write] = writes.splice(from, 1);
  if (write !== undefined) writes.splice(to, 0, write);
}

function planRestore(write: CgroupWrite, before: FilesBefore): readonly CgroupWrite[] {
  const { file, pointer, controller } = write;
  const text = before.get(file);
  // What an idle cgroup weighs is not a weight that could be written.
  if (text === undefined || (file === 'cpu.weight' && before.get('cpu.idle')?.trim() === '1')) return [];
  return oldValues(write, text).map((value) => ({ file, value, pointer, controller }));
}

/** The lines that make the file say again what it said. */
function oldValues({ file, value }: CgroupWrite, text: string): readonly string[] {
  const [key = '', second] = value.trim().split(' ');
  const line = lineOf(text, key);
  switch (file) {
    case 'io.max':
      return [line ?? `${key} rbps=max wbps=max riops=max wiops=max`];
    case 'rdma.max':
      return [line ?? `${key} hca_handle=max hca_object=max`];
    case 'misc.max':
      return [line ?? `${key} max`];
    case 'io.weight':
    case 'io.bfq.weight':
      // bfq takes the weight of all devices only without the word.
      return [
        second === undefined
          ? (lineOf(text, 'default') ?? text).replace('default', '').trim()
          : (line ?? `${key} default`),
      ];
    default: {
      const lines = text.split('\n').filter((each) => each !== '');
      return lines.length === 0 ? [''] : lines;
    }
  }
}
