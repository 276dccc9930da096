/**
 * Which of its namespaces a created container's init keeps open for those who may not open them themselves: it is not dumpable
 * before its program is executed, so the kernel shows them to root alone. Pure, and the same at create and at exec.
 * [man setns.2, ptrace.2 "Ptrace access mode checking"]
 */
import type { Namespace, NamespaceType } from '../spec/config-types.ts';
import { namespaceFlags } from './plan-namespaces.ts';

export interface KeptNamespace {
  /** Its name in /proc/PID/ns. */
  readonly file: string;
  /** CLONE_NEW* */
  readonly flag: number;
}

const files: readonly (readonly [NamespaceType, string])[] = [
  ['user', 'user'],
  ['mount', 'mnt'],
  ['pid', 'pid'],
  ['network', 'net'],
  ['ipc', 'ipc'],
  ['uts', 'uts'],
  ['cgroup', 'cgroup'],
  ['time', 'time'],
];

/** In the order in which their descriptors are sent. */
export function planKeptNamespaces(namespaces: readonly Namespace[] | undefined): readonly KeptNamespace[] {
  return files
    .filter(([type]) => namespaces?.some((each) => each.type === type) === true)
    .map(([type, file]) => ({ file, flag: namespaceFlags[type] }));
}
