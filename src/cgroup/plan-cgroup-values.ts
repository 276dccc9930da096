/**
 * The numbers of the specification, which were made for cgroup v1, as the numbers of v2: the same formulas as runc and crun.
 * Pure arithmetic; a 64-bit value stays exact. [spec config-linux.md#control-groups]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Integer64 } from '../spec/generated/config-types.ts';

const SHARES_MIN = 2;
const SHARES_MAX = 262144;

/** Decimal digits, or "max" for -1. */
export function limitText(value: Integer64): string {
  return value < 0 ? 'max' : String(value);
}

/**
 * cpu.shares (2..262144, default 1024) -> cpu.weight (1..10000, default 100): a curve through the two ends and the default, so
 * that a container with default shares weighs as much as a process outside of containers.
 */
export function cpuWeight(shares: Integer64): number {
  if (shares <= SHARES_MIN) return 1;
  if (shares >= SHARES_MAX) return 10000;
  const log = Math.log2(Number(shares));
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

/** blockIO.weight (10..1000) -> io.weight (1..10000), linear. */
export function ioWeight(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990);
}

/** cpu.max: a quota of 0 or less is none; the kernel's default period is 100 ms. */
export function cpuMax(quota: Integer64, period: Integer64): string {
  return `${quota > 0 ? quota : 'max'} ${period > 0 ? period : 100000}`;
}

/**
 * memory.swap.max. The specification's swap is memory and swap together, v2's is swap alone.
 * undefined: nothing to write. limit and swap: 0 = absent, -1 = unlimited.
 */
export function swapMax(limit: Integer64, swap: Integer64): string | undefined {
  // Unlimited memory without a word about swap has always meant that swap is unlimited too.
  if (limit < 0 && swap === 0) return 'max';
  if (swap === 0) return undefined;
  if (swap < 0) return 'max';
  if (limit < 0) return String(swap);
  if (limit === 0) throw swapFault('unable to set swap limit without memory limit');
  if (swap < limit) throw swapFault('memory+swap limit should be >= memory limit');
  return String(BigInt(swap) - BigInt(limit));
}

function swapFault(message: string): RuntimeError {
  return new RuntimeError({
    kind: 'spec',
    pointer: '/linux/resources/memory/swap',
    message,
    hint: 'swap is the limit of memory and swap together',
  });
}
