/**
 * The exec tail as ordered data: everything between our last line of JavaScript and the container's program, carried out by
 * one native function (rule D1). Each order below is forced by a rule of the kernel; the comments name it and the tests check
 * it over all inputs. It must not decide what is asked for: that is the ProcessPlan's and plan-capabilities.ts's.
 * [man credentials.7] [man capabilities.7] [man seccomp.2] [man execve.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Integer64, TailOperation } from '../kernel/kernel.ts';
import type { LoadedSeccomp } from './loaded-seccomp.ts';
import type { CapabilityPlan } from './plan-capabilities.ts';

export interface DeferredRlimit {
  readonly name: string;
  readonly resource: number;
  readonly soft: Integer64;
  readonly hard: Integer64;
  readonly pointer: string;
}

export interface CredentialsInput {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly umask: number;
  readonly noNewPrivileges: boolean;
  /** The granted sets; undefined: left as they are. */
  readonly capabilities: CapabilityPlan | undefined;
  /** True: /proc/self/setgroups of the user namespace says deny. */
  readonly setgroupsDenied: boolean;
  /** The groups of whoever started runt stay, and those of the process are not set (crun's annotation). */
  readonly keepGroups: boolean;
  /** The limits of the ProcessPlan that are `deferred`. */
  readonly rlimits: readonly DeferredRlimit[];
  /** undefined: no filter. */
  readonly seccomp: LoadedSeccomp | undefined;
  readonly personality: number | undefined;
  /** Descriptors 3 .. 3+n-1 stay open. */
  readonly preservedFds: number;
  /** Where the program was found. */
  readonly path: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** JSON pointer of the process, for errors. */
  readonly pointer: string;
}

/** Throws kind 'spec' for groups that the user namespace forbids. */
export function planCredentials(input: CredentialsInput): readonly TailOperation[] {
  const filter = planFilter(input);
  // [order] without noNewPrivileges the filter before the credentials because loading it then needs CAP_SYS_ADMIN, which they
  // drop; with it the filter last because then no call but execve needs to be allowed by the profile.
  const isFilterFirst = filter.length > 0 && !input.noNewPrivileges;
  const rlimits = input.rlimits.map(({ resource, soft, hard }) => ['rlimit', resource, soft, hard] as const);
  return [
    ...planSurroundings(input),
    // [order] limits before the filter because it may forbid prlimit64; otherwise as late as possible, so that RLIMIT_NPROC
    // does not count against setresuid and RLIMIT_NOFILE not against the descriptors of the set-up.
    ...(isFilterFirst ? [...rlimits, ...planReduction(input), ...filter] : []),
    ...planIdentity(input),
    ...(isFilterFirst ? [] : rlimits),
    // [order] after the last privileged step: no_new_privs does not hinder those, but nothing after it should need a privilege.
    ...(input.noNewPrivileges ? ([['noNewPrivileges']] as const) : []),
    ...(isFilterFirst ? [] : filter),
    ['execve', -1, input.path, input.args, input.env],
  ];
}

function planFilter(input: CredentialsInput): readonly TailOperation[] {
  if (input.seccomp === undefined) return [];
  const { flags, program, listens } = input.seccomp;
  return [[listens ? 'seccompListener' : 'seccomp', flags, program]];
}

/** CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_SYS_ADMIN: what planIdentity and loading the filter still need. */
const neededForIdentity = (1n << 6n) | (1n << 7n) | (1n << 8n) | (1n << 21n);

/**
 * A created container waits for `start` before the filter is loaded, and here the filter comes before the identity: until then
 * it keeps what is still needed and what it will have, not the host's whole power.
 */
function planReduction({ capabilities }: CredentialsInput): readonly TailOperation[] {
  if (capabilities === undefined) return [];
  const kept = capabilities.permitted | capabilities.inheritable | neededForIdentity;
  return [['capset', kept, kept, 0n]];
}

/** What needs no privilege; before the filter because a profile may forbid any of it. */
function planSurroundings(input: CredentialsInput): readonly TailOperation[] {
  return [
    // Ignored and blocked signals survive execve: the program must find default actions and an empty mask (rule D2).
    ['resetSignals'],
    ['umask', input.umask],
    ...(input.personality === undefined ? [] : ([['personality', input.personality]] as const)),
    // A real close, not close-on-exec: /proc/self/fd/N of ours must not even be a name for execve. [CVE-2024-21626]
    ['closeFrom', 3 + input.preservedFds],
  ];
}

function planIdentity(input: CredentialsInput): readonly TailOperation[] {
  const { capabilities, uid } = input;
  const isKept = capabilities !== undefined && uid !== 0;
  return [
    // [order] bounding before everything else because dropping from it needs CAP_SETPCAP, which setresuid or capset may take.
    ...(capabilities === undefined ? [] : ([['bounding', capabilities.bounding]] as const)),
    // [order] before setresuid because leaving uid 0 clears the permitted set unless this is on; staying uid 0 clears nothing.
    ...(isKept ? ([['keepCapabilities', true]] as const) : []),
    // [order] setgroups, setresgid, setresuid: each needs CAP_SETGID or CAP_SETUID in the effective set, and leaving uid 0
    // empties the effective set, so the uid is last.
    ...planGroups(input, isKept),
    ['setresgid', input.gid],
    ['setresuid', uid],
    ...(isKept ? ([['keepCapabilities', false]] as const) : []),
    ...(capabilities === undefined ? [] : planSets(capabilities)),
  ];
}

/** Also with no groups at all: the caller's own must not stay. */
function planGroups(input: CredentialsInput, isKept: boolean): readonly TailOperation[] {
  if (input.keepGroups) return [];
  if (!input.setgroupsDenied) return [['setgroups', input.additionalGids]];
  // What changes nothing takes its place: who explains a failure by its index does not know whether setgroups was denied.
  if (input.additionalGids.length === 0) return [['keepCapabilities', isKept]];
  throw new RuntimeError({
    kind: 'spec',
    pointer: `${input.pointer}/user/additionalGids`,
    message: 'the user namespace does not allow setgroups(2)',
    hint: 'leave them out, or map more group ids than your own: ranges of /etc/subgid, by newgidmap',
  });
}

function planSets(sets: CapabilityPlan): readonly TailOperation[] {
  const { bounding, effective, permitted, inheritable, ambient } = sets;
  return [
    // [order] after setresuid because that empties the effective set when it leaves uid 0.
    ['capset', effective, permitted, inheritable],
    // [order] after capset because only what is permitted and inheritable can be raised, and after setresuid, which clears it.
    ['ambient', ambient],
    // What the kernel says it did, not what it was told to do. For uid 0 execve computes permitted anew from bounding and
    // inheritable, as the kernel's rules for root are; that is after this and the same in every runtime.
    ['verifyCapabilities', effective, permitted, inheritable, bounding, ambient],
  ];
}
