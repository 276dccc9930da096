/**
 * What the files of a cgroup say about its use of the machine, as data. Types only; read-cgroup-stats.ts fills them, the names
 * of their JSON are format-event.ts'. Numbers are whole and not negative; beyond 2^53 they are BigInts. [man cgroups.7]
 */
import type { Integer64 } from '../kernel/kernel.ts';

/** No limit ("max"). */
export const NO_LIMIT = 0xffffffffffffffffn;

export interface Pressure {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  /** Microseconds. */
  readonly total: Integer64;
}

/** A line that is not there (full, of cpu.pressure in older kernels) is all zero. */
export interface PressureStats {
  readonly some: Pressure;
  readonly full: Pressure;
}

export interface CpuStats {
  /** All times in nanoseconds, of all processors together. */
  readonly total: Integer64;
  readonly user: Integer64;
  readonly system: Integer64;
  readonly periods: Integer64;
  readonly throttledPeriods: Integer64;
  readonly throttledTime: Integer64;
  readonly pressure: PressureStats | undefined;
}

/** Bytes. */
export interface MemoryUse {
  readonly usage: Integer64;
  readonly limit: Integer64;
  /** The most there ever was; 0 where the kernel does not say. */
  readonly peak: Integer64;
}

export interface MemoryStats {
  readonly memory: MemoryUse;
  /** Memory and swap together, as cgroup v1 counted them. */
  readonly memoryAndSwap: MemoryUse;
  /** The lines of memory.stat. */
  readonly raw: readonly (readonly [string, Integer64])[];
  readonly pressure: PressureStats | undefined;
}

export interface PidsStats {
  readonly current: Integer64;
  /** 0: none. */
  readonly limit: Integer64;
}

export interface IoCount {
  readonly major: number;
  readonly minor: number;
  readonly operation: 'Read' | 'Write';
  readonly value: Integer64;
}

export interface IoStats {
  readonly bytes: readonly IoCount[];
  readonly operations: readonly IoCount[];
  readonly pressure: PressureStats | undefined;
}

export interface HugePageStats {
  /** "2MB" */
  readonly size: string;
  readonly usage: Integer64;
  readonly failures: Integer64;
}

/** A controller that is off leaves its numbers at zero and its lists empty. */
export interface CgroupStats {
  readonly cpu: CpuStats;
  readonly memory: MemoryStats;
  readonly pids: PidsStats;
  readonly io: IoStats;
  readonly hugePages: readonly HugePageStats[];
}
