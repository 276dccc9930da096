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
  /** deny is what an unprivileged writer of gid_map must set first; root and newgidmap leave it alone [CVE-2014-8989]. */
  readonly setgroups: 'allow' | 'deny';
  /** The kernel lets an ordinary user write no more than the own id: these are given to the tool instead. */
  readonly tools?: MappingTools;
}

/** Arguments after the pid, as newuidmap(1) takes them: containerID hostID size, for each range. undefined: written directly. */
export interface MappingTools {
  readonly newuidmap?: readonly string[];
  readonly newgidmap?: readonly string[];
}

export interface Caller {
  readonly euid: number;
  readonly egid: number;
}

/** undefined when the container gets no user namespace of its own. */
export function planIdMaps(config: Config, newUserNamespace: boolean, caller: Caller): IdMapPlan | undefined {
  if (!newUserNamespace) return undefined;
  const { uidMappings = none, gidMappings = none } = config.linux ?? {};
  const uidMap = formatMap(uidMappings, '/linux/uidMappings');
  const gidMap = formatMap(gidMappings, '/linux/gidMappings');
  if (caller.euid === 0) return { uidMap, gidMap, setgroups: 'allow' };
  const tools: MappingTools = {
    ...(!isOwnId(uidMappings, caller.euid) && { newuidmap: toolArguments(uidMappings) }),
    ...(!isOwnId(gidMappings, caller.egid) && { newgidmap: toolArguments(gidMappings) }),
  };
  return { uidMap, gidMap, setgroups: tools.newgidmap === undefined ? 'deny' : 'allow', tools };
}

const none: readonly IdMapping[] = [];

/** What the kernel allows without privilege: one line, one id, that of the writer. */
function isOwnId(mappings: readonly IdMapping[], id: number): boolean {
  return mappings.length === 1 && mappings[0]?.hostID === id && mappings[0].size === 1;
}

function toolArguments(mappings: readonly IdMapping[]): readonly string[] {
  return mappings.flatMap(({ containerID, hostID, size }) => [String(containerID), String(hostID), String(size)]);
}

function formatMap(mappings: readonly IdMapping[], pointer: string): string {
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
