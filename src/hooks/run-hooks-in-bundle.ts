/**
 * The runtime's own hooks (prestart, createRuntime, poststart, poststop) with the bundle as working directory, as crun has it
 * and runc for create and run: hooks with relative paths in their arguments count on it. A bundle that is gone stops no hook.
 * [spec config.md#posix-platform-hooks]
 */

import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { O_PATH } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Hook } from '../spec/config-types.ts';
import { closeHookOutput, type HookOutput, openHookOutput } from './hook-output.ts';
import { type HookName, runHooks } from './run-hooks.ts';

export interface BundleHooks {
  readonly name: HookName;
  readonly hooks: readonly Hook[] | undefined;
  /** formatHookState */
  readonly state: string;
  /** Of the container: hook-output.ts. */
  readonly annotations: { readonly [key: string]: string } | undefined;
}

/** bundle: absolute. Returns and throws what runHooks does. */
export function runHooksInBundle(
  kernel: Kernel,
  bundle: string,
  { name, hooks, state, annotations }: BundleHooks,
): readonly string[] {
  if (hooks === undefined || hooks.length === 0) return [];
  const opened = kernel.openat2OrErrno(cwdFd, bundle, O_PATH | O_DIRECTORY, 0, 0);
  const directory = typeof opened === 'string' ? undefined : opened;
  try {
    const { output, warnings } = openOutput(kernel, name, annotations, directory);
    try {
      return [
        ...warnings,
        ...runHooks(kernel, name, hooks, state, { output, ...(directory !== undefined && { directory }) }),
      ];
    } finally {
      closeHookOutput(kernel, output);
    }
  } finally {
    if (directory !== undefined) kernel.close(directory);
  }
}

interface OpenedOutput {
  readonly output: HookOutput;
  readonly warnings: readonly string[];
}

/** [spec runtime.md#lifecycle] whatever goes wrong with poststop hooks, the deletion goes on: they run without their files. */
function openOutput(
  kernel: Kernel,
  name: HookName,
  annotations: BundleHooks['annotations'],
  directory: Fd | undefined,
): OpenedOutput {
  try {
    return { output: openHookOutput(kernel, annotations, directory), warnings: [] };
  } catch (error) {
    if (name !== 'poststop' || !(error instanceof RuntimeError)) throw error;
    return { output: {}, warnings: [error.message] };
  }
}
