/**
 * Which maps an id-mapped bind mount gets: its own, those of crun's option, else those of the container's user namespace.
 * Pure; apply-host-sources.ts carries it out. [spec config.md#posix-platform-mounts] [man mount_setattr.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Config, Mount } from '../spec/config-types.ts';
import { formatIdMap } from '../spec/format-id-map.ts';
import { parseIdMapOption } from './parse-id-map-option.ts';
import type { IdMapOption } from './parse-mount-options.ts';
import type { MountIdMap, MountUserNamespace } from './rootfs-step.ts';

/** undefined: the mount shows the ids as they are. `pointer` is that of the mount. */
export function planMountIdMap(
  mount: Mount,
  option: IdMapOption | undefined,
  linux: Config['linux'],
  pointer: string,
): MountIdMap | undefined {
  const { uidMappings = [], gidMappings = [] } = mount;
  const recursive = option?.recursive ?? false;
  if (uidMappings.length > 0 && gidMappings.length > 0) {
    const uidMap = formatIdMap(uidMappings, `${pointer}/uidMappings`);
    return {
      userNamespace: { kind: 'maps', uidMap, gidMap: formatIdMap(gidMappings, `${pointer}/gidMappings`) },
      recursive,
    };
  }
  if (option === undefined) return undefined;
  if (option.text === '') return { userNamespace: ofContainer(linux, pointer), recursive };
  const parsed = parseIdMapOption(option.text, linux, `${pointer}/options/${option.option}`);
  return { userNamespace: { kind: 'maps', ...parsed }, recursive };
}

function ofContainer(linux: Config['linux'], pointer: string): MountUserNamespace {
  const namespaces = linux?.namespaces ?? [];
  const index = namespaces.findIndex(({ type }) => type === 'user');
  const namespace = namespaces[index];
  if (namespace === undefined) {
    throw new RuntimeError({
      kind: 'spec',
      pointer: `${pointer}/uidMappings`,
      message: 'is missing: there is no user namespace to take the mapping from',
    });
  }
  const { path = '' } = namespace;
  if (path !== '') return { kind: 'join', path, pointer: `/linux/namespaces/${index}` };
  return {
    kind: 'maps',
    uidMap: formatIdMap(linux?.uidMappings ?? [], '/linux/uidMappings'),
    gidMap: formatIdMap(linux?.gidMappings ?? [], '/linux/gidMappings'),
  };
}
