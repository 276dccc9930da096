/**
 * What a child has at hand while it carries out its steps: what it inherited from the parent at clone3 and what its own
 * steps found out. Nothing in here is serialised: the child is a copy of the parent. Types only.
 */

import type { HookOutput } from '../hooks/hook-output.ts';
import type { Fd } from '../kernel/fd.ts';
import type { OpenedJoin } from '../namespaces/apply-namespace-joins.ts';
import type { ChildPlan } from '../plan/container-plan.ts';
import type { RootfsState } from '../rootfs/rootfs-state.ts';
import type { OpenedLabels } from '../security/apply-lsm-labels.ts';
import type { LoadedSeccomp } from '../security/loaded-seccomp.ts';

export type ContainerNamespaces = ReadonlyMap<number, Fd<'object'>>;

export interface ChildContext {
  readonly plan: ChildPlan;
  /** The child's end of the handshake. */
  readonly channel: Fd<'object'>;
  /** create: the listener at which init waits for start; undefined: the program is executed at once. */
  readonly gate: Fd<'object'> | undefined;
  /** Namespaces to join that the parent opened. */
  readonly joins: readonly OpenedJoin[];
  /** exec: the pidfd of the container's init. */
  readonly containerInit: Fd<'object'> | undefined;
  /** exec: of a container's init that lets nobody open them, by CLONE_NEW*. */
  readonly containerNamespaces?: ContainerNamespaces | undefined;
  readonly rootfs: RootfsState;
  /** Connected --console-socket; undefined: the terminal's master goes to the parent. */
  readonly consoleSocket: Fd<'object'> | undefined;
  readonly seccomp: LoadedSeccomp | undefined;
  /** Where hooks in the container write; opened by the parent. */
  readonly hookOutput?: HookOutput;
  /** Set by the step keepNamespaces. */
  keptNamespaces?: readonly Fd<'object'>[];
  /** Set by the step openLabels. */
  labels?: OpenedLabels;
  /** setgroups(2) is denied in the user namespace. */
  setgroupsDenied: boolean;
}
