/**
 * Does something among the mounts of a running container, by a process that none of the container's can see: it enters their
 * mount and user namespace but no pid namespace, in the runtime's own memory, while the runtime stands still. [man setns.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { applyContainerJoin } from '../init/apply-container-join.ts';
import { applyRootIdentity } from '../init/apply-root-identity.ts';
import type { ContainerNamespaces } from '../init/child-context.ts';
import { openProcessDirectory } from '../init/open-procfs.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import {
  CLD_EXITED,
  CLONE_NEWNS,
  CLONE_NEWUSER,
  MNT_DETACH,
  O_PATH,
  O_RDONLY,
  P_PIDFD,
  PR_SET_DUMPABLE,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  SIGCHLD,
  WEXITED,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Config } from '../spec/config-types.ts';

export interface ContainerMounts {
  /** The container's root directory. */
  readonly root: Fd<'root'>;
  /** The text of their /proc/self/mountinfo, from the host's procfs. */
  readonly readMountinfo: () => string;
  /** Takes off the mount that the descriptor is the root of, whatever covers it or wherever it went. */
  readonly detach: (mount: Fd) => void;
}

/** Whose mounts: `init` is the verified pidfd of the container's init, `config` what it was made from. */
export interface EnteredContainer {
  readonly init: Fd<'object'>;
  /** As for exec: askNamespaces. */
  readonly namespaces: ContainerNamespaces | undefined;
  readonly config: Config;
}

export function hasUserNamespace(config: Config): boolean {
  return config.linux?.namespaces?.some(({ type }) => type === 'user') === true;
}

/**
 * `act` runs in the other process: it must not close descriptors of the caller's. What it throws is thrown. `onTheWay` runs
 * there before: as root of the container's user namespace, in a copy of the caller's mount namespace.
 */
export function enterMounts(
  kernel: Kernel,
  entered: EnteredContainer,
  act: (mounts: ContainerMounts) => void,
  onTheWay?: () => void,
): void {
  const hasUser = hasUserNamespace(entered.config);
  // [order] before the process exists: a user namespace of the container's must not get at its memory (risk D4).
  kernel.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  let failure: unknown;
  const child = kernel.clone3Shared(0, SIGCHLD, undefined, () => {
    try {
      act(enter(kernel, entered, hasUser, onTheWay));
    } catch (error) {
      failure = error;
    }
    return kernel.exit(0);
  });
  const ended = kernel.waitid(P_PIDFD, child.pidfd.number, WEXITED);
  kernel.close(child.pidfd);
  if (failure !== undefined) throw failure;
  if (ended === undefined || ended.code === CLD_EXITED) return;
  throw new RuntimeError({ kind: 'kernel', message: 'the process that enters the container was killed' });
}

const mostMountinfoBytes = 16 << 20;

/** [order] the host's procfs first: one in the container may be anything. */
function enter(
  kernel: Kernel,
  { init, namespaces }: EnteredContainer,
  hasUser: boolean,
  onTheWay: (() => void) | undefined,
): ContainerMounts {
  const container = { containerInit: init, containerNamespaces: namespaces };
  const self = openProcessDirectory(kernel, 'self');
  const flags = O_RDONLY | O_DIRECTORY;
  const descriptors = kernel.openat2(self, 'fd', flags, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (onTheWay === undefined) {
    applyContainerJoin(kernel, container, hasUser ? CLONE_NEWNS + CLONE_NEWUSER : CLONE_NEWNS);
    if (hasUser) applyRootIdentity(kernel, 'read');
  } else {
    applyContainerJoin(kernel, container, CLONE_NEWUSER);
    applyRootIdentity(kernel, 'read');
    kernel.unshare(CLONE_NEWNS);
    onTheWay();
    applyContainerJoin(kernel, container, CLONE_NEWNS);
  }
  // In the container's mount namespace "/" is the container's.
  const root = kernel.openat2(cwdFd, '/', O_PATH | O_DIRECTORY, 0, 0) as Fd as Fd<'root'>;
  const detach = (mount: Fd): void => {
    kernel.fchdir(descriptors);
    kernel.umountEntry(String(mount.number), MNT_DETACH);
  };
  const readMountinfo = (): string => {
    const file = kernel.openat2(self, 'mountinfo', O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    const text = kernel.readAll(file, mostMountinfoBytes);
    kernel.close(file);
    return text;
  };
  return { root, readMountinfo, detach };
}
