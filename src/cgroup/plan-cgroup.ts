import type { Config } from '../spec/generated/config-types.ts';
import type { CgroupPlan } from './cgroup-plan.ts';

export interface PlanCgroupInput {
  readonly id: string;
  readonly linux: Config['linux'];
  readonly manager: 'cgroupfs' | 'disabled';
}

/** undefined with --cgroup-manager=disabled. Throws RuntimeError kind 'spec' with a pointer for what cannot be carried out. */
export function planCgroup(_input: PlanCgroupInput): CgroupPlan | undefined {
  throw new Error('signature only');
}
