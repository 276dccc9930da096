/**
 * The records that create writes: before the first effect, and when the child exists.
 * [spec runtime.md#state]; the fields: state-record.ts.
 */
import type { CreateRequest, GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { CLOCK_REALTIME } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';
import { readMountIdsBelow } from '../rootfs/apply-host-unmounts.ts';
import { readPidNamespace, readProcessIdentity } from '../state/read-process-facts.ts';
import type { CgroupIdentity, StateRecord } from '../state/state-record.ts';
import { formatTimestamp } from './format-timestamp.ts';
import type { PreparedContainer } from './prepare-container.ts';

export function provisionalRecord(
  kernel: Kernel,
  globals: GlobalOptions,
  request: CreateRequest,
  { config, facts, plan, notifyAddress }: PreparedContainer,
  cgroup: CgroupIdentity | undefined,
  resctrl: StateRecord['resctrl'],
): StateRecord {
  const { poststart, poststop } = config.hooks ?? {};
  const unit = plan.cgroup?.unit;
  const [seconds, nanoseconds] = kernel.clockGettime(CLOCK_REALTIME);
  return {
    version: 1,
    phase: 'creating',
    id: request.id,
    ociVersion: config.ociVersion,
    bundle: plan.bundle,
    rootfs: plan.rootfsPath,
    created: formatTimestamp(seconds, nanoseconds),
    owner: kernel.getuid(),
    ...(config.annotations !== undefined && { annotations: config.annotations }),
    bootId: facts.bootId,
    runtime: readProcessIdentity(kernel, kernel.getpid()),
    ...(cgroup !== undefined && { cgroup }),
    ...(resctrl !== undefined && { resctrl }),
    cgroupManager: globals.cgroupManager,
    ...(plan.rootfs.hostMounts && { hostMounts: readMountIdsBelow(kernel, plan.rootfsPath) }),
    ...(unit !== undefined && { systemdUnit: { name: unit.name, manager: unit.manager } }),
    ...((poststart !== undefined || poststop !== undefined) && {
      hooks: { ...(poststart !== undefined && { poststart }), ...(poststop !== undefined && { poststop }) },
    }),
    ...(plan.child.seccompListener !== undefined && { seccompListener: plan.child.seccompListener }),
    ...(notifyAddress !== undefined && { notifySocket: true }),
    terminal: plan.child.process.terminal,
    ...(request.noNewKeyring && { noNewKeyring: true }),
    ...(!facts.initialUserNamespace && { nestedUserNamespace: true }),
  };
}

/** The same with the child, while create still goes on. */
export function describeChild(
  kernel: Kernel,
  journal: StateRecord,
  plan: ContainerPlan,
  pid: number,
  cgroup: CgroupIdentity | undefined,
): StateRecord {
  const pidNamespace = readPidNamespace(kernel, pid) ?? notReadable(kernel);
  return {
    ...journal,
    init: {
      ...readProcessIdentity(kernel, pid),
      pidNamespace,
      ownPidNamespace: plan.namespaces.modes.pid === 'new',
    },
    ...(cgroup !== undefined && { cgroup }),
  };
}

/** An ordinary user may not look at a child in a joined user namespace: pid and start time must then do. */
function notReadable(kernel: Kernel): 0 {
  if (kernel.geteuid() !== 0) return 0;
  throw new RuntimeError({ kind: 'kernel', message: 'the container process cannot be read in /proc' });
}
