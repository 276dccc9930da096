/**
 * Namespaces that the configuration joins by path: a network or pid namespace is left out of the images and named, so that restore
 * can put the container into another one; the rest is saved, and at restore criu joins what is there. Pure.
 * [criu.org/External_resources] [criu.org/Inheriting_FDs_on_restore]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Config, Namespace } from '../spec/config-types.ts';

/** The name of a namespace in /proc/PID/ns, and criu's. */
const names: { readonly [type in Namespace['type']]: string } = {
  cgroup: 'cgroup',
  ipc: 'ipc',
  mount: 'mnt',
  network: 'net',
  pid: 'pid',
  time: 'time',
  user: 'user',
  uts: 'uts',
};

/** Of a joined network and pid namespace; runc's and crun's key too. */
const externalKeys: { readonly [type in Namespace['type']]?: string } = {
  network: 'extRootNetNS',
  pid: 'extRootPidNS',
};

export interface ExternalNamespace {
  /** In /proc/PID/ns. */
  readonly name: string;
  readonly key: string;
  /** As the configuration has it. */
  readonly path: string;
  readonly pointer: string;
}

/** Those that the dump leaves out and the restore puts in by descriptor, in the order of the configuration. */
export function listExternalNamespaces(config: Config): readonly ExternalNamespace[] {
  const list: ExternalNamespace[] = [];
  config.linux?.namespaces?.forEach(({ type, path }, index) => {
    const key = externalKeys[type];
    if (key === undefined || !isText(path)) return;
    list.push({ name: names[type], key, path, pointer: `/linux/namespaces/${index}/path` });
  });
  return list;
}

/** The dump's --external. link: what /proc/PID/ns/NAME of the container's init says, "net:[4026531840]". */
export function planExternalKey({ name, key }: ExternalNamespace, link: string): string {
  const inode = /\[(\d+)\]$/.exec(link)?.[1];
  if (inode === undefined) throw new RuntimeError({ kind: 'bug', message: `not a namespace: ${link}` });
  return `${name}[${inode}]:${key}`;
}

/** The restore's --join-ns. */
export function planJoinedNamespaces(config: Config): readonly { readonly namespace: string; readonly file: string }[] {
  const joins: { namespace: string; file: string }[] = [];
  config.linux?.namespaces?.forEach(({ type, path }, index) => {
    if (!isText(path) || externalKeys[type] !== undefined) return;
    if (type === 'cgroup' || type === 'mount') {
      throw new RuntimeError({
        kind: 'spec',
        pointer: `/linux/namespaces/${index}/path`,
        message: `criu cannot restore a container into an existing ${type} namespace`,
        hint: 'leave out the path',
      });
    }
    joins.push({ namespace: names[type], file: path });
  });
  return joins;
}

/** criu saves and restores a root of its own. */
export function checkMountNamespace(config: Config): void {
  if (config.linux?.namespaces?.some(({ type }) => type === 'mount') === true) return;
  throw new RuntimeError({
    kind: 'spec',
    pointer: '/linux/namespaces',
    message: 'a container without a mount namespace cannot be checkpointed or restored',
  });
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
