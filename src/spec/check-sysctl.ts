/**
 * linux.sysctl: only parameters that belong to a namespace which the container has; all others would change the host. Pure.
 * The names are taken apart by component, never compared as text: net/../kernel/panic is not in net. Whether a namespace that
 * is joined by path is the host's is asked when it is opened (namespaces/apply-host-guard.ts).
 * [spec config-linux.md#sysctl] [man namespaces.7] [man sysctl.8]
 */
import type { NamespaceTable } from './check-namespaces.ts';
import type { NamespaceType } from './config-types.ts';
import { addFault, isSound, pointerToken, type Report } from './fault.ts';

const ipcParameters: ReadonlySet<string> = new Set([
  'msgmax',
  'msgmnb',
  'msgmni',
  'sem',
  'shmall',
  'shmmax',
  'shmmni',
  'shm_rmid_forced',
]);

export function checkSysctl(
  sysctl: { readonly [key: string]: string },
  namespaces: NamespaceTable,
  report: Report,
): void {
  for (const key of Object.keys(sysctl)) {
    const components = sysctlComponents(key);
    const pointer = `/linux/sysctl/${pointerToken(key)}`;
    if (components === undefined) {
      addFault(report, pointer, 'is not the name of a kernel parameter', 'write it as in "net.ipv4.ip_forward"');
      continue;
    }
    const owner = ownerOf(components);
    if (owner === 'hostname') {
      addFault(report, pointer, 'is set by the property /hostname', 'remove it and write "hostname"');
    } else if (owner === undefined) {
      addFault(report, pointer, 'belongs to no namespace: it would change the host');
    } else if (namespaces[owner] === undefined && isSound(report, '/linux/namespaces')) {
      addFault(
        report,
        pointer,
        `needs a namespace of type ${owner}: without one it would change the host`,
        `add {"type": "${owner}"} to /linux/namespaces`,
      );
    }
  }
}

/** Of a name that checkSysctl has let pass: the type of its namespace. */
export function sysctlNamespace(key: string): NamespaceType | undefined {
  const owner = ownerOf(sysctlComponents(key) ?? []);
  return owner === 'hostname' ? 'uts' : owner;
}

/** Which namespace a parameter belongs to. */
function ownerOf(components: readonly string[]): NamespaceType | 'hostname' | undefined {
  const [first, second] = components;
  if (components.length < 2) return undefined;
  if (first === 'net') return 'network';
  if (first === 'user') return 'user';
  if (first === 'fs') return second === 'mqueue' && components.length > 2 ? 'ipc' : undefined;
  if (first !== 'kernel' || components.length !== 2 || second === undefined) return undefined;
  if (ipcParameters.has(second)) return 'ipc';
  if (second === 'domainname') return 'uts';
  return second === 'hostname' ? 'hostname' : undefined;
}

/**
 * A name as components of a path below /proc/sys; undefined if one of them could lead elsewhere. As sysctl(8): the first
 * separator decides; with '.', a '/' within stands for a dot (net.ipv4.conf.eth0/100.rp_filter).
 */
export function sysctlComponents(key: string): readonly string[] | undefined {
  const dot = key.indexOf('.');
  const slash = key.indexOf('/');
  const isDotted = dot !== -1 && (slash === -1 || dot < slash);
  const components = key.split(isDotted ? '.' : '/');
  for (let i = 0; i < components.length; i++) {
    const component = isDotted ? (components[i] as string).replaceAll('/', '.') : (components[i] as string);
    if (component === '' || component === '.' || component === '..') return undefined;
    components[i] = component;
  }
  return components;
}
