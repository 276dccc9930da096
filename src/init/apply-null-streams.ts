/**
 * Standard streams that are the host's /dev/null become the container's: through an inode of the host, root in the container
 * could change the mode or the owner that everybody's /dev/null has. What cannot be replaced by a verified null device stays.
 * [man null.4] [CVE-2025-31133, CVE-2026-88265], rule B5.
 */
import { orErrno } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { O_NONBLOCK, O_RDWR, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, S_IFCHR, S_IFMT } from '../kernel/flags.ts';
import type { Kernel, Stat } from '../kernel/kernel.ts';
import { rootOf } from './apply-init-step.ts';
import type { ChildContext } from './child-context.ts';

const stdio: readonly Fd<'object'>[] = [new Fd(0, 'stdin'), new Fd(1, 'stdout'), new Fd(2, 'stderr')];

/** [order] after the devices of the container are there; in exec after its namespaces were joined. */
export function applyNullStreams(kernel: Kernel, context: ChildContext): void {
  let device: Fd | undefined;
  for (const stream of stdio) {
    const stat = orErrno(['EBADF'], () => kernel.fstat(stream));
    if ('errno' in stat || !isNull(stat)) continue;
    device ??= openNull(kernel, context);
    if (device === undefined) return;
    kernel.dup2(device, stream.number);
  }
  if (device !== undefined) kernel.close(device);
}

/** Opened first and asked afterwards: not blocking, and never through a link, so that a hostile image gains nothing by it. */
function openNull(kernel: Kernel, context: ChildContext): Fd | undefined {
  const own = context.rootfs.mounts.get('/dev');
  const [directory, name] = own === undefined ? [rootOf(kernel, context), 'dev/null'] : [own, 'null'];
  const device = kernel.openat2OrErrno(directory, name, O_RDWR | O_NONBLOCK, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (typeof device === 'string') return undefined;
  if (isNull(kernel.fstat(device))) return device;
  kernel.close(device);
  return undefined;
}

function isNull(stat: Stat): boolean {
  return (stat.mode & S_IFMT) === S_IFCHR && stat.rdevMajor === 1 && stat.rdevMinor === 3;
}
