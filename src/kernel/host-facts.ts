/**
 * What planners may know about the host. read-host-facts.ts fills it with as few system calls as possible; anything expensive
 * is asked for only by the command that needs it.
 */
export interface HostFacts {
  readonly euid: number;
  readonly egid: number;
  readonly architecture: 'x86_64' | 'aarch64';
  readonly cgroup: CgroupFacts;
  /** Boot id: tells states of another boot. */
  readonly bootId: string;
  /** True when this process is in the initial user namespace (by inode, never by uid_map). */
  readonly initialUserNamespace: boolean;
  /** Only when the config names a label. */
  readonly lsm?: LsmFacts;
}

/** Security modules that labels of a config are for. */
export interface LsmFacts {
  readonly apparmor: boolean;
  readonly selinux: boolean;
}

export interface CgroupFacts {
  /** Where the v2 tree is mounted: /sys/fs/cgroup (unified), /sys/fs/cgroup/unified (hybrid), or undefined. */
  readonly mountPoint: string | undefined;
  readonly hybrid: boolean;
}
