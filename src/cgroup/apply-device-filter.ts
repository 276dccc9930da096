/**
 * Loads the device program and attaches it to the container's cgroup. It is in force beside those of the parents: an access
 * must be allowed by all (BPF_F_ALLOW_MULTI). In a cgroup that was there before, older programs go after ours is in place, so
 * that no moment is without one. [man bpf.2] [spec config-linux.md#allowed-device-list]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';

const BPF_F_ALLOW_MULTI = 2;

export function applyDeviceFilter(kernel: Kernel, cgroup: Fd<'cgroup'>, program: Uint8Array, isNew: boolean): void {
  // The usual case asks nothing: a new cgroup has no program of its own.
  const older = isNew ? [] : kernel.bpfProgQuery(cgroup);
  const loaded = load(kernel, cgroup, program);
  try {
    kernel.bpfProgAttach(cgroup, loaded, BPF_F_ALLOW_MULTI, undefined);
  } catch (error) {
    throw explain(error, cgroup);
  } finally {
    // Attached, the cgroup holds the program: it lives as long as the cgroup does.
    kernel.close(loaded);
  }
  for (const id of older) detach(kernel, cgroup, id);
}

function load(kernel: Kernel, cgroup: Fd<'cgroup'>, program: Uint8Array): Fd<'object'> {
  try {
    return kernel.bpfLoadCgroupDevice(program);
  } catch (error) {
    throw explain(error, cgroup);
  }
}

function detach(kernel: Kernel, cgroup: Fd<'cgroup'>, id: number): void {
  const program = kernel.bpfProgGetFdById(id);
  try {
    kernel.bpfProgDetach(cgroup, program);
  } finally {
    kernel.close(program);
  }
}

function explain(error: unknown, cgroup: Fd<'cgroup'>): unknown {
  if (!(error instanceof RuntimeError)) return error;
  const { errno } = error.fields;
  const hint =
    errno === 'EPERM'
      ? 'loading a device filter needs CAP_BPF or CAP_SYS_ADMIN in the initial user namespace'
      : errno === 'E2BIG' || errno === 'EINVAL'
        ? 'the list of device rules may be too long, or the kernel lacks CONFIG_CGROUP_BPF'
        : undefined;
  const told = error.with({ pointer: '/linux/resources/devices', path: cgroup.path });
  return (hint === undefined ? told : told.with({ hint })).within('apply the device rules');
}
