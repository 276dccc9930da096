/**
 * Devices that every container may use, whatever its rules say: they are appended to the config's rules, so that a later rule
 * cannot deny them; the same list as runc's. mknod of any device is allowed because a node is harmless while it cannot be opened.
 * [spec config-linux.md#default-devices] [spec config-linux.md#allowed-device-list]
 */
import type { DeviceRule } from '../spec/generated/config-types.ts';

function allow(
  major: number | undefined,
  minor: number | undefined,
  access: string,
  type: 'b' | 'c' = 'c',
): DeviceRule {
  return {
    allow: true,
    type,
    access,
    ...(major === undefined ? {} : { major }),
    ...(minor === undefined ? {} : { minor }),
  };
}

export const defaultDeviceRules: readonly DeviceRule[] = [
  allow(undefined, undefined, 'm', 'c'),
  allow(undefined, undefined, 'm', 'b'),
  allow(1, 3, 'rwm'), // null
  allow(1, 5, 'rwm'), // zero
  allow(1, 7, 'rwm'), // full
  allow(1, 8, 'rwm'), // random
  allow(1, 9, 'rwm'), // urandom
  allow(5, 0, 'rwm'), // tty
  allow(5, 2, 'rwm'), // ptmx
  allow(136, undefined, 'rwm'), // pts/*
  allow(10, 200, 'rwm'), // net/tun
];
