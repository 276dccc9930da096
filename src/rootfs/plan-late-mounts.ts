/**
 * Mounts for a container that runs already (`mounts add`): the same planner as at create, with every source opened by the
 * parent, because the process that attaches them sees the container's mounts only. Pure. [spec config.md#mounts]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Config, Mount } from '../spec/config-types.ts';
import { planMounts, type RootfsDraft } from './plan-mounts.ts';
import { refuseHostSources } from './plan-rootfs.ts';
import { createMountBook } from './plan-targets.ts';
import type { RootfsPlan, RootfsStep } from './rootfs-step.ts';

export interface LateMountsPlan extends Pick<RootfsPlan, 'hostSources' | 'warnings'> {
  readonly steps: readonly RootfsStep[];
}

export interface LateMountsInput {
  /** The container's. */
  readonly config: Config;
  readonly mounts: readonly Mount[];
  /** The start of relative sources. */
  readonly bundle: string;
  /** The host has SELinux: linux.mountLabel means something. */
  readonly selinux: boolean;
  /** The runtime is root. */
  readonly privileged: boolean;
}

/** Throws kind 'spec' with pointers below /mounts. */
export function planLateMounts({ config, mounts, bundle, selinux, privileged }: LateMountsInput): LateMountsPlan {
  mounts.forEach(refuseLate);
  const draft: RootfsDraft = {
    // Nothing is known of the mounts that are there: every destination is looked up inside the root.
    book: createMountBook(),
    hostSources: [],
    steps: [],
    afterPivot: [],
    bundle,
    inherit: true,
    sharesWithHost: false,
    hostMountNamespace: false,
    warnings: [],
    hostCgroupNamespace: true,
    foreignNetwork: false,
    idMaps: undefined,
    cgroupPath: undefined,
    linux: config.linux,
    mountLabel: selinux ? config.linux?.mountLabel || undefined : undefined,
  };
  planMounts(draft, mounts);
  if (!privileged) refuseHostSources({ hostSources: draft.hostSources.filter(({ idMap }) => idMap !== undefined) });
  const { hostSources, warnings } = draft;
  return { hostSources, warnings, steps: [{ kind: 'clearUmask' }, ...draft.steps, ...draft.afterPivot] };
}

function refuseLate({ type, options }: Mount, index: number): void {
  const isCgroup = type === 'cgroup' || type === 'cgroup2';
  const message = options?.includes('remount')
    ? 'remount changes a mount that is there: only new mounts can be added'
    : isCgroup
      ? 'a cgroup file system can only be mounted when the container is made'
      : undefined;
  if (message !== undefined) throw new RuntimeError({ kind: 'spec', pointer: `/mounts/${index}`, message });
}
