/**
 * ChildPlan and what the child found out -> the input of the exec tail. The reader of a failing tail (runtime or `start`) plans
 * the same tail again with less exact facts: only the order of the operations matters then. Pure.
 */

import type { CapabilityPlan } from '../security/plan-capabilities.ts';
import type { CredentialsInput } from '../security/plan-credentials.ts';
import type { ChildPlan } from './container-plan.ts';
import { keepsGroups } from './keep-groups.ts';

export interface TailFacts {
  readonly capabilities: CapabilityPlan | undefined;
  readonly setgroupsDenied: boolean;
  readonly seccomp: CredentialsInput['seccomp'];
  readonly path: string;
  readonly env: readonly string[];
}

export function planTail(plan: ChildPlan, facts: TailFacts): CredentialsInput {
  const { uid, gid, additionalGids, umask, noNewPrivileges, rlimits, args, pointer } = plan.process;
  return {
    uid,
    gid,
    additionalGids,
    umask,
    noNewPrivileges,
    capabilities: facts.capabilities,
    setgroupsDenied: facts.setgroupsDenied,
    keepGroups: keepsGroups(plan.hookState.annotations),
    rlimits: rlimits.filter((limit) => limit.deferred),
    seccomp: facts.seccomp,
    personality: plan.personality,
    preservedFds: plan.preserved.count,
    path: facts.path,
    args,
    env: facts.env,
    pointer,
  };
}

/** What a failing tail is explained with: the plan alone. */
export function planTailAgain(plan: ChildPlan, filtered: boolean): CredentialsInput {
  return planTail(plan, {
    capabilities: plan.capabilities,
    setgroupsDenied: false,
    seccomp: filtered
      ? { flags: 0, program: new Uint8Array(0), listens: plan.seccompListener !== undefined }
      : undefined,
    path: plan.process.args[0] ?? '',
    env: plan.env,
  });
}
