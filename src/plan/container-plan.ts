/**
 * Everything that create, run and exec will do, decided before anything is done. Types only; plan-container.ts and
 * plan-exec.ts make them, lifecycle/ and init/ carry them out.
 */

import type { CgroupPlan } from '../cgroup/cgroup-plan.ts';
import type { IdMapPlan } from '../namespaces/plan-id-maps.ts';
import type { NamespacePlan } from '../namespaces/plan-namespaces.ts';
import type { NetDeviceMove } from '../namespaces/plan-net-devices.ts';
import type { PreservedFds } from '../process/plan-preserved-fds.ts';
import type { ProcessPlan } from '../process/process-plan.ts';
import type { ResctrlPlan } from '../resctrl/resctrl-plan.ts';
import type { RootfsPlan } from '../rootfs/rootfs-step.ts';
import type { CapabilityPlan } from '../security/plan-capabilities.ts';
import type { LabelPlan } from '../security/plan-lsm-labels.ts';
import type { SeccompListener } from '../security/plan-seccomp-listener.ts';
import type { Hook, Hooks, Seccomp } from '../spec/config-types.ts';
import type { InitStep } from './init-step.ts';

/** What a child carries out, whether it becomes the container's init or another process in it. */
export interface ChildPlan {
  readonly steps: readonly InitStep[];
  readonly process: ProcessPlan;
  /** undefined: left as they are. */
  readonly capabilities: CapabilityPlan | undefined;
  /** personality(2); undefined: left alone. */
  readonly personality: number | undefined;
  /** undefined: left to the kernel. */
  readonly labels: LabelPlan | undefined;
  readonly preserved: PreservedFds;
  /** The program's environment: the process's own and LISTEN_FDS. HOME may still be missing. */
  readonly env: readonly string[];
  /** The child has a user namespace that is not the runtime's. */
  readonly foreignUserNamespace: boolean;
  /** undefined: its filter hands no system calls to an agent. */
  readonly seccompListener: SeccompListener | undefined;
  /** What hooks in the container are told about it. */
  readonly hookState: HookFacts;
  readonly createContainerHooks: readonly Hook[] | undefined;
  readonly startContainerHooks: readonly Hook[] | undefined;
}

export interface HookFacts {
  readonly ociVersion: string;
  readonly id: string;
  readonly bundle: string;
  readonly annotations: { readonly [key: string]: string } | undefined;
}

export interface ContainerPlan {
  readonly id: string;
  /** Absolute. */
  readonly bundle: string;
  /** Absolute. */
  readonly rootfsPath: string;
  readonly namespaces: NamespacePlan;
  /** undefined: no new user namespace. */
  readonly idMaps: IdMapPlan | undefined;
  /** Moved in by the parent; undefined: none. */
  readonly netDevices: readonly NetDeviceMove[] | undefined;
  /** Intel RDT; undefined: not touched. */
  readonly resctrl: ResctrlPlan | undefined;
  /** undefined: --cgroup-manager=disabled. */
  readonly cgroup: CgroupPlan | undefined;
  readonly rootfs: RootfsPlan;
  /** Compiled before clone3; undefined: no filter. */
  readonly seccomp: Seccomp | undefined;
  readonly hooks: Hooks;
  readonly child: ChildPlan;
  /** plan-shared-memory.ts */
  readonly sharesMemory: boolean;
  /** To be logged: unknown capabilities and the like. */
  readonly warnings: readonly string[];
}

export interface ExecPlan {
  /** The child is born in the container's pid namespace. */
  readonly joinsPid: boolean;
  /** What a process outside of the container's pid namespace does before it makes the child; undefined: the parent makes it. */
  readonly joinerSteps: readonly InitStep[] | undefined;
  readonly seccomp: Seccomp | undefined;
  readonly child: ChildPlan;
  /** plan-shared-memory.ts */
  readonly sharesMemory: boolean;
  readonly standsStill: boolean;
  /** A process of the container, or of another that shares its pid namespace, may have CAP_SYS_PTRACE over it. */
  readonly isTraceable: boolean;
  readonly warnings: readonly string[];
}
