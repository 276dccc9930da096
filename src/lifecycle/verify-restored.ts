/**
 * Looks at every thread of a restored container before it goes on (criu waits for our answer), as create reads back what it
 * has set: the configuration's namespaces, cgroup, id maps, capabilities and filter (rule B12). [man proc_pid.5]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { type AllowedThread, checkRestoredThread, type RestoredThread } from '../checkpoint/check-restored-process.ts';
import { openProcessDirectory } from '../init/open-procfs.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_RDONLY, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, SIGKILL } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';

export interface RestoredPlace {
  readonly plan: ContainerPlan;
  /** Its mount namespace is not the host's and not the container's. */
  readonly criu: { readonly pid: number; readonly pidfd: Fd<'object'> };
  readonly init: number;
  /** Of the container's cgroup, from the root of the v2 tree. */
  readonly cgroup: string | undefined;
}

/**
 * Throws when a thread is not as the configuration says, after it has ended all of them: criu would let them go on, whatever we
 * answer so late. They are stopped, so what was found of them stays as it is.
 * [order] criu after them: stopped by it they do nothing more; and it would wait for ever for an init that itself waits for
 * children whose end only criu, who traces them, is told.
 */
export function verifyRestored(kernel: Kernel, place: RestoredPlace): void {
  const seen = new Set<number>();
  let wrong: RuntimeError | undefined;
  try {
    wrong = findWrong(kernel, place, seen);
    if (wrong === undefined) return;
  } catch (error) {
    wrong = error as RuntimeError;
  }
  endAll(kernel, seen);
  kernel.pidfdSendSignal(place.criu.pidfd, SIGKILL);
  throw wrong;
}

function endAll(kernel: Kernel, pids: Iterable<number>): void {
  for (const pid of pids) {
    const pidfd = orErrno(['ESRCH'], () => kernel.pidfdOpen(pid, 0));
    if ('errno' in pidfd) continue;
    kernel.pidfdSendSignal(pidfd, SIGKILL);
    kernel.close(pidfd);
  }
}

/** Adds every process to `seen`; the first that is wrong. */
function findWrong(kernel: Kernel, place: RestoredPlace, seen: Set<number>): RuntimeError | undefined {
  const allowed = planAllowed(kernel, place);
  const waiting = [place.init];
  let first: RuntimeError | undefined;
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    if (seen.has(pid)) continue;
    seen.add(pid);
    const isInit = pid === place.init;
    const directory = openProcessDirectory(kernel, pid);
    const threads = readThreads(kernel, directory);
    const namespaces = readNamespaces(kernel, directory);
    const userNamespace = isInit ? undefined : allowed.userNamespace;
    for (const name of threads) {
      const thread: RestoredThread = {
        isInit,
        namespaces,
        status: readText(kernel, directory, `task/${name}/status`),
        cgroup: readText(kernel, directory, `task/${name}/cgroup`),
        idMaps: [readText(kernel, directory, 'uid_map'), readText(kernel, directory, 'gid_map')],
      };
      const wrong = checkRestoredThread(thread, { ...allowed, userNamespace });
      if (wrong !== undefined) first ??= refusal(pid, wrong);
      const children = readText(kernel, directory, `task/${name}/children`);
      for (const child of children.split(' ')) if (child !== '') waiting.push(Number(child));
    }
    kernel.close(directory);
  }
  return first;
}

function refusal(pid: number, wrong: string): RuntimeError {
  return new RuntimeError({
    kind: 'state',
    message: `the images are not of a container with this config.json: process ${pid}: ${wrong}`,
    hint: 'restore with the config.json of the checkpoint; what exec --cap or --privileged has added must be granted there',
  });
}

const names = {
  pid: 'pid',
  network: 'net',
  mount: 'mnt',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
  cgroup: 'cgroup',
} as const;

function planAllowed(kernel: Kernel, { plan, criu, init, cgroup }: RestoredPlace): AllowedThread {
  const own = openProcessDirectory(kernel, 'self');
  const ours = readNamespaces(kernel, own);
  kernel.close(own);
  const forbidden = new Map<string, readonly string[]>();
  for (const [type, name] of Object.entries(names)) {
    if (plan.namespaces.modes[type as keyof typeof names] !== 'new') continue;
    const links = [ours.get(name) ?? ''];
    if (type === 'mount') links.push(readLinkOf(kernel, criu.pid, name));
    forbidden.set(name, links);
  }
  const { capabilities } = plan.child;
  const granted = capabilities && Object.values<bigint>({ ...capabilities }).reduce((all, set) => all | set, 0n);
  return {
    forbidden,
    userNamespace: readLinkOf(kernel, init, 'user'),
    cgroup,
    capabilities: granted,
    noNewPrivileges: plan.child.process.noNewPrivileges,
    seccomp: plan.seccomp !== undefined && isFilter(plan.seccomp),
    idMaps: plan.idMaps && [plan.idMaps.uidMap, plan.idMaps.gidMap],
  };
}

/** runc installs none where everything is allowed. */
function isFilter({ defaultAction, syscalls }: NonNullable<ContainerPlan['seccomp']>): boolean {
  return defaultAction !== 'SCMP_ACT_ALLOW' || (syscalls?.length ?? 0) > 0;
}

function readLinkOf(kernel: Kernel, pid: number, name: string): string {
  const directory = openProcessDirectory(kernel, pid);
  const link = kernel.readlinkat(directory, `ns/${name}`);
  kernel.close(directory);
  return link;
}

function readNamespaces(kernel: Kernel, directory: Fd): ReadonlyMap<string, string> {
  const links = new Map<string, string>();
  for (const name of Object.values(names)) {
    const link = orErrno(['ENOENT'], () => kernel.readlinkat(directory, `ns/${name}`));
    if (typeof link === 'string') links.set(name, link);
  }
  return links;
}

const inProc = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;

function readThreads(kernel: Kernel, directory: Fd): readonly string[] {
  const tasks = kernel.openat2(directory, 'task', O_RDONLY | O_DIRECTORY, 0, inProc);
  const threads = kernel.readDirectory(tasks).filter((name) => name[0] !== '.');
  kernel.close(tasks);
  return threads;
}

const longestBytes = 1 << 20;

function readText(kernel: Kernel, directory: Fd, name: string): string {
  const file = kernel.openat2(directory, name, O_RDONLY, 0, inProc);
  const text = kernel.readAll(file, longestBytes);
  kernel.close(file);
  return text;
}
