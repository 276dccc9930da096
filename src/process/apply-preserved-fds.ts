/**
 * The first thing that create, run and exec do: proves that the descriptors to preserve exist and makes all above close-on-exec,
 * so that nothing the caller leaked reaches a hook or the container (rule B7). The exec tail closes them for good.
 * [order] before our own first open because a descriptor of ours would otherwise pass for a preserved one. [man close_range.2]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_MAX, F_GETFD } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { PreservedFds } from './plan-preserved-fds.ts';

const firstFd = 3;

export function applyPreservedFds(kernel: Kernel, plan: PreservedFds): void {
  for (let index = 0; index < plan.count; index++) {
    const fd = new Fd<'object'>(firstFd + index, `descriptor ${firstFd + index} of the caller`);
    const result = orErrno(['EBADF'], () => kernel.fcntl(fd, F_GETFD, 0));
    if (typeof result !== 'number') throw missing(plan, index);
  }
  kernel.closeRange(firstFd + plan.count, CLOSE_RANGE_MAX, CLOSE_RANGE_CLOEXEC);
}

function missing(plan: PreservedFds, index: number): RuntimeError {
  const preserved = index - plan.listenCount;
  const message =
    preserved < 0
      ? `unable to stat descriptor ${firstFd + index} (of LISTEN_FDS=${plan.listenCount})`
      : `unable to stat preserved-fd ${preserved} (of ${plan.count - plan.listenCount})`;
  return new RuntimeError({
    kind: 'usage',
    message,
    syscall: 'fcntl',
    errno: 'EBADF',
    hint: 'the caller must have opened it',
  });
}
