/**
 * The descriptors that the rootfs steps have opened so far: an explicit argument, owned by the child, never shared.
 * Holding the descriptor of each mount that we made means that nothing is looked up by path a second time (rule B4).
 * Everything in here is close-on-exec and dies with execve; nothing is closed one by one.
 */
import { assert } from '../base/assert.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Integer64 } from '../kernel/kernel.ts';
import type { Target } from './rootfs-step.ts';

export interface RootfsState {
  /** What the parent opened, in the order of RootfsPlan.hostSources; each is used once. */
  readonly sources: readonly Fd<'root'>[];
  /** The newest mount of ours at each destination; "/" is the root. */
  readonly mounts: Map<string, Fd<'root'>>;
  /** Directories that devices and links were made in, when they are not mounts of ours. */
  readonly directories: Map<string, Fd<'root'>>;
  /** The container's root; set by mountRoot or openRoot. */
  root: Fd<'root'> | undefined;
  rootMountId: Integer64;
  /** The host's /dev/null, verified; detached until the first masked file gets it, copied from there afterwards. */
  maskFile: Fd<'root'> | undefined;
  maskFileAttached: boolean;
  /** The empty read-only tmpfs that covers masked directories, once there is one. */
  maskDirectory: Fd<'root'> | undefined;
}

export function createRootfsState(sources: readonly Fd<'root'>[]): RootfsState {
  return {
    sources,
    mounts: new Map(),
    directories: new Map(),
    root: undefined,
    rootMountId: 0,
    maskFile: undefined,
    maskFileAttached: false,
    maskDirectory: undefined,
  };
}

export function rootOf(state: RootfsState): Fd<'root'> {
  assert(state.root !== undefined, 'a root file system step ran before the root was mounted');
  return state.root;
}

/** The mount of ours that holds the target's last component. */
export function parentMount(state: RootfsState, target: Target): Fd<'root'> | undefined {
  return target.parent === undefined ? undefined : state.mounts.get(target.parent);
}
