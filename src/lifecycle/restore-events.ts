/**
 * What criu tells while it restores, and what is done then: the namespaces are there (they get network devices, and the runtime's hooks run), a terminal lost
 * its master (it is handed out again), the first process is there (it goes into the record). [criu.org/Action_scripts]
 */
import type { AppliedCgroup } from '../cgroup/apply-cgroup.ts';
import type { Notification } from '../checkpoint/run-criu-session.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { CLONE_NEWNET, CLONE_NEWNS, O_PATH, O_RDONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';
import { applyRestoredAttributes } from '../rootfs/apply-restored-attributes.ts';
import type { StateRecord } from '../state/state-record.ts';
import { inChild } from './criu-process.ts';
import { runRuntimeHooks } from './setup-child.ts';

export interface Restored {
  init: { readonly pid: number; readonly pidfd: Fd<'object'> } | undefined;
  /** The master for our own relay. */
  terminal: Fd<'object'> | undefined;
  /** undefined: none, or systemd has not made it yet. */
  cgroup: AppliedCgroup | undefined;
  /** As it is on disk. */
  record: StateRecord;
}

export interface RestoreHandlers {
  readonly plan: ContainerPlan;
  readonly restored: Restored;
  /** true: it was given away. */
  readonly onTerminal: (master: Fd<'object'>) => boolean;
  readonly onInit: (pid: number) => void;
  /** pid: a process in the namespaces, which the images have filled. */
  readonly onNamespaces: (pid: number) => void;
  /** Throws when what was restored is not what the configuration describes. */
  readonly verify: (pid: number) => void;
}

/** Descriptors that are not taken here are closed by the caller. */
export function restoreEvents(kernel: Kernel, { script, pid, fds }: Notification, handlers: RestoreHandlers): void {
  const { plan, restored } = handlers;
  switch (script) {
    case 'setup-namespaces':
      if (plan.namespaces.modes.network === 'new') raiseLoopback(kernel, pid);
      handlers.onNamespaces(pid);
      runRuntimeHooks(kernel, plan, pid);
      return;
    case 'orphan-pts-master':
      takeTerminal(kernel, fds[0], handlers);
      return;
    case 'post-restore':
      restored.init = { pid, pidfd: kernel.pidfdOpen(pid, 0) };
      handlers.onInit(pid);
      secureMounts(kernel, pid, plan);
      return;
    // [order] only here: criu restores credentials after 'post-restore'.
    case 'pre-resume':
      if (restored.init !== undefined) handlers.verify(restored.init.pid);
      return;
  }
}

/** criu makes the network namespace empty; the loopback interface was up, and is nobody else's to bring back. */
function raiseLoopback(kernel: Kernel, pid: number): void {
  inChild(kernel, 0, () => {
    const namespace = kernel.openat2(cwdFd, `/proc/${pid}/ns/net`, O_RDONLY, 0, 0);
    kernel.setns(namespace, CLONE_NEWNET);
    kernel.interfaceUp('lo');
  });
}

/** [order] before the processes go on, which they do after our answer. */
function secureMounts(kernel: Kernel, pid: number, plan: ContainerPlan): void {
  inChild(kernel, 0, () => {
    const namespace = kernel.openat2(cwdFd, `/proc/${pid}/ns/mnt`, O_RDONLY, 0, 0);
    kernel.setns(namespace, CLONE_NEWNS);
    // setns made the container's root ours. [man setns.2]
    const flags = O_PATH | O_DIRECTORY;
    const root = kernel.openat2<'host' | 'root'>(cwdFd as Fd<'host' | 'root'>, '/', flags, 0, 0);
    applyRestoredAttributes(kernel, root as Fd<'root'>, plan.rootfs);
  });
}

/** The container's; one of another session (exec -t at the time of the dump) has nobody left to read it. */
function takeTerminal(
  kernel: Kernel,
  master: Fd<'object'> | undefined,
  { restored, onTerminal }: RestoreHandlers,
): void {
  if (master === undefined || restored.terminal !== undefined) return;
  if (onTerminal(master)) return;
  restored.terminal = kernel.duplicate(master, 3);
}
