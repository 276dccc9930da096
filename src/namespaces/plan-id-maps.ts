/**
 * The id maps of a new user namespace, as the text for /proc/PID/uid_map and gid_map, and whether setgroups stays allowed.
 * Pure. Ranges that overlap or leave 32 bits are refused before, by spec/check-id-mappings.ts.
 * [spec config-linux.md#user-namespace-mappings] [man user_namespaces.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Config, IdMapping } from '../spec/config-types.ts';

export interface IdMapPlan {
  readonly uidMap: string;
  readonly gidMap: string;
  /** deny is what an unprivileged writer of gid_map must set first; root leaves it alone [CVE-2014-8989]. */
  readonly setgroups: 'allow' | 'deny';
}

/** Lines that the kernel takes at most (since Linux 4.15), and one page less a byte for the text. */
const longestMapLines = 340;
const longestMapBytes = 4095;

/** undefined when the container gets no user namespace of its own. */
export function planIdMaps(config: Config, newUserNamespace: boolean, euid: number): IdMapPlan | undefined {
  if (!newUserNamespace) return undefined;
  return {
    uidMap: formatMap(config.linux?.uidMappings, '/linux/uidMappings'),
    gidMap: formatMap(config.linux?.gidMappings, '/linux/gidMappings'),
    setgroups: euid === 0 ? 'allow' : 'deny',
  };
}

function formatMap(mappings: readonly IdMapping[] | undefined, pointer: string): string {
  let text = '';
  let mapsRoot = false;
  let lines = 0;
  for (const { containerID, hostID, size } of mappings ?? []) {
    text += `${containerID} ${hostID} ${size}\n`;
    lines++;
    if (containerID === 0 && size > 0) mapsRoot = true;
  }
  if (!mapsRoot) {
    throw new RuntimeError({
      kind: 'spec',
      pointer,
      message: 'id 0 of the container is not mapped',
      hint: 'the container is set up by its own root: map containerID 0 to some hostID',
    });
  }
  if (lines > longestMapLines || text.length > longestMapBytes) {
    throw new RuntimeError({
      kind: 'spec',
      pointer,
      message: `${lines} mappings are more than the kernel takes (${longestMapLines} lines, ${longestMapBytes} bytes)`,
    });
  }
  return text;
}
