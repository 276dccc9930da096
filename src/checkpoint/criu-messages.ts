/**
 * What is said between runt and `criu swrk`, as far as it is used: requests, options, answers, and the numbers of criu's rpc.proto.
 * Types and tables only. Names are criu's in camelCase. [criu.org/RPC]
 */

/** enum criu_req_type. */
export const requestTypes = {
  DUMP: 1,
  RESTORE: 2,
  PRE_DUMP: 4,
  NOTIFY: 6,
  FEATURE_CHECK: 9,
  VERSION: 10,
} as const;
export type RequestType = keyof typeof requestTypes;

/** enum criu_cg_mode. */
export const cgroupModes = { ignore: 0, soft: 3, full: 4, strict: 5, default: 6 } as const;

/** enum criu_network_lock_method. */
export const networkLocks = { iptables: 1, nftables: 2, skip: 3 } as const;

export interface ExternalMount {
  /** dump: where it is mounted in the container. restore: the name that it was given at dump. */
  readonly key: string;
  /** dump: its name. restore: the host's path. */
  readonly value: string;
}

export interface CriuOptions {
  /** A descriptor of ours: criu opens it through /proc/OUR-PID/fd. */
  readonly imagesDirFd: number;
  readonly pid?: number;
  readonly leaveRunning?: boolean;
  readonly extUnixSk?: boolean;
  readonly tcpEstablished?: boolean;
  readonly evasiveDevices?: boolean;
  readonly shellJob?: boolean;
  readonly fileLocks?: boolean;
  readonly logLevel?: number;
  readonly logFile?: string;
  readonly pageServer?: { readonly address: string; readonly port: number };
  readonly notifyScripts?: boolean;
  readonly root?: string;
  readonly parentImage?: string;
  readonly trackMemory?: boolean;
  readonly autoDedup?: boolean;
  readonly workDirFd?: number;
  readonly linkRemap?: boolean;
  readonly externalMounts?: readonly ExternalMount[];
  readonly manageCgroups?: boolean;
  readonly cgroupRoots?: readonly { readonly controller: string; readonly path: string }[];
  readonly restoreSibling?: boolean;
  /** Descriptors by criu's own numbers. */
  readonly inheritFds?: readonly { readonly key: string; readonly fd: number }[];
  readonly manageCgroupsMode?: number;
  readonly external?: readonly string[];
  /** CLONE_NEW* bits. */
  readonly emptyNamespaces?: number;
  readonly joinNamespaces?: readonly { readonly namespace: string; readonly file: string }[];
  readonly freezeCgroup?: string;
  readonly tcpSkipInFlight?: boolean;
  readonly lazyPages?: boolean;
  readonly orphanPtsMaster?: boolean;
  readonly configFile?: string;
  readonly tcpClose?: boolean;
  readonly lsmProfile?: string;
  readonly lsmMountContext?: string;
  readonly networkLock?: number;
}

/** criu_features: what was asked for, and what criu and the kernel can do. */
export interface CriuFeatures {
  readonly memoryTracking?: boolean;
  readonly lazyPages?: boolean;
}

export interface CriuRequest {
  readonly type: RequestType;
  readonly options?: CriuOptions;
  readonly notifySuccess?: boolean;
  readonly features?: CriuFeatures;
}

export interface CriuVersion {
  readonly major: number;
  readonly minor: number;
  readonly sublevel: number;
  /** Built from between two releases. */
  readonly isSnapshot: boolean;
}

export interface CriuResponse {
  /** A number of criu_req_type, known or not. */
  readonly type: number;
  readonly success: boolean;
  readonly errno: number;
  /** criu's own first sentence; undefined from older versions. */
  readonly message: string | undefined;
  readonly notification: { readonly script: string; readonly pid: number } | undefined;
  readonly features: CriuFeatures | undefined;
  readonly version: CriuVersion | undefined;
}
