/**
 * What plan-systemd-unit.ts decides and apply-systemd-unit.ts asks systemd for. Types and names only.
 * [man systemd.scope.5, systemd.slice.5] [org.freedesktop.systemd1.5]
 */
import type { DbusVariant } from './dbus-message.ts';

/** The manager of the system (PID 1), or that of a user (systemd --user). */
export type SystemdManager = 'system' | 'user';

/** One property of a unit, as StartTransientUnit and SetUnitProperties take it. */
export interface SystemdProperty {
  readonly name: string;
  readonly value: DbusVariant;
  /**
   * The first version of systemd that knows it; older ones are not told. Only where the cgroup's files say the same, so that
   * nothing is lost. Absent: older than any that runs on our oldest kernel.
   */
  readonly since?: number;
}

export interface SystemdUnitPlan {
  /** "runc-web.scope" or "pods.slice". */
  readonly name: string;
  readonly isSlice: boolean;
  /** The slice that it lies in: "system.slice". */
  readonly slice: string;
  readonly manager: SystemdManager;
  /** All but the process. */
  readonly properties: readonly SystemdProperty[];
}

/** What is recorded, so that delete can find it. */
export interface SystemdUnitIdentity {
  readonly name: string;
  readonly manager: SystemdManager;
}
