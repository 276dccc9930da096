/**
 * Process of config.json (or of exec) -> ProcessPlan: numbers instead of names, defaults filled in, environment without
 * duplicates. It must not look at the host or at the container: HOME and the executable are looked up inside, later.
 * The input has passed check-process.ts (ranges, duplicate limits). [spec config.md#process] [man setrlimit.2] [man umask.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Integer64 } from '../kernel/kernel.ts';
import type { Process, Rlimit, RlimitType } from '../spec/config-types.ts';
import { planAffinity, planScheduling } from './plan-scheduling.ts';
import type { PlannedRlimit, ProcessPlan } from './process-plan.ts';

/** include/uapi/asm-generic/resource.h: the same numbers on x86_64 and aarch64. */
const resourceNumbers: { readonly [type in RlimitType]: number } = {
  RLIMIT_CPU: 0,
  RLIMIT_FSIZE: 1,
  RLIMIT_DATA: 2,
  RLIMIT_STACK: 3,
  RLIMIT_CORE: 4,
  RLIMIT_RSS: 5,
  RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_LOCKS: 10,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13,
  RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
};

/**
 * The soft limits below which our own set-up (this engine's heap, its descriptors, its hooks) would suffer (rule D1). Resources
 * that are not here never matter to it. An infinite number: always set in the exec tail, unless the limit itself is infinite.
 */
const comfortable: { readonly [type in RlimitType]?: Integer64 } = {
  RLIMIT_CPU: 2n ** 64n - 1n,
  RLIMIT_FSIZE: 2n ** 64n - 1n,
  RLIMIT_DATA: 2n ** 64n - 1n,
  RLIMIT_AS: 2n ** 64n - 1n,
  RLIMIT_NPROC: 2n ** 64n - 1n,
  RLIMIT_STACK: 8 * 1024 * 1024,
  RLIMIT_NOFILE: 1024,
};

/** What runc and crun give a process that says nothing; the specification leaves it open. */
const defaultUmask = 0o022;

/**
 * pointer: '/process' in config.json, '' for the file of exec --process. Throws kind 'spec' for a malformed variable.
 * container: the process of config.json, whose scheduling and affinity hold for an exec that names none, as in runc.
 */
export function planProcess(asked: Process, pointer: string, container?: Process): ProcessPlan {
  const environment = planEnvironment(asked.env ?? [], `${pointer}/env`);
  const user = asked.user;
  return {
    args: asked.args,
    env: environment.env,
    homeMissing: environment.home === '',
    searchPath: environment.path,
    cwd: asked.cwd,
    uid: user?.uid ?? 0,
    gid: user?.gid ?? 0,
    additionalGids: user?.additionalGids ?? [],
    umask: user?.umask ?? defaultUmask,
    rlimits: (asked.rlimits ?? []).map((limit, index) => planRlimit(limit, `${pointer}/rlimits/${index}`)),
    oomScoreAdj: asked.oomScoreAdj,
    scheduling: planScheduling(asked, pointer, container),
    affinity: planAffinity(asked, pointer, container),
    terminal: asked.terminal === true,
    consoleSize: planConsoleSize(asked),
    noNewPrivileges: asked.noNewPrivileges === true,
    pointer,
  };
}

function planRlimit(limit: Rlimit, pointer: string): PlannedRlimit {
  const enough = comfortable[limit.type];
  return {
    name: limit.type,
    resource: resourceNumbers[limit.type],
    soft: limit.soft,
    hard: limit.hard,
    pointer,
    deferred: enough !== undefined && limit.soft < enough,
  };
}

/** Without a terminal the size MUST be ignored; engines that know none write 0 by 0. */
function planConsoleSize(asked: Process): ProcessPlan['consoleSize'] {
  const size = asked.consoleSize;
  if (asked.terminal !== true || size === undefined || size.height === 0 || size.width === 0) return undefined;
  return { rows: size.height, columns: size.width };
}

interface Environment {
  readonly env: readonly string[];
  readonly home: string;
  readonly path: string;
}

/** Backwards, so that the last value of a name wins (exec appends its own to the config's). */
function planEnvironment(given: readonly string[], pointer: string): Environment {
  const seen = new Set<string>();
  const kept: string[] = [];
  let home = '';
  let path = '';
  for (let index = given.length - 1; index >= 0; index--) {
    const entry = given[index] as string;
    const equals = entry.indexOf('=');
    if (equals <= 0 || entry.includes('\0')) throw malformed(entry, equals, `${pointer}/${index}`);
    const name = entry.slice(0, equals);
    if (seen.has(name)) continue;
    seen.add(name);
    if (name === 'PATH') path = entry.slice(5);
    if (name === 'HOME') home = entry.slice(5);
    // An empty HOME is looked up like an absent one; two of them would leave the choice to the program.
    if (name !== 'HOME' || home !== '') kept.push(entry);
  }
  return { env: kept.reverse(), home, path };
}

function malformed(entry: string, equals: number, pointer: string): RuntimeError {
  const shown = JSON.stringify(entry.length > 60 ? `${entry.slice(0, 60)}...` : entry);
  const why = equals === -1 ? "missing '='" : equals === 0 ? 'name cannot be empty' : 'contains NUL';
  return new RuntimeError({
    kind: 'spec',
    pointer,
    message: `invalid environment variable ${shown}: ${why}`,
    hint: 'write NAME=VALUE',
  });
}
