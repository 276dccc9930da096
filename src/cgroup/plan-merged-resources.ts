/**
 * What `update` asks for on top of what a container has: a value that asks for nothing (zero where zero is no limit, an empty
 * list of processors) leaves the old one, as in runc. Pure. Device rules are not updated: runc leaves them, because others
 * (drivers of GPUs) add theirs to a running container's. [spec config-linux.md#control-groups]
 */
import type { BlockIo, Cpu, HugepageLimit, Memory, Resources } from '../spec/generated/config-types.ts';

type Part<T> = { -readonly [key in keyof T]?: T[key] };

/** Only what asks for something. */
export function askedResources(asked: Resources): Resources {
  const { devices: _, memory, cpu, blockIO, ...rest } = asked;
  const out: Part<Resources> = { ...rest };
  if (memory !== undefined) out.memory = without(memory, ['limit', 'swap', 'reservation', 'kernel'], 0);
  if (cpu !== undefined) out.cpu = askedCpu(cpu);
  if (blockIO !== undefined) out.blockIO = without(blockIO, ['weight', 'leafWeight'], 0);
  for (const name of ['memory', 'cpu', 'blockIO'] as const) {
    if (out[name] !== undefined && Object.keys(out[name]).length === 0) delete out[name];
  }
  return out;
}

function askedCpu(cpu: Cpu): Cpu {
  return without(without(cpu, ['shares', 'quota', 'period'], 0), ['cpus', 'mems'], '');
}

function without<T extends object>(value: T, keys: readonly (keyof T)[], nothing: unknown): T {
  const out = { ...value };
  for (const key of keys) if (out[key] === nothing) delete out[key];
  return out;
}

/** What the container has once `asked` (of askedResources) is in force: to be saved, and to be checked as a whole. */
export function mergeResources(saved: Resources, asked: Resources): Resources {
  const out: Part<Resources> = { ...saved, ...asked };
  if (asked.memory !== undefined) out.memory = mergeMemory(saved.memory ?? {}, asked.memory);
  if (asked.cpu !== undefined) out.cpu = { ...saved.cpu, ...asked.cpu };
  if (asked.blockIO !== undefined) out.blockIO = mergeBlockIo(saved.blockIO ?? {}, asked.blockIO);
  if (asked.hugepageLimits !== undefined) {
    const key = (limit: HugepageLimit) => limit.pageSize;
    out.hugepageLimits = mergeList(saved.hugepageLimits, asked.hugepageLimits, key);
  }
  if (asked.rdma !== undefined) {
    const devices: { [device: string]: object } = Object.assign(Object.create(null), saved.rdma);
    for (const [device, limits] of Object.entries(asked.rdma)) devices[device] = { ...devices[device], ...limits };
    out.rdma = devices as NonNullable<Resources['rdma']>;
  }
  if (asked.unified !== undefined) {
    out.unified = Object.assign(Object.create(null), saved.unified, asked.unified);
  }
  return out;
}

/** Memory without a limit and without a word about swap: the old limit of both together cannot stay (as in runc). */
function mergeMemory(saved: Memory, asked: Memory): Memory {
  const merged = { ...saved, ...asked };
  if (asked.limit === undefined || asked.limit >= 0 || asked.swap !== undefined) return merged;
  const { swap: _, ...unlimited } = merged;
  return unlimited;
}

type Device = { readonly major: number; readonly minor: number };

function mergeBlockIo(saved: BlockIo, asked: BlockIo): BlockIo {
  const out: Part<BlockIo> = { ...saved, ...asked };
  const key = ({ major, minor }: Device) => `${major}:${minor}`;
  if (asked.weightDevice !== undefined) out.weightDevice = mergeList(saved.weightDevice, asked.weightDevice, key);
  for (const name of throttles) {
    const devices = asked[name];
    if (devices !== undefined) out[name] = mergeList(saved[name], devices, key);
  }
  return out;
}

const throttles = [
  'throttleReadBpsDevice',
  'throttleWriteBpsDevice',
  'throttleReadIOPSDevice',
  'throttleWriteIOPSDevice',
] as const;

/** An entry for the same thing takes the old one's place. */
function mergeList<T extends object>(
  saved: readonly T[] | undefined,
  asked: readonly T[],
  key: (entry: T) => string,
): readonly T[] {
  const entries = new Map((saved ?? []).map((entry) => [key(entry), entry]));
  for (const entry of asked) entries.set(key(entry), { ...entries.get(key(entry)), ...entry });
  return [...entries.values()];
}
