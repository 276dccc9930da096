/**
 * plan: what `run` would do with a bundle, decided and checked but not done. Golden tests compare it between engines.
 */
import type { GlobalOptions } from '../base/request.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';
import { prepareContainer } from './prepare-container.ts';

export interface PlanRequest {
  readonly id: string;
  readonly bundle: string;
  readonly configFile: string | undefined;
}

/** Warnings are part of the plan. */
export function showPlan(kernel: Kernel, globals: GlobalOptions, request: PlanRequest): ContainerPlan {
  const { plan, warnings } = prepareContainer(kernel, globals, {
    command: 'run',
    id: request.id,
    bundle: request.bundle,
    configFile: request.configFile,
    consoleSocket: undefined,
    pidfdSocket: undefined,
    pidFile: undefined,
    noPivot: false,
    noNewKeyring: false,
    preserveFds: 0,
    detach: false,
    keep: false,
    noSubreaper: false,
  });
  return { ...plan, warnings };
}
