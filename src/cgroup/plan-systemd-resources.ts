/**
 * linux.resources -> properties of a systemd unit, as runc maps them. systemd writes the cgroup's files from them, and again
 * whenever it looks at the unit (daemon-reload), so a limit that it knows must be told to it; what it has no property for is
 * only written to the files (plan-cgroup-limits.ts plans those, all of them). Pure. [man systemd.resource-control.5]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Cpu, Integer64, Memory, Resources } from '../spec/generated/config-types.ts';
import { cpuWeight, swapMax } from './plan-cgroup-values.ts';
import { planSystemdDevices } from './plan-systemd-devices.ts';
import type { SystemdProperty } from './systemd-unit.ts';

const base = '/linux/resources/';
const INFINITY = 0xffffffffffffffffn;

/** The first versions of systemd with the property (or with this value of it). */
const SINCE = { quotaPeriod: 242, cpuset: 244, idle: 252, oomPolicy: 253 };

/** For StartTransientUnit; for SetUnitProperties of `update` leave out what is not to change. */
export function planSystemdResources(resources: Resources): readonly SystemdProperty[] {
  const properties: SystemdProperty[] = [...planSystemdDevices(resources.devices)];
  if (resources.memory !== undefined) addMemory(properties, resources.memory);
  if (resources.cpu !== undefined) addCpu(properties, resources.cpu);
  const pids = resources.pids?.limit;
  if (pids !== undefined) properties.push(tasksMax(BigInt(pids)));
  if (resources.unified !== undefined) addUnified(properties, resources.unified);
  return properties;
}

/** Type t. -1: without limit. */
function limit(name: string, value: Integer64): SystemdProperty {
  return { name, value: { signature: 't', value: value < 0 ? INFINITY : BigInt(value) } };
}

/** systemd takes no 0; the file is written with it once the first process is in. */
function tasksMax(value: bigint): SystemdProperty {
  return limit('TasksMax', value === 0n ? 1n : value);
}

function addMemory(properties: SystemdProperty[], memory: Memory): void {
  const max = memory.limit ?? 0;
  if (max !== 0) properties.push(limit('MemoryMax', max));
  const low = memory.reservation ?? 0;
  if (low !== 0) properties.push(limit('MemoryLow', low));
  const swap = swapMax(max, memory.swap ?? 0);
  if (swap !== undefined) properties.push(limit('MemorySwapMax', swap === 'max' ? -1 : BigInt(swap)));
}

function addCpu(properties: SystemdProperty[], cpu: Cpu): void {
  const isIdle = cpu.idle !== undefined && BigInt(cpu.idle) === 1n;
  const weight = cpu.shares === undefined || cpu.shares === 0 ? undefined : cpuWeight(cpu.shares);
  // [order] idle last: where systemd is too old for it, the weight stays.
  if (weight !== undefined) properties.push(limit('CPUWeight', weight));
  if (isIdle) properties.push(idle);
  addQuota(properties, BigInt(cpu.quota ?? 0), BigInt(cpu.period ?? 0));
  if (cpu.cpus) properties.push(cpuset('AllowedCPUs', cpu.cpus, `${base}cpu/cpus`));
  if (cpu.mems) properties.push(cpuset('AllowedMemoryNodes', cpu.mems, `${base}cpu/mems`));
}

/** Weight 0 is how systemd is told cpu.idle = 1. */
const idle: SystemdProperty = { ...limit('CPUWeight', 0), since: SINCE.idle };

const DEFAULT_PERIOD = 100000n;

/** quota and period in microseconds, 0 = absent, a negative quota = none. */
function addQuota(properties: SystemdProperty[], quota: bigint, period: bigint): void {
  if (period !== 0n) properties.push({ ...limit('CPUQuotaPeriodUSec', period), since: SINCE.quotaPeriod });
  if (quota === 0n && period === 0n) return;
  const perSecond = quota > 0n ? quotaPerSecond(quota, period === 0n ? DEFAULT_PERIOD : period) : -1n;
  properties.push(limit('CPUQuotaPerSecUSec', perSecond));
}

/** systemd keeps whole per cents of a processor: rounded up, so that what the container was promised it gets. */
function quotaPerSecond(quota: bigint, period: bigint): bigint {
  const exact = (quota * 1_000_000n) / period;
  return exact % 10_000n === 0n ? exact : (exact / 10_000n + 1n) * 10_000n;
}

/**
 * The quota of cpu.max that agrees with what systemd is told: otherwise systemd, the next time it looks at the unit, would
 * change the file. quota and period as in the config; undefined: as it is.
 */
export function roundedQuota(quota: Integer64 | undefined, period: Integer64 | undefined): bigint | undefined {
  if (quota === undefined || quota <= 0) return undefined;
  const microseconds = period === undefined || period === 0 ? DEFAULT_PERIOD : BigInt(period);
  return (quotaPerSecond(BigInt(quota), microseconds) * microseconds) / 1_000_000n;
}

function cpuset(name: string, list: string, pointer: string): SystemdProperty {
  return { name, value: { signature: 'ay', value: parseCpuset(list, pointer) }, since: SINCE.cpuset };
}

/** No kernel has more; a mask is never longer than 8 KiB, whatever the file says. */
const CPUSET_LIMIT = 65536;

/** "0-2,5" -> a mask, the lowest byte first. */
export function parseCpuset(list: string, pointer: string): Uint8Array {
  const ranges: (readonly [number, number])[] = [];
  for (const item of list.split(',')) {
    const text = item.trim();
    if (text === '') continue;
    const dash = text.indexOf('-');
    const first = parseIndex(dash < 0 ? text : text.slice(0, dash));
    const last = dash < 0 ? first : parseIndex(text.slice(dash + 1));
    if (first === undefined || last === undefined || first > last)
      throw fault(pointer, list, 'is not a list of numbers');
    ranges.push([first, last]);
  }
  if (ranges.length === 0) throw fault(pointer, list, 'is an empty list');
  const mask = new Uint8Array(Math.floor(Math.max(...ranges.map(([, last]) => last)) / 8) + 1);
  for (const [first, last] of ranges) {
    for (let index = first; index <= last; index += 1)
      mask[index >> 3] = (mask[index >> 3] as number) | (1 << (index & 7));
  }
  return mask;
}

function parseIndex(text: string): number | undefined {
  const value = isDigits(text) ? Number(text) : CPUSET_LIMIT;
  return value < CPUSET_LIMIT ? value : undefined;
}

function addUnified(properties: SystemdProperty[], unified: { readonly [key: string]: string }): void {
  for (const [file, given] of Object.entries(unified)) {
    const pointer = `${base}unified/${file.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const value = given.trim();
    const name = limitNames[file];
    if (name !== undefined) properties.push(limit(name, parseLimit(value, pointer)));
    else if (file === 'pids.max') properties.push(tasksMax(parseLimit(value, pointer)));
    else if (file === 'cpu.max') addUnifiedQuota(properties, value, pointer);
    else if (file === 'cpu.weight') properties.push(limit('CPUWeight', parseLimit(value, pointer)));
    else if (file === 'cpuset.cpus' && value !== '') properties.push(cpuset('AllowedCPUs', value, pointer));
    else if (file === 'cpuset.mems' && value !== '') properties.push(cpuset('AllowedMemoryNodes', value, pointer));
    else if (file === 'memory.oom.group') addOomPolicy(properties, value);
  }
  // [order] last, so that a weight beside it does not take it back.
  if (unified['cpu.idle']?.trim() === '1') properties.push(idle);
}

const limitNames: Readonly<Record<string, string>> = Object.freeze({
  'memory.high': 'MemoryHigh',
  'memory.low': 'MemoryLow',
  'memory.max': 'MemoryMax',
  'memory.min': 'MemoryMin',
  'memory.swap.max': 'MemorySwapMax',
});

/** "max" or bytes; the kernel would take "1G" too, systemd's property is a number. -1: max. */
function parseLimit(value: string, pointer: string): bigint {
  if (value === 'max') return -1n;
  const digits = isDigits(value) ? value : undefined;
  const number = digits === undefined ? INFINITY : BigInt(digits);
  if (number >= INFINITY)
    throw fault(pointer, value, 'is neither a whole number nor "max", which the systemd cgroup manager needs');
  return number;
}

/** "MAX [PERIOD]" */
function addUnifiedQuota(properties: SystemdProperty[], value: string, pointer: string): void {
  const [quota, period, ...rest] = value.split(' ').filter((part) => part !== '');
  if (quota === undefined || rest.length > 0) throw fault(pointer, value, 'is not "QUOTA PERIOD"');
  const microseconds = period === undefined ? DEFAULT_PERIOD : parseLimit(period, pointer);
  if (microseconds <= 0n) throw fault(pointer, value, 'has no period');
  addQuota(properties, parseLimit(quota, pointer), microseconds);
}

/** Set when the unit is made, never later. Other values are the kernel's to refuse. */
function addOomPolicy(properties: SystemdProperty[], value: string): void {
  const policy = value === '1' ? 'kill' : value === '0' ? 'continue' : undefined;
  if (policy === undefined) return;
  properties.push({ name: 'OOMPolicy', value: { signature: 's', value: policy }, since: SINCE.oomPolicy });
}

function isDigits(text: string): boolean {
  if (text === '' || text.length > 20) return false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

function fault(pointer: string, value: string, what: string): RuntimeError {
  return new RuntimeError({ kind: 'spec', pointer, message: `${JSON.stringify(value)} ${what}` });
}
