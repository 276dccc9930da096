/**
 * After a hook that failed the lifecycle goes on where the container is destroyed: its poststop hooks run, though nobody will ask
 * for a delete. [spec runtime.md#lifecycle]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { formatHookState } from '../hooks/format-hook-state.ts';
import { runHooksInBundle } from '../hooks/run-hooks-in-bundle.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { PreparedContainer } from './prepare-container.ts';

type Warn = (message: string) => void;

/** Around a create that undoes itself: when fn throws a hook's failure nothing is left of the container but its hooks. */
export function runWithPoststop<T>(
  kernel: Kernel,
  { config, plan }: Pick<PreparedContainer, 'config' | 'plan'>,
  warn: Warn,
  fn: () => T,
): T {
  return afterFailedHook(fn, warn, () => {
    const state = formatHookState({ ...plan.child.hookState, status: 'stopped', pid: undefined });
    const { hooks, annotations } = config;
    return runHooksInBundle(kernel, plan.bundle, { name: 'poststop', hooks: hooks?.poststop, state, annotations });
  });
}

/** Runs fn, and after a hook of it that failed `end`, whose lines are warnings: the error that began it is the one to tell. */
export function afterFailedHook<T>(fn: () => T, warn: Warn, end: () => readonly string[]): T {
  try {
    return fn();
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.fields.kind !== 'hook') throw error;
    try {
      end().forEach(warn);
    } catch (second) {
      warn(second instanceof Error ? second.message : String(second));
    }
    throw error;
  }
}
