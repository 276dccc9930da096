/**
 * What the command line asks for, as data: parse-argv.ts makes it, lifecycle/ carries it out, planners read it.
 * Flag names: runc 1.6's manual pages, in camelCase.
 */

/** Who makes cgroups: runt by files, systemd, or nobody. */
export type CgroupManager = 'cgroupfs' | 'systemd' | 'disabled';

export interface GlobalOptions {
  /** State directory; undefined = the default for this user. */
  readonly root: string | undefined;
  readonly log: string | undefined;
  readonly logFormat: 'text' | 'json';
  readonly debug: boolean;
  readonly cgroupManager: CgroupManager;
  readonly rootless: 'true' | 'false' | 'auto';
}

/** create and run. */
export interface CreateRequest {
  readonly command: 'create' | 'run';
  readonly id: string;
  /** As given; default '.'. */
  readonly bundle: string;
  /** --config: another file than <bundle>/config.json. */
  readonly configFile: string | undefined;
  readonly consoleSocket: string | undefined;
  readonly pidfdSocket: string | undefined;
  readonly pidFile: string | undefined;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  readonly preserveFds: number;
  /** run only. */
  readonly detach: boolean;
  readonly keep: boolean;
  readonly noSubreaper: boolean;
}

export interface ExecRequest {
  readonly command: 'exec';
  readonly id: string;
  /** --process FILE: everything below except the runtime's own flags is then ignored. */
  readonly processFile: string | undefined;
  readonly args: readonly string[];
  readonly tty: boolean;
  readonly detach: boolean;
  readonly consoleSocket: string | undefined;
  readonly pidfdSocket: string | undefined;
  readonly pidFile: string | undefined;
  readonly cwd: string | undefined;
  readonly env: readonly string[];
  /** "uid[:gid]" as given; checked by parse-user-option.ts. */
  readonly user: string | undefined;
  readonly additionalGids: readonly string[];
  readonly processLabel: string | undefined;
  readonly apparmor: string | undefined;
  readonly noNewPrivileges: boolean;
  readonly capabilities: readonly string[];
  readonly preserveFds: number;
  readonly cgroups: readonly string[];
  readonly ignorePaused: boolean;
}

export interface UpdateRequest {
  readonly command: 'update';
  readonly id: string;
  /** --resources: a file or "-"; the flags for limits are then ignored. */
  readonly resourcesFile: string | undefined;
  /** The flags for limits that were given, by name without dashes; parse-resource-flags.ts knows what they mean. */
  readonly flags: ReadonlyMap<string, string>;
  readonly l3CacheSchema: string | undefined;
  readonly memBwSchema: string | undefined;
}

export interface MountsRequest {
  readonly command: 'mounts';
  readonly action: 'add' | 'remove';
  readonly id: string;
  /** add: SOURCE and DESTINATION, or a FILE with a list of mounts; remove: DESTINATION, or such a FILE. As given. */
  readonly operands: readonly string[];
  /** Mount options for SOURCE and DESTINATION. */
  readonly options: readonly string[];
}

/** What checkpoint and restore tell criu alike. */
export interface CriuFlags {
  /** Directory of the images; undefined: "checkpoint" in the working directory. */
  readonly imagePath: string | undefined;
  /** Directory of criu's log and sockets; undefined: that of the images. */
  readonly workPath: string | undefined;
  readonly tcpEstablished: boolean;
  readonly extUnixSk: boolean;
  readonly shellJob: boolean;
  readonly fileLocks: boolean;
  readonly autoDedup: boolean;
  readonly lazyPages: boolean;
  /** As given; checked by plan-criu-flags.ts. */
  readonly manageCgroupsMode: string | undefined;
  readonly emptyNs: readonly string[];
  readonly networkLock: string | undefined;
}

export interface CheckpointRequest extends CriuFlags {
  readonly command: 'checkpoint';
  readonly id: string;
  readonly parentPath: string | undefined;
  readonly leaveRunning: boolean;
  readonly preDump: boolean;
  readonly tcpSkipInFlight: boolean;
  readonly linkRemap: boolean;
  /** undefined: nobody waits for the lazy pages. */
  readonly statusFd: number | undefined;
  /** "ADDRESS:PORT" as given. */
  readonly pageServer: string | undefined;
}

export interface RestoreRequest extends CriuFlags {
  readonly command: 'restore';
  readonly id: string;
  readonly bundle: string;
  readonly consoleSocket: string | undefined;
  readonly pidFile: string | undefined;
  readonly detach: boolean;
  readonly noSubreaper: boolean;
  readonly noPivot: boolean;
  readonly tcpClose: boolean;
  readonly lsmProfile: string | undefined;
  readonly lsmMountContext: string | undefined;
}

export type Request =
  | CheckpointRequest
  | RestoreRequest
  | CreateRequest
  | ExecRequest
  | UpdateRequest
  | MountsRequest
  | { readonly command: 'start'; readonly id: string }
  | { readonly command: 'state'; readonly id: string }
  | { readonly command: 'pause'; readonly id: string }
  | { readonly command: 'resume'; readonly id: string }
  | {
      readonly command: 'kill';
      readonly id: string;
      readonly signal: string;
      readonly all: boolean;
      /** id is a regular expression. */
      readonly regex: boolean;
    }
  | { readonly command: 'delete'; readonly id: string; readonly force: boolean; readonly regex: boolean }
  | { readonly command: 'list'; readonly format: 'table' | 'json'; readonly quiet: boolean }
  | {
      readonly command: 'ps';
      readonly id: string;
      /** Options of the host's ps(1). */
      readonly args: readonly string[];
      readonly format: 'table' | 'json';
    }
  | { readonly command: 'events'; readonly id: string; readonly statsOnly: boolean; readonly intervalMs: number }
  | { readonly command: 'spec'; readonly bundle: string; readonly rootless: boolean }
  | { readonly command: 'features' }
  | { readonly command: 'plan'; readonly bundle: string; readonly configFile: string | undefined; readonly id: string }
  | { readonly command: 'doctor' }
  | { readonly command: 'version' }
  | { readonly command: 'help'; readonly topic: string | undefined };
