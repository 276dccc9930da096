/**
 * The id maps of a new user namespace, as the text for /proc/PID/uid_map and gid_map, and whether setgroups stays allowed.
 * Pure. Ranges that overlap or leave 32 bits are refused before, by spec/check-id-mappings.ts.
 * [spec config-linux.md#user-namespace-mappings] [man user_namespaces.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Config, IdMapping } from '../spec/config-types.ts';
import { formatIdMap } from '../spec/format-id-map.ts';

export interface IdMapPlan {
  readonly uidMap: string;
  readonly gidMap: string;
  /** deny is what an unprivileged writer of gid_map must set first; root leaves it alone [CVE-2014-8989]. */
  readonly setgroups: 'allow' | 'deny';
}

/** undefined when the container gets no user namespace of its own. */
export function planIdMaps(config: Config, newUserNamespace: boolean, euid: number): IdMapPlan | undefined {
  if (!newUserNamespace) return undefined;
  return {
    uidMap: formatMap(config.linux?.uidMappings, '/linux/uidMappings'),
    gidMap: formatMap(config.linux?.gidMappings, '/linux/gidMappings'),
    setgroups: euid === 0 ? 'allow' : 'deny',
  };
}

function formatMap(mappings: readonly IdMapping[] = [], pointer: string): string {
  if (!mappings.some(({ containerID, size }) => containerID === 0 && size > 0)) {
    throw new RuntimeError({
      kind: 'spec',
      pointer,
      message: 'id 0 of the container is not mapped',
      hint: 'the container is set up by its own root: map containerID 0 to some hostID',
    });
  }
  return formatIdMap(mappings, pointer);
}
