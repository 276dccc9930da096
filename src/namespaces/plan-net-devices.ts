/**
 * linux.netDevices as moves, in the order of their names, so that the same configuration always does the same. Pure.
 * [spec config-linux.md#network-devices]
 */
import type { Linux } from '../spec/config-types.ts';

export interface NetDeviceMove {
  /** In the runtime's network namespace. */
  readonly name: string;
  /** In the container's: a name, or one with %d, for which the kernel puts a number. */
  readonly target: string;
  readonly pointer: string;
}

/** undefined: none. */
export function planNetDevices(linux: Linux | undefined): readonly NetDeviceMove[] | undefined {
  const devices = Object.entries(linux?.netDevices ?? {});
  if (devices.length === 0) return undefined;
  return devices
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, device]) => ({
      name,
      target: device.name === undefined || device.name === '' ? name : device.name,
      pointer: `/linux/netDevices/${name}`,
    }));
}
