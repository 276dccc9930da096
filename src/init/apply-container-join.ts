/**
 * exec: enters all namespaces of the container's init with one setns(2) on its pidfd, which the parent has verified, or one by
 * one where init has handed them over. The pid namespace is not among them: the child was born in it. [man setns.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ChildContext } from './child-context.ts';

const others = [CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWTIME, CLONE_NEWCGROUP, CLONE_NEWNS];

export function applyContainerJoin(
  kernel: Kernel,
  context: Pick<ChildContext, 'containerInit' | 'containerNamespaces'>,
  flags: number,
): void {
  const { containerInit: init, containerNamespaces: opened } = context;
  if (init === undefined) throw new RuntimeError({ kind: 'bug', message: 'exec without a container' });
  if (opened === undefined) {
    const errno = tryJoin(kernel, init, flags);
    if (errno === undefined) return;
    if (errno !== 'EPERM' || (flags & CLONE_NEWUSER) === 0) throw joinError(errno);
  }
  const join = (flag: number): string | undefined => tryJoin(kernel, opened?.get(flag) ?? init, flag);
  // A namespace of the host's (joined by path at create) cannot be entered with the powers of the container's user
  // namespace: it is entered before, and the container's own after.
  const left = others.filter((flag) => (flags & flag) !== 0 && join(flag) !== undefined);
  for (const flag of (flags & CLONE_NEWUSER) === 0 ? left : [CLONE_NEWUSER, ...left]) {
    const failed = join(flag);
    if (failed !== undefined) throw joinError(failed);
  }
}

function tryJoin(kernel: Kernel, init: NonNullable<ChildContext['containerInit']>, flags: number): string | undefined {
  try {
    kernel.setns(init, flags);
    return undefined;
  } catch (error) {
    const errno = error instanceof RuntimeError ? error.fields.errno : undefined;
    if (errno === undefined) throw error;
    return errno;
  }
}

function joinError(errno: string): RuntimeError {
  if (errno === 'ESRCH')
    return new RuntimeError({ kind: 'state', message: 'container is stopping: its init has ended' });
  const hint = errno === 'EPERM' ? 'as an ordinary user only a container of your own' : undefined;
  return new RuntimeError({ kind: 'kernel', syscall: 'setns', errno, ...(hint !== undefined && { hint }) });
}
