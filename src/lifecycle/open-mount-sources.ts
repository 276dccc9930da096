/**
 * The trees that the parent opens for the child, with the user namespaces that id-mapped ones take their maps from. Such a
 * namespace needs a process for a moment: it is born in it, does nothing, and has ended before the container exists. It holds
 * a copy of the runtime's memory, so it is not dumpable: nobody else can look into it (risk D4).
 * [man mount_setattr.2, user_namespaces.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { openProcessDirectory } from '../init/open-procfs.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { CLONE_NEWUSER, O_RDONLY, P_PIDFD, PR_SET_DUMPABLE, SIGCHLD, WEXITED } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applyIdMaps } from '../namespaces/apply-id-maps.ts';
import { applyOpenNamespace } from '../namespaces/apply-namespace-joins.ts';
import { openHostSources } from '../rootfs/apply-host-sources.ts';
import type { MountUserNamespace, RootfsPlan } from '../rootfs/rootfs-step.ts';

/** In the order of plan.hostSources. */
export function openMountSources(kernel: Kernel, plan: Pick<RootfsPlan, 'hostSources'>): readonly Fd<'root'>[] {
  const opened = new Map<string, Fd>();
  const open = (userNamespace: MountUserNamespace): Fd => {
    const key = keyOf(userNamespace);
    const known = opened.get(key);
    if (known !== undefined) return known;
    const made = openUserNamespace(kernel, userNamespace);
    opened.set(key, made);
    return made;
  };
  try {
    return openHostSources(kernel, plan, open);
  } finally {
    for (const fd of opened.values()) kernel.close(fd);
  }
}

function keyOf(userNamespace: MountUserNamespace): string {
  if (userNamespace.kind === 'join') return userNamespace.path;
  return `${userNamespace.uidMap}\n${userNamespace.gidMap}`;
}

function openUserNamespace(kernel: Kernel, userNamespace: MountUserNamespace): Fd {
  if (userNamespace.kind === 'maps') return makeUserNamespace(kernel, userNamespace);
  const { path, pointer } = userNamespace;
  return applyOpenNamespace(kernel, { type: 'user', flag: CLONE_NEWUSER, path, pointer }).fd;
}

/** [order] both ends of the pipe are closed by the kernel when the runtime dies: its end of file ends the process then too. */
function makeUserNamespace(kernel: Kernel, maps: { readonly uidMap: string; readonly gidMap: string }): Fd {
  kernel.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const [readEnd, writeEnd] = kernel.pipe2(0);
  const holder = kernel.clone3(CLONE_NEWUSER, SIGCHLD, undefined);
  if (holder.pidfd === undefined) waitForEnd(kernel, readEnd, writeEnd);
  kernel.close(readEnd);
  try {
    const directory = openProcessDirectory(kernel, holder.pid);
    applyIdMaps(kernel, directory, { ...maps, setgroups: 'allow' });
    const opened = kernel.openat2(cwdFd, `/proc/${holder.pid}/ns/user`, O_RDONLY, 0, 0);
    kernel.close(directory);
    return opened;
  } catch (error) {
    const operation = 'make a user namespace with the maps of an id-mapped mount';
    throw error instanceof RuntimeError ? error.with({ operation }) : error;
  } finally {
    kernel.close(writeEnd);
    kernel.waitid(P_PIDFD, holder.pidfd.number, WEXITED);
    kernel.close(holder.pidfd);
  }
}

/** In the process that holds the namespace: its life is that of the pipe. */
function waitForEnd(kernel: Kernel, readEnd: Fd, writeEnd: Fd): never {
  try {
    kernel.close(writeEnd);
    kernel.read(readEnd, 1);
  } finally {
    kernel.exit(0);
  }
}
