/**
 * The files in which hooks inside of the container write (crun's annotations): they are the host's, so the parent opens them and
 * the child inherits them. Hooks of the runtime itself open theirs when they run. [man crun.1]
 */
import { type HookOutput, openHookOutput } from '../hooks/hook-output.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd } from '../kernel/fd.ts';
import { O_PATH } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';

const none: HookOutput = Object.freeze({});

/** The caller closes them. No system call without such hooks. */
export function openHookFiles(kernel: Kernel, { bundle, child }: Pick<ContainerPlan, 'bundle' | 'child'>): HookOutput {
  const { createContainerHooks = [], startContainerHooks = [], hookState } = child;
  if (hookState.annotations === undefined || createContainerHooks.length + startContainerHooks.length === 0)
    return none;
  const directory = kernel.openat2(cwdFd, bundle, O_PATH | O_DIRECTORY, 0, 0);
  try {
    return openHookOutput(kernel, hookState.annotations, directory);
  } finally {
    kernel.close(directory);
  }
}
