/**
 * linux.devices against itself: numbers, places, duplicates. Pure. Whether a node that exists already matches is seen when it
 * is made. [spec config-linux.md#devices] [man mknod.2]
 */
import { cleanPath } from './check-mounts.ts';
import type { Device } from './config-types.ts';
import { addFault, type Report, showValue } from './fault.ts';

export function checkDevices(devices: readonly Device[], report: Report): void {
  const seen = new Map<string, number>();
  for (let i = 0; i < devices.length; i++) {
    const device = devices[i];
    if (device === undefined) continue;
    if (device.type !== 'p') {
      if (device.major === undefined)
        addFault(report, `/linux/devices/${i}/major`, 'is missing: only a pipe (p) has no numbers');
      if (device.minor === undefined)
        addFault(report, `/linux/devices/${i}/minor`, 'is missing: only a pipe (p) has no numbers');
    }
    const path = cleanPath(device.path);
    checkPlace(path, device.path, i, report);
    const before = seen.get(path);
    if (before === undefined) seen.set(path, i);
    else
      addFault(
        report,
        `/linux/devices/${i}/path`,
        `duplicate ${showValue(device.path)}: it is the path of /linux/devices/${before}`,
        'remove one',
      );
  }
}

function checkPlace(path: string, written: string, index: number, report: Report): void {
  if (path === '/') {
    addFault(report, `/linux/devices/${index}/path`, 'must name a file');
  } else if (path === '/proc' || path === '/sys' || path.startsWith('/proc/') || path.startsWith('/sys/')) {
    addFault(
      report,
      `/linux/devices/${index}/path`,
      `must not be inside /proc or /sys (got ${showValue(written)})`,
      'write a path in /dev',
    );
  }
}
