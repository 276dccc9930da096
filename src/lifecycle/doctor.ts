/**
 * doctor: which features of the kernel that runt needs work on this host, one line each, tried and not guessed from the
 * version. Changes nothing: what it opens it closes. [man openat2.2, fsopen.2, open_tree.2, pidfd_open.2, cgroups.7]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { readCgroupFacts } from '../cgroup/read-cgroup-facts.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import {
  CLOSE_RANGE_CLOEXEC,
  CLOSE_RANGE_MAX,
  FSOPEN_CLOEXEC,
  MFD_CLOEXEC,
  O_PATH,
  O_RDONLY,
  OPEN_TREE_CLONE,
  RESOLVE_IN_ROOT,
} from '../kernel/flags.ts';
import type { LsmFacts } from '../kernel/host-facts.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { readLsmFacts } from '../kernel/read-lsm-facts.ts';

export interface Finding {
  readonly feature: string;
  /** undefined: it works; else why not. */
  readonly problem: string | undefined;
  /** Without it no container runs. */
  readonly required: boolean;
}

interface Probe {
  readonly feature: string;
  readonly required: boolean;
  /** A text that says why it does not work, or the kernel's error thrown; anything else: it works. */
  readonly run: (kernel: Kernel) => unknown;
}

/** [linux/seccomp.h] */
const SECCOMP_RET_ALLOW = 0x7fff0000;

const probes: readonly Probe[] = [
  { feature: 'Linux 5.14 or newer', required: true, run: probeVersion },
  { feature: 'openat2(2) with RESOLVE_IN_ROOT', required: true, run: probeOpenat2 },
  {
    feature: 'fsopen(2): new mount interface',
    required: true,
    run: (kernel) => closing(kernel, kernel.fsopen('tmpfs', FSOPEN_CLOEXEC)),
  },
  { feature: 'open_tree(2): detached copies of mounts', required: true, run: probeOpenTree },
  { feature: 'pidfd_open(2)', required: true, run: (kernel) => closing(kernel, kernel.pidfdOpen(kernel.getpid(), 0)) },
  {
    feature: 'close_range(2)',
    required: true,
    run: (kernel) => kernel.closeRange(CLOSE_RANGE_MAX, CLOSE_RANGE_MAX, CLOSE_RANGE_CLOEXEC),
  },
  {
    feature: 'memfd_create(2): the sealed copy of this program',
    required: true,
    run: (kernel) => closing(kernel, kernel.memfdCreate('runt-doctor', MFD_CLOEXEC)),
  },
  { feature: 'cgroup v2 tree', required: false, run: probeCgroup },
  { feature: 'user namespaces', required: false, run: (kernel) => probeNamespace(kernel, 'user') },
  { feature: 'time namespaces', required: false, run: (kernel) => probeNamespace(kernel, 'time') },
  { feature: 'cgroup namespaces', required: false, run: (kernel) => probeNamespace(kernel, 'cgroup') },
  {
    feature: 'seccomp filters',
    required: false,
    run: (kernel) => (kernel.seccompActionAvailable(SECCOMP_RET_ALLOW) ? undefined : 'the kernel has none'),
  },
  { feature: 'AppArmor', required: false, run: (kernel) => probeModule(kernel, 'apparmor') },
  { feature: 'SELinux', required: false, run: (kernel) => probeModule(kernel, 'selinux') },
  { feature: 'overlayfs', required: false, run: (kernel) => closing(kernel, kernel.fsopen('overlay', FSOPEN_CLOEXEC)) },
];

export function doctor(kernel: Kernel): readonly Finding[] {
  return probes.map(({ feature, required, run }) => ({ feature, required, problem: problemOf(kernel, run) }));
}

function problemOf(kernel: Kernel, run: Probe['run']): string | undefined {
  try {
    const result = run(kernel);
    return typeof result === 'string' ? result : undefined;
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.fields.kind !== 'kernel') throw error;
    if (error.fields.errno === 'EPERM') return `${error.message} (doctor sees more as root)`;
    return error.message;
  }
}

function closing(kernel: Kernel, fd: Fd): void {
  kernel.close(fd);
}

function probeVersion(kernel: Kernel): string | undefined {
  const { release } = kernel.uname();
  const [major, minor] = release.split('.', 2).map((part) => Number.parseInt(part, 10));
  const isNew = (major ?? 0) > 5 || (major === 5 && (minor ?? 0) >= 14);
  return isNew ? undefined : `this is Linux ${release}`;
}

function probeOpenat2(kernel: Kernel): void {
  kernel.close(kernel.openat2(cwdFd, '/', O_PATH | O_DIRECTORY, 0, RESOLVE_IN_ROOT));
}

function probeOpenTree(kernel: Kernel): void {
  kernel.close(kernel.openTree(cwdFd, '/proc', OPEN_TREE_CLONE));
}

function probeCgroup(kernel: Kernel): string | undefined {
  const { facts, root } = readCgroupFacts(kernel);
  if (root === undefined) return 'not mounted: containers run only with --cgroup-manager=disabled';
  const file = kernel.openat2OrErrno(root, 'cgroup.controllers', O_RDONLY, 0, 0);
  const controllers = typeof file === 'string' ? '' : kernel.readAll(file, 4096).trim();
  kernel.close(root);
  if (!facts.hybrid) return controllers === '' ? 'it has no controllers: limits cannot be set' : undefined;
  return `hybrid host: limits of controllers that v1 holds are refused; v2 has: ${controllers || 'none'}`;
}

function probeModule(kernel: Kernel, name: keyof LsmFacts): string | undefined {
  return readLsmFacts(kernel)[name] ? undefined : 'is not enabled: labels for it are refused';
}

function probeNamespace(kernel: Kernel, name: string): string | undefined {
  const link = orErrno(['ENOENT'], () => kernel.readlinkat(cwdFd, `/proc/self/ns/${name}`));
  return typeof link === 'string' ? undefined : 'the kernel has none';
}
