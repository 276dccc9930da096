/**
 * Whether the container's user gets the container's cgroup, to make cgroups of its own below it: only when the container sees a
 * cgroup namespace of its own and may write there. Pure. [spec config-linux.md#cgroup-ownership] [man cgroups.7]
 */
import { cleanPath } from '../spec/check-mounts.ts';
import type { Config, IdMapping } from '../spec/generated/config-types.ts';
import type { CgroupOwner } from './cgroup-plan.ts';

export interface PlanCgroupOwnerInput {
  readonly config: Config;
  readonly cgroupNamespace: 'host' | 'new' | 'join';
  readonly userNamespace: 'host' | 'new' | 'join';
  /** The runtime's: who makes the cgroup owns it. Only root can give it away. */
  readonly euid: number;
}

/** undefined: it stays the runtime's. */
export function planCgroupOwner(input: PlanCgroupOwnerInput): CgroupOwner | undefined {
  const { config, cgroupNamespace, userNamespace, euid } = input;
  if (cgroupNamespace !== 'new' || euid !== 0 || !mountsWritably(config)) return undefined;
  const uid = config.process?.user?.uid ?? 0;
  // The map of a namespace that is joined is known once a process is in it.
  if (userNamespace === 'join') return { kind: 'mapped', containerUid: uid };
  const hostUid = userNamespace === 'host' ? uid : hostIdOf(config.linux?.uidMappings ?? [], uid);
  return hostUid === undefined || hostUid === euid ? undefined : { kind: 'uid', uid: hostUid };
}

/** The specification's words: source, destination, and no "ro". */
function mountsWritably(config: Config): boolean {
  for (const { source, destination, options } of config.mounts ?? []) {
    if (source !== 'cgroup' || cleanPath(destination) !== '/sys/fs/cgroup') continue;
    if (options?.includes('ro') !== true) return true;
  }
  return false;
}

export function hostIdOf(mappings: readonly IdMapping[], id: number): number | undefined {
  for (const { containerID, hostID, size } of mappings) {
    if (id >= containerID && id < containerID + size) return hostID + (id - containerID);
  }
  return undefined;
}

/** The text of /proc/PID/uid_map: lines of three numbers. undefined: the id is not mapped. */
export function mappedUid(uidMap: string, containerUid: number): number | undefined {
  const mappings: IdMapping[] = [];
  for (const line of uidMap.split('\n')) {
    const [containerID = Number.NaN, hostID = 0, size = 0] = line
      .split(' ')
      .filter((word) => word !== '')
      .map(Number);
    mappings.push({ containerID, hostID, size });
  }
  return hostIdOf(mappings, containerUid);
}
