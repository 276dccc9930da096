/**
 * create: claims the id, builds the container and leaves its init waiting at the start gate. Either all of it happens or
 * nothing is left [spec runtime.md#create].
 */
import type { CreateRequest, GlobalOptions } from '../base/request.ts';
import { sendDescriptor } from '../console/run-console-socket.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { commitState } from '../state/write-state.ts';
import { failed } from './failed.ts';
import { runWithPoststop } from './failed-hook.ts';
import { type LaunchedContainer, launchContainer } from './launch-container.ts';
import { prepareContainer } from './prepare-container.ts';
import { type UndoStack, withUndo } from './undo-stack.ts';
import { writePidFile } from './write-pid-file.ts';

export function createContainer(
  kernel: Kernel,
  globals: GlobalOptions,
  request: CreateRequest,
  warn: (message: string) => void = () => {},
): void {
  failed('runt create failed', undefined, () => {
    const prepared = prepareContainer(kernel, globals, request);
    for (const warning of prepared.warnings) warn(warning);
    runWithPoststop(kernel, prepared, warn, () =>
      withUndo((undo) => commitContainer(kernel, launchContainer(kernel, globals, request, prepared, { undo, warn }))),
    );
  });
}

/**
 * The container counts as created from here on. [order] the pid file last: whoever sees it may use every other command.
 * undo: of an operation that can still fail afterwards.
 */
export function commitContainer(kernel: Kernel, launched: LaunchedContainer, undo?: UndoStack): void {
  const { container, awaited, pidFile, pidfdSocket } = launched;
  if (pidfdSocket !== undefined) {
    const { pidfd } = awaited.child;
    sendDescriptor(kernel, pidfdSocket, { flag: '--pidfd-socket', descriptor: pidfd, name: 'standard' });
    kernel.close(pidfdSocket);
  }
  commitState(kernel, container);
  if (pidFile !== undefined) writePidFile(kernel, pidFile, awaited.child.pid, undo);
}
