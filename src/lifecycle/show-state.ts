/**
 * state: what runc prints for a container, as data in runc's order of members. [spec runtime.md#state]
 */
import type { GlobalOptions } from '../base/request.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type ObservedContainer, observeContainer } from './observe-container.ts';

/** Members in the order in which they are printed; undefined ones are left out. */
export interface ContainerState {
  readonly ociVersion: string;
  readonly id: string;
  /** 0 when stopped. */
  readonly pid: number;
  readonly status: string;
  readonly bundle: string;
  readonly rootfs: string;
  readonly created: string;
  readonly annotations: { readonly [key: string]: string } | undefined;
  /** A user's name in list; empty in state, as runc has it. */
  readonly owner: string;
}

export function showState(kernel: Kernel, globals: GlobalOptions, id: string): ContainerState {
  return describeContainer(observeContainer(kernel, globals, id), '');
}

export function describeContainer({ record, status }: ObservedContainer, owner: string): ContainerState {
  const hasProcess = status !== 'stopped' && record.init !== undefined;
  return {
    ociVersion: record.ociVersion,
    id: record.id,
    pid: hasProcess ? (record.init?.pid ?? 0) : 0,
    status,
    bundle: record.bundle,
    rootfs: record.rootfs,
    created: record.created,
    annotations: sortedAnnotations(record.annotations),
    owner,
  };
}

/** Go prints the keys of a map in order, and leaves an empty map out here. */
function sortedAnnotations(annotations: ContainerState['annotations']): ContainerState['annotations'] {
  if (annotations === undefined) return undefined;
  const keys = Object.keys(annotations);
  if (keys.length === 0) return undefined;
  const sorted: { [key: string]: string } = Object.create(null);
  for (const key of keys.sort()) sorted[key] = annotations[key] as string;
  return sorted;
}
