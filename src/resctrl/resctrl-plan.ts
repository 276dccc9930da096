/** What a container asks of resctrl, and what its record must know to give it back. Types only. [spec config-linux.md#intelrdt] */

export interface ResctrlPlan {
  /** Name of the directory of its class of service; '' is the root, the default class. */
  readonly group: string;
  /** closID was given: the class is others' too, and stays when the container goes. */
  readonly isNamed: boolean;
  /** Must be what an existing class already has: l3CacheSchema, memBwSchema. */
  readonly compared: readonly string[];
  /** Lines for its schemata file, in order; empty: it is not written. */
  readonly schemata: readonly string[];
  /** Name of the monitoring group, the container's id; undefined: none. */
  readonly monitor: string | undefined;
}

export interface ResctrlIdentity {
  /** Absolute path of the resctrl mount. */
  readonly mountPoint: string;
  readonly group: string;
  /** Inode number of the class if this runtime makes it (0: not made yet); undefined: it was there, and is never removed. */
  readonly madeInode?: number;
  /** It stays when the container is deleted: made for a closID. Only a create that fails or dies removes it. */
  readonly isNamed: boolean;
  readonly monitor?: string;
}
