/**
 * config.linux.resources -> lines to write into the container's cgroup, in runc's order: pids, memory, io, cpu, cpuset, hugetlb,
 * rdma, then unified, which may overrule. A zero or absent limit is no limit, except where zero is a limit of its own (pids,
 * huge pages). Devices are plan-device-filter.ts's. [spec config-linux.md#control-groups]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { BlockIo, Cpu, Memory, Pids, Resources, ThrottleDevice } from '../spec/generated/config-types.ts';
import type { CgroupWrite } from './cgroup-plan.ts';
import { cpuMax, cpuWeight, ioWeight, limitText, swapMax } from './plan-cgroup-values.ts';

const base = '/linux/resources/';

type Writes = CgroupWrite[];

export function planCgroupLimits(resources: Resources): readonly CgroupWrite[] {
  const writes: Writes = [];
  if (resources.pids !== undefined) addPids(writes, resources.pids);
  if (resources.memory !== undefined) addMemory(writes, resources.memory);
  if (resources.blockIO !== undefined) addBlockIo(writes, resources.blockIO);
  if (resources.cpu !== undefined) addCpu(writes, resources.cpu);
  if (resources.hugepageLimits !== undefined) addHugePages(writes, resources.hugepageLimits);
  if (resources.rdma !== undefined) addRdma(writes, resources.rdma);
  if (resources.unified !== undefined) addUnified(writes, resources.unified);
  return writes;
}

/** defaultValue: what a new cgroup has in this file. */
function add(writes: Writes, file: string, value: string, where: string, defaultValue?: string): void {
  const controller = file.slice(0, file.indexOf('.'));
  const write: CgroupWrite = { file, value, pointer: base + where, controller };
  writes.push(value === defaultValue ? { ...write, isDefault: true } : write);
}

function addPids(writes: Writes, pids: Pids): void {
  // Zero is a limit: no process beyond the first [spec config-linux.md#pids].
  if (pids.limit !== undefined) add(writes, 'pids.max', limitText(pids.limit), 'pids/limit', 'max');
}

function addMemory(writes: Writes, memory: Memory): void {
  const limit = memory.limit ?? 0;
  const swap = swapMax(limit, memory.swap ?? 0);
  if (swap !== undefined) {
    const pointer = `${base}memory/${memory.swap === undefined ? 'limit' : 'swap'}`;
    const write: CgroupWrite = { file: 'memory.swap.max', value: swap, pointer, controller: 'memory' };
    // A kernel without swap accounting has no such file; "no swap" and "all swap" are then true anyway.
    if (swap === 'max') writes.push({ ...write, isDefault: true, whenMissing: 'skip' });
    else writes.push(swap === '0' ? { ...write, whenMissing: 'skip' } : write);
  }
  if (limit !== 0) add(writes, 'memory.max', limitText(limit), 'memory/limit', 'max');
  const reservation = memory.reservation ?? 0;
  if (reservation !== 0) add(writes, 'memory.low', limitText(reservation), 'memory/reservation');
}

function addBlockIo(writes: Writes, blockIo: BlockIo): void {
  addWeight(writes, blockIo.weight, 'blockIO/weight', '');
  blockIo.weightDevice?.forEach((device, index) => {
    addWeight(writes, device.weight, `blockIO/weightDevice/${index}/weight`, `${device.major}:${device.minor} `);
  });
  addThrottles(writes, blockIo.throttleReadBpsDevice, 'throttleReadBpsDevice', 'rbps');
  addThrottles(writes, blockIo.throttleWriteBpsDevice, 'throttleWriteBpsDevice', 'wbps');
  addThrottles(writes, blockIo.throttleReadIOPSDevice, 'throttleReadIOPSDevice', 'riops');
  addThrottles(writes, blockIo.throttleWriteIOPSDevice, 'throttleWriteIOPSDevice', 'wiops');
}

/** device: "" or "major:minor ". The BFQ scheduler takes the weight as it is; the cost model's scale is v2's. */
function addWeight(writes: Writes, weight: number | undefined, where: string, device: string): void {
  if (weight === undefined || weight === 0) return;
  if (weight < 10 || weight > 1000) {
    throw new RuntimeError({ kind: 'spec', pointer: base + where, message: `${weight} is not between 10 and 1000` });
  }
  const pointer = base + where;
  const costModel = { file: 'io.weight', value: `${device}${ioWeight(weight)}`, pointer, controller: 'io' };
  writes.push({
    file: 'io.bfq.weight',
    value: `${device}${weight}`,
    pointer,
    controller: 'io',
    whenMissing: costModel,
  });
}

function addThrottles(writes: Writes, devices: readonly ThrottleDevice[] | undefined, name: string, key: string): void {
  devices?.forEach(({ major, minor, rate }, index) => {
    const limit = rate === 0 ? 'max' : String(rate);
    add(writes, 'io.max', `${major}:${minor} ${key}=${limit}`, `blockIO/${name}/${index}`);
  });
}

function addCpu(writes: Writes, cpu: Cpu): void {
  // [order] weight before idle because an idle group refuses a weight.
  if (cpu.shares !== undefined && cpu.shares !== 0) {
    add(writes, 'cpu.weight', String(cpuWeight(cpu.shares)), 'cpu/shares', '100');
  }
  if (cpu.idle !== undefined) add(writes, 'cpu.idle', String(cpu.idle), 'cpu/idle', '0');
  const quota = cpu.quota ?? 0;
  const period = cpu.period ?? 0;
  if (quota !== 0 || period !== 0) {
    add(writes, 'cpu.max', cpuMax(quota, period), quota > 0 ? 'cpu/quota' : 'cpu/period', 'max 100000');
  }
  // [order] burst after max because the kernel refuses a burst above the quota.
  if (cpu.burst !== undefined) add(writes, 'cpu.max.burst', String(cpu.burst), 'cpu/burst', '0');
  if (cpu.cpus !== undefined) add(writes, 'cpuset.cpus', cpu.cpus, 'cpu/cpus', '');
  if (cpu.mems !== undefined) add(writes, 'cpuset.mems', cpu.mems, 'cpu/mems', '');
}

function addHugePages(writes: Writes, limits: NonNullable<Resources['hugepageLimits']>): void {
  limits.forEach(({ pageSize, limit }, index) => {
    const pointer = `${base}hugepageLimits/${index}`;
    const value = String(limit);
    writes.push({ file: `hugetlb.${pageSize}.max`, value, pointer, controller: 'hugetlb' });
    // The limit on reservations came with Linux 5.7 and may be compiled out.
    writes.push({ file: `hugetlb.${pageSize}.rsvd.max`, value, pointer, controller: 'hugetlb', whenMissing: 'skip' });
  });
}

function addRdma(writes: Writes, devices: NonNullable<Resources['rdma']>): void {
  for (const [device, { hcaHandles, hcaObjects }] of Object.entries(devices)) {
    const handles = hcaHandles === undefined ? '' : ` hca_handle=${hcaHandles}`;
    const objects = hcaObjects === undefined ? '' : ` hca_object=${hcaObjects}`;
    add(writes, 'rdma.max', `${device}${handles}${objects}`, `rdma/${device}`);
  }
}

/** Files that are not settings: written, they would move, stop or kill processes. */
const actingFiles = new Set(['cgroup.procs', 'cgroup.threads', 'cgroup.kill', 'cgroup.freeze']);

function addUnified(writes: Writes, unified: { readonly [key: string]: string }): void {
  for (const [file, text] of Object.entries(unified)) {
    const pointer = `${base}unified/${escapePointer(file)}`;
    checkUnified(file, text, pointer);
    const controller = file.slice(0, file.indexOf('.'));
    // These files take one line at a time, as in io.max with several devices.
    for (const value of text.split('\n')) {
      if (value === '' && text !== '') continue;
      writes.push({ file, value, pointer, controller: controller === 'cgroup' ? undefined : controller });
    }
  }
}

function checkUnified(file: string, text: string, pointer: string): void {
  let fault: string | undefined;
  if (file.includes('/') || file.includes('\n') || file.includes('\0')) fault = 'is not a plain file name';
  else if (file.indexOf('.') <= 0) fault = 'must be in the form CONTROLLER.PARAMETER';
  else if (actingFiles.has(file)) fault = 'is not a setting of a cgroup';
  else if (text.includes('\0')) fault = 'has a value with NUL';
  if (fault !== undefined) {
    throw new RuntimeError({ kind: 'spec', pointer, message: `unified resource ${JSON.stringify(file)} ${fault}` });
  }
}

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
