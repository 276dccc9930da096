/** What resctrl says of a container's class of service, as data; read-resctrl-stats.ts fills it. Types only. [kernel Documentation/filesystems/resctrl.rst] */
import type { Integer64 } from '../kernel/kernel.ts';

/** Lines are without the blanks around them; '' where there is none. undefined: the kernel or the processor has no such thing. */
export interface ResctrlStats {
  readonly cache: CacheAllocation | undefined;
  readonly bandwidth: BandwidthAllocation | undefined;
  /** One for each domain of the level 3 cache, in the order of the domains' names; undefined: not counted. */
  readonly memoryTraffic: readonly MemoryTraffic[] | undefined;
  /** Bytes in the cache, in the same order; undefined: not counted. */
  readonly cacheOccupancy: readonly Integer64[] | undefined;
}

export interface CacheAllocation {
  readonly mask: string;
  readonly minimumBits: Integer64;
  readonly classes: Integer64;
  readonly rootSchema: string;
  readonly schema: string;
}

export interface BandwidthAllocation {
  readonly granularity: Integer64;
  readonly linear: Integer64;
  readonly minimum: Integer64;
  readonly classes: Integer64;
  readonly rootSchema: string;
  readonly schema: string;
}

/** Bytes; 0 where the processor does not count one of the two. */
export interface MemoryTraffic {
  readonly total: Integer64;
  readonly local: Integer64;
}
