/** The content of cgroup.events as data. [man cgroups.7] */

export interface CgroupEvents {
  /** A live process is in it or below it; zombies do not count. */
  readonly populated: boolean;
  /** Every process in it has really stopped. */
  readonly frozen: boolean;
}

/** Lines of a key and 0 or 1. */
export function parseEvents(text: string): CgroupEvents {
  return { populated: text.includes('populated 1'), frozen: text.includes('frozen 1') };
}
