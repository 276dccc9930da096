/**
 * run: create and start in one. The child does not stop at a gate: it says ready and executes the program, and the end of
 * file on the handshake tells that it did. In the foreground signals are forwarded, the terminal is relayed, and the
 * container is removed at the end; detached, run returns as soon as the program runs. [man runc-run.8]
 */

import type { CreateRequest, GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { openCgroup } from '../cgroup/read-cgroup.ts';
import { formatHookState, type HookState } from '../hooks/format-hook-state.ts';
import { runHooksInBundle } from '../hooks/run-hooks-in-bundle.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { lockIfThere, unlockContainer } from '../state/state-directory.ts';
import { awaitExec } from './await-child.ts';
import { commitContainer } from './create-container.ts';
import { destroyContainer } from './destroy-container.ts';
import { failed } from './failed.ts';
import { runWithPoststop } from './failed-hook.ts';
import { type LaunchedContainer, launchContainer } from './launch-container.ts';
import { relayReadiness } from './notify-relay.ts';
import { type PreparedContainer, prepareContainer } from './prepare-container.ts';
import { prepareForeground, runForeground } from './run-foreground.ts';
import { connectSeccompAgent, tellSeccompAgent } from './seccomp-agent.ts';
import { hasMemoryEvent } from './setup-child.ts';
import { withUndo } from './undo-stack.ts';

/** The program's exit code, 128 + signal, or 0 when detached. */
export function runContainer(
  kernel: Kernel,
  globals: GlobalOptions,
  request: CreateRequest,
  warn: (message: string) => void = () => {},
): number {
  return failed('runt run failed', undefined, () => {
    const prepared = prepareContainer(kernel, globals, request);
    for (const warning of prepared.warnings) warn(warning);
    const { terminal } = prepared.plan.child.process;
    // A pid namespace of its own has an init that adopts orphans: nothing would ever reach us.
    const subreaper = !request.noSubreaper && prepared.plan.namespaces.modes.pid !== 'new';
    // [order] before clone3: a signal that comes in between must not end the runtime and leave the container.
    const foreground = request.detach ? undefined : prepareForeground(kernel, { terminal, subreaper });
    const launched = runWithPoststop(kernel, prepared, warn, () =>
      withUndo((undo) => {
        const agent = connectSeccompAgent(kernel, prepared.plan.child.seccompListener);
        const launching = launchContainer(kernel, globals, request, prepared, { undo, warn });
        commitContainer(kernel, launching, undo);
        const { awaited } = launching;
        const { pid } = awaited.child;
        awaitExec(
          kernel,
          awaited.channel,
          () => awaited,
          (fds) => {
            const state: HookState = { ...awaited.plan.hookState, status: 'created', pid };
            tellSeccompAgent(kernel, agent, fds, { pid, state });
          },
        );
        runPoststartHooks(kernel, prepared, launching);
        return launching;
      }),
    );
    const { notify } = launched;
    const { child } = launched.awaited;
    if (foreground === undefined) {
      if (notify !== undefined) {
        unlockContainer(kernel, launched.container);
        relayReadiness(kernel, notify, child, warn);
      }
      return 0;
    }
    const end = (processes: 'ended' | 'kill'): void => {
      if (!request.keep) removeContainer(kernel, prepared, launched, { processes, warn });
    };
    let code: number;
    try {
      unlockContainer(kernel, launched.container);
      code = runForeground(kernel, child, foreground, { master: launched.terminal, notify, warn });
    } catch (error) {
      end('kill');
      throw error;
    }
    if (code === killed || code === faulted) warnOutOfMemory(kernel, prepared, launched, { code, warn });
    // Init has been reaped: with a pid namespace of its own nothing can be left of the container but its cgroup.
    end(prepared.plan.namespaces.modes.pid === 'new' ? 'ended' : 'kill');
    return code;
  });
}

/** The program has run: what fails afterwards is told, and the exit code stays the program's, as with runc. */
function warning(warn: (message: string) => void, what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.fields.kind === 'bug') throw error;
    warn(`${what}: ${error.message}`);
  }
}

/** 128 + SIGKILL; 128 + SIGSEGV, which is how execve(2) ends without memory once there is no way back. */
const killed = 137;
const faulted = 139;

/** What the status alone does not tell: that the limit was too low, perhaps even for the start of the program. */
function warnOutOfMemory(
  kernel: Kernel,
  { cgroupTree }: PreparedContainer,
  { record }: LaunchedContainer,
  { code, warn }: { readonly code: number; readonly warn: (message: string) => void },
): void {
  const { root } = cgroupTree;
  const identity = record.cgroup;
  if (root === undefined || identity === undefined) return;
  warning(warn, 'why it was killed cannot be read', () => {
    const cgroup = openCgroup(kernel, root, identity);
    if (cgroup === undefined) return;
    if (code === killed && hasMemoryEvent(kernel, cgroup, 'oom_kill')) {
      warn('container init was OOM-killed (memory limit too low?)');
    } else if (code === faulted && hasMemoryEvent(kernel, cgroup, 'max')) {
      warn('container init was killed by SIGSEGV, and the memory limit was reached: it may be too low');
    }
    kernel.close(cgroup);
  });
}

function runPoststartHooks(kernel: Kernel, { config, plan }: PreparedContainer, launched: LaunchedContainer): void {
  const hooks = config.hooks?.poststart;
  if (hooks === undefined || hooks.length === 0) return;
  // [order] before the hooks: they may call us about this container, and would wait for ever.
  unlockContainer(kernel, launched.container);
  const state = formatHookState({ ...plan.child.hookState, status: 'running', pid: launched.awaited.child.pid });
  runHooksInBundle(kernel, plan.bundle, { name: 'poststart', hooks, state, annotations: config.annotations });
}

function removeContainer(
  kernel: Kernel,
  { cgroupTree }: PreparedContainer,
  { container, record }: LaunchedContainer,
  { processes, warn }: { readonly processes: 'ended' | 'kill'; readonly warn: (message: string) => void },
): void {
  warning(warn, `container ${container.id} was not removed`, () => {
    // A `delete --force` may have been what ended it: then there is nothing left to remove.
    if (!lockIfThere(kernel, container)) return;
    destroyContainer(kernel, container, record, { processes, cgroupRoot: cgroupTree.root }).forEach(warn);
  });
}
