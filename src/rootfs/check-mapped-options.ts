/**
 * Mount options uid= and gid= name ids of the container: those of a new user namespace must be in its maps, else the kernel
 * refuses the mount with EINVAL and no word on why. The usual case is gid=5 of devpts. Pure. [man user_namespaces.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { IdMapping } from '../spec/config-types.ts';
import type { FsParameter } from './rootfs-step.ts';

export interface IdMaps {
  readonly uid: readonly IdMapping[];
  readonly gid: readonly IdMapping[];
}

/** `pointer` is that of the mount. What is no number is the file system's to judge. */
export function checkMappedOptions(parameters: readonly FsParameter[], maps: IdMaps, pointer: string): void {
  for (const { key, value, option } of parameters) {
    if ((key !== 'uid' && key !== 'gid') || value === null || !isNumber(value)) continue;
    const id = Number(value);
    if (maps[key].some(({ containerID, size }) => id >= containerID && id < containerID + size)) continue;
    throw new RuntimeError({
      kind: 'spec',
      pointer: `${pointer}/options/${option}`,
      message: `cannot specify ${key}=${value} mount option: id ${value} is not mapped in the user namespace`,
      hint: `leave it out (runt spec --rootless does), or map it in /linux/${key}Mappings`,
    });
  }
}

function isNumber(text: string): boolean {
  if (text === '') return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return true;
}
