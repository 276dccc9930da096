/**
 * The journal of one container: <root>/<id>/state.json. Written first (phase 'creating', before any host effect), replaced
 * whole by rename, removed last. Types only. Beside it lie config.json (the bundle's text as it was at create) and, until the
 * container is started, start.sock (the gate its init waits at).
 */

/** A process identified beyond its number: the pair survives pid reuse, the boot id survives a reboot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, clock ticks since boot, exact. */
  readonly startTime: number;
}

export interface CgroupIdentity {
  /** Path from the root of the v2 tree, beginning with "/". */
  readonly path: string;
  /** Inode number of the directory that this runtime created: compared before kill, freeze or remove (rule B16). */
  readonly inode: number;
  /** Directories above it that create made, deepest first, removed on delete when empty. */
  readonly createdParents: readonly string[];
}

export interface SystemdUnitIdentity {
  readonly name: string;
  /** PID 1, or systemd --user. */
  readonly manager: 'system' | 'user';
}

/** What delete must give back in resctrl; the fields: resctrl/resctrl-plan.ts. */
export interface SavedResctrl {
  readonly mountPoint: string;
  readonly group: string;
  readonly madeInode?: number;
  readonly isNamed: boolean;
  readonly monitor?: string;
}

export interface SavedHook {
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly timeout?: number;
}

export interface StateRecord {
  readonly version: 1;
  readonly phase: 'creating' | 'created' | 'deleting';
  readonly id: string;
  readonly ociVersion: string;
  /** Absolute. */
  readonly bundle: string;
  /** Absolute. */
  readonly rootfs: string;
  /** RFC 3339 with nanoseconds, UTC. */
  readonly created: string;
  /** uid of the creator. */
  readonly owner: number;
  readonly annotations?: { readonly [key: string]: string };
  /** /proc/sys/kernel/random/boot_id at create. */
  readonly bootId: string;
  /** The runt process that is creating or deleting, so that a dead one is recognised. */
  readonly runtime: ProcessIdentity;
  /** undefined until the child exists. */
  readonly init?: ProcessIdentity & {
    /** Inode of its pid namespace: tells a recycled pid from ours. 0: it could not be read (joined, by an ordinary user). */
    readonly pidNamespace: number;
    /** Whether the pid namespace is the container's own (KILL of init then ends everything). */
    readonly ownPidNamespace: boolean;
  };
  /** undefined when --cgroup-manager=disabled or not yet created. */
  readonly cgroup?: CgroupIdentity;
  /** linux.intelRdt; undefined: not asked for. */
  readonly resctrl?: SavedResctrl;
  /** Ids of the mounts below rootfs before create, where the container's own are among the host's; undefined: it has a namespace. */
  readonly hostMounts?: readonly number[];
  /** Those that were there when create ended, and are the container's. */
  readonly madeMounts?: readonly number[];
  readonly cgroupManager: 'cgroupfs' | 'systemd' | 'disabled';
  /** cgroupManager 'systemd': the unit that the cgroup is of, stopped on delete. */
  readonly systemdUnit?: SystemdUnitIdentity;
  /** Needed after create, saved because the bundle may change [spec runtime.md#lifecycle]. */
  readonly hooks?: { readonly poststart?: readonly SavedHook[]; readonly poststop?: readonly SavedHook[] };
  /** Whom start gives the listener of the seccomp filter; undefined: it has none. path: absolute. */
  readonly seccompListener?: { readonly path: string; readonly metadata?: string };
  /** It has a socket by which it tells that it is up: start relays that. */
  readonly notifySocket?: boolean;
  /** True when process.terminal was asked for. */
  readonly terminal: boolean;
  /** --no-new-keyring at create: exec then joins no session keyring either. */
  readonly noNewKeyring?: boolean;
  /** Created in a user namespace below the initial one. */
  readonly nestedUserNamespace?: boolean;
}
