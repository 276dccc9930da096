/**
 * ProcessPlan: what the container's process will be, as data. The same for init (config.json) and for exec (process.json or
 * flags). plan-process.ts makes it; apply-process-limits.ts, apply-working-directory.ts and the exec tail carry it out.
 * Types only. [spec config.md#process]
 */
import type { Integer64 } from '../kernel/kernel.ts';
import type { AffinityPlan, SchedulingPlan } from './plan-scheduling.ts';

export interface PlannedRlimit {
  /** RLIMIT_NOFILE, for messages. */
  readonly name: string;
  /** Number for prlimit(2). */
  readonly resource: number;
  readonly soft: Integer64;
  readonly hard: Integer64;
  /** JSON pointer: /process/rlimits/0. */
  readonly pointer: string;
  /** True: so low that our own set-up would suffer; the exec tail sets it, only the hard limit is raised before. */
  readonly deferred: boolean;
}

export interface ProcessPlan {
  readonly args: readonly string[];
  /** As given, each name once (the last wins), an empty HOME left out. */
  readonly env: readonly string[];
  /** True: HOME is to be added from the container's /etc/passwd (read-passwd-home.ts). */
  readonly homeMissing: boolean;
  /** Value of PATH for the look-up of args[0]; '' finds nothing, as in runc. */
  readonly searchPath: string;
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly umask: number;
  readonly rlimits: readonly PlannedRlimit[];
  /** undefined: must not be changed. */
  readonly oomScoreAdj: number | undefined;
  /** undefined: left alone. */
  readonly scheduling: SchedulingPlan | undefined;
  /** For exec only. undefined: left alone. */
  readonly affinity: AffinityPlan | undefined;
  readonly terminal: boolean;
  /** undefined: the kernel's default (also when config.json says 0 by 0). */
  readonly consoleSize: { readonly rows: number; readonly columns: number } | undefined;
  readonly noNewPrivileges: boolean;
  /** JSON pointer of the process: /process, or '' for the file of exec --process. */
  readonly pointer: string;
}
