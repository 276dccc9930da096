/**
 * A namespace that is joined by path may be the runtime's own: then a sysctl or a host name of the container would change the
 * host, which was ruled out for containers without such a namespace (check-sysctl.ts, check-namespaces.ts). Asked of the opened
 * descriptors, before anything is made. [spec config-linux.md#sysctl] [man namespaces.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { sysctlNamespace } from '../spec/check-sysctl.ts';
import type { Config, NamespaceType } from '../spec/config-types.ts';
import { pointerToken } from '../spec/fault.ts';
import type { OpenedJoin } from './apply-namespace-joins.ts';

/** Files under /proc/self/ns of the types that settings belong to. */
const files: Readonly<Partial<Record<NamespaceType, string>>> = {
  network: 'net',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
};

export function applyHostGuard(kernel: Kernel, config: Config, joins: readonly OpenedJoin[]): void {
  if (joins.length === 0) return;
  for (const [pointer, type] of listSettings(config)) {
    const opened = joins.find(({ join }) => join.type === type);
    if (opened === undefined || !isOwn(kernel, opened, files[type])) continue;
    throw new RuntimeError({
      kind: 'spec',
      pointer,
      path: opened.join.path,
      message: `would change the host: the ${type} namespace that is joined is the host's own`,
      hint: `remove the path from ${opened.join.pointer}, so that the container gets a new one`,
    });
  }
}

/** JSON pointer and the namespace that the property changes. */
function listSettings({ hostname, domainname, linux }: Config): (readonly [string, NamespaceType])[] {
  const settings: (readonly [string, NamespaceType])[] = [];
  if (hostname !== undefined && hostname !== '') settings.push(['/hostname', 'uts']);
  if (domainname !== undefined && domainname !== '') settings.push(['/domainname', 'uts']);
  for (const key of Object.keys(linux?.sysctl ?? {})) {
    const type = sysctlNamespace(key);
    if (type !== undefined) settings.push([`/linux/sysctl/${pointerToken(key)}`, type]);
  }
  return settings;
}

function isOwn(kernel: Kernel, { fd }: OpenedJoin, file: string | undefined): boolean {
  if (file === undefined) return false;
  const [own, joined] = [kernel.statx(cwdFd, `/proc/self/ns/${file}`, 0), kernel.fstat(fd)];
  return own.ino === joined.ino && own.devMajor === joined.devMajor && own.devMinor === joined.devMinor;
}
