/**
 * restore: makes a container of the images of a checkpoint. criu makes the processes; everything around them (the id, the cgroup,
 * the mount points, hooks, the record, the terminal) is made here as create makes it, with the same undo. criu restores the
 * processes as our children, so that we, or after --detach our parent, can wait for them. [man runc-restore.8] [criu.org/RPC]
 */
import type { CreateRequest, GlobalOptions, RestoreRequest } from '../base/request.ts';
import { parseDescriptors } from '../checkpoint/parse-descriptors.ts';
import { checkMountNamespace, planJoinedNamespaces } from '../checkpoint/plan-criu-namespaces.ts';
import { checkCriuFlags, restoreLog } from '../checkpoint/plan-criu-options.ts';
import { readDescriptors } from '../checkpoint/read-descriptors.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { lockIfThere, unlockContainer } from '../state/state-directory.ts';
import { explainCriuFailure, openCriuDirectories } from './criu-directories.ts';
import { findCriu } from './criu-process.ts';
import { destroyContainer } from './destroy-container.ts';
import { failed } from './failed.ts';
import { prepareContainer } from './prepare-container.ts';
import { type RestoreInput, restoreProcesses } from './restore-processes.ts';
import { prepareForeground, runForeground } from './run-foreground.ts';
import { withUndo } from './undo-stack.ts';

/** The exit code of the container's first process, 128 + signal, or 0 when detached. */
export function restoreContainer(
  kernel: Kernel,
  globals: GlobalOptions,
  request: RestoreRequest,
  warn: (message: string) => void,
): number {
  return failed('runt restore failed', undefined, () => {
    checkCriuFlags(request);
    const prepared = prepareContainer(kernel, globals, asCreateRequest(request), false);
    const { config, plan, cgroupTree } = prepared;
    checkMountNamespace(config);
    planJoinedNamespaces(config);
    const directories = openCriuDirectories(kernel, request, false);
    const streams = parseDescriptors(readDescriptors(kernel, directories.images));
    const criu = findCriu(kernel, { lazyPages: request.lazyPages });
    for (const warning of prepared.warnings) warn(warning);
    const { terminal } = plan.child.process;
    const subreaper = !request.noSubreaper && plan.namespaces.modes.pid !== 'new';
    // [order] before the first process: a signal must not end us and leave the container half restored.
    const foreground = request.detach ? undefined : prepareForeground(kernel, { terminal, subreaper });
    const input: RestoreInput = { globals, request, prepared, directories, streams, criu };
    const restored = withUndo((undo) => {
      try {
        return restoreProcesses(kernel, input, undo);
      } catch (error) {
        throw explainCriuFailure(kernel, directories, restoreLog, error);
      }
    });
    if (foreground === undefined) return 0;
    unlockContainer(kernel, restored.container);
    const code = runForeground(kernel, restored.init, foreground, {
      master: restored.terminal,
      notify: undefined,
      warn,
    });
    // A `delete --force` may have been what ended it.
    if (!lockIfThere(kernel, restored.container)) return code;
    const processes = plan.namespaces.modes.pid === 'new' ? 'ended' : 'kill';
    const options = { processes, cgroupRoot: cgroupTree.root } as const;
    destroyContainer(kernel, restored.container, restored.record, options).forEach(warn);
    return code;
  });
}

/** What create would be asked for: the checks of the bundle and the plan are the same. */
export function asCreateRequest(request: RestoreRequest): CreateRequest {
  const { id, bundle, consoleSocket, pidFile, noPivot, detach, noSubreaper } = request;
  return {
    command: 'run',
    id,
    bundle,
    consoleSocket,
    pidFile,
    noPivot,
    detach,
    noSubreaper,
    configFile: undefined,
    pidfdSocket: undefined,
    noNewKeyring: false,
    preserveFds: 0,
    keep: false,
  };
}
