import type { Kernel } from '../kernel/kernel.ts';
import type { Hook } from '../spec/config-types.ts';

export type HookName = 'prestart' | 'createRuntime' | 'createContainer' | 'startContainer' | 'poststart' | 'poststop';
export interface HookOptions {
  /** startContainer: environment of hooks that have none (runc's habit); [] elsewhere. */
  readonly defaultEnv: readonly string[];
}
/** Runs them in order. Throws kind 'hook'; for poststop it goes on and returns the failures as warnings. */
export declare function runHooks(
  kernel: Kernel,
  name: HookName,
  hooks: readonly Hook[] | undefined,
  stateJson: string,
  options?: HookOptions,
): readonly string[];
