/**
 * What plan-cgroup.ts decides and the effects of this folder carry out: the container's cgroup in the v2 tree, what is written
 * into it and which device program it gets. Types only. [spec config-linux.md#control-groups] [man cgroups.7]
 */
import type { SystemdUnitPlan } from './systemd-unit.ts';

/** One line written into one file of the container's cgroup. */
export interface CgroupWrite {
  /** Name of the file in the cgroup's directory: "memory.max". */
  readonly file: string;
  readonly value: string;
  /** JSON pointer of what asked for it. */
  readonly pointer: string;
  /** The controller that the file belongs to; undefined for the core's own files (cgroup.*). */
  readonly controller: string | undefined;
  /** What to do when the kernel has no such file although the controller is there. Absent: fail. */
  readonly whenMissing?: 'skip' | CgroupWrite;
  /**
   * The value is what a new cgroup has anyway ("max"): it asks for no limit, so it needs no controller, and is written only into
   * a cgroup that was there before.
   */
  readonly isDefault?: boolean;
}

/** A controller that must be enabled for the cgroup's files to exist, and what first asked for it. */
export interface ControllerNeed {
  readonly name: string;
  readonly pointer: string;
}

/** uid: of the host. mapped: of the container, whose user namespace is joined. */
export type CgroupOwner =
  | { readonly kind: 'uid'; readonly uid: number }
  | { readonly kind: 'mapped'; readonly containerUid: number };

export interface CgroupPlan {
  /** From the root of the v2 tree; begins with "/", never the root itself. */
  readonly path: string;
  /** The path's components, at least one. */
  readonly components: readonly string[];
  readonly controllers: readonly ControllerNeed[];
  /** Written before the child is placed, in this order. */
  readonly writes: readonly CgroupWrite[];
  /** Written after clone3: a limit that would refuse the container's own first process (pids.max 0). */
  readonly writesAfterClone: readonly CgroupWrite[];
  /** eBPF of type CGROUP_DEVICE; undefined when every device is allowed. */
  readonly deviceProgram: Uint8Array | undefined;
  /** systemd makes the cgroup; absent: runt does. */
  readonly unit?: SystemdUnitPlan;
  /** How many of the last components lie below the unit's own cgroup; absent: none. */
  readonly belowUnit?: number;
  /** Who gets the cgroup, to make others below it; absent: it stays the runtime's. */
  readonly owner?: CgroupOwner;
  /** A cgroup below, for the container's own use; absent: none. */
  readonly delegate?: DelegatedCgroup;
}

export interface DelegatedCgroup {
  /** Below the container's cgroup, at least one. */
  readonly components: readonly string[];
  /** undefined: it stays the runtime's. */
  readonly owner: CgroupOwner | undefined;
}
