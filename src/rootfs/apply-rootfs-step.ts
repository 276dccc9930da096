/**
 * The interpreter of RootfsStep: it picks the function, and puts the step's words to an error; it decides nothing.
 * Runs in the child, in the planned order. [spec runtime.md#lifecycle]
 */
import { assert, unreachable } from '../base/assert.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { AT_EMPTY_PATH } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

import { applyMountBind } from './apply-bind.ts';
import { applyBindDevice, applyMakeDevice, applyMakeLink } from './apply-device.ts';
import { applyMaskPath, applyReadonlyPath, applyTakeNull, makeReadonly } from './apply-hidden-paths.ts';
import { applyMountFileSystem, applyRemount } from './apply-mount.ts';
import { applyMoveRoot } from './apply-move-root.ts';
import { applyChroot, applyPivotRoot } from './apply-pivot-root.ts';
import { applyMountRoot, applyOpenRoot, applyTreePropagation } from './apply-root.ts';
import { formatStepError } from './format-step-error.ts';
import { type RootfsState, rootOf } from './rootfs-state.ts';
import type { RootfsStep } from './rootfs-step.ts';

/** Throws RuntimeError with operation, pointer and, where something can be done about it, a hint. */
export function applyRootfsStep(kernel: Kernel, step: RootfsStep, state: RootfsState): void {
  try {
    applyStep(kernel, step, state);
  } catch (error) {
    throw error instanceof RuntimeError ? formatStepError(step, error) : error;
  }
}

function applyStep(kernel: Kernel, step: RootfsStep, state: RootfsState): void {
  switch (step.kind) {
    case 'clearUmask':
      kernel.umask(0);
      return;
    case 'setTreePropagation':
      applyTreePropagation(kernel, step);
      return;
    case 'mountRoot':
      applyMountRoot(kernel, step, state);
      return;
    case 'openRoot':
      applyOpenRoot(kernel, step, state);
      return;
    case 'mountFileSystem':
      applyMountFileSystem(kernel, step, state);
      return;
    case 'mountBind':
      applyMountBind(kernel, step, state);
      return;
    case 'remount':
      applyRemount(kernel, step, state);
      return;
    case 'makeDevice':
      applyMakeDevice(kernel, step, state);
      return;
    case 'bindDevice':
      applyBindDevice(kernel, step, state);
      return;
    case 'makeLink':
      applyMakeLink(kernel, step, state);
      return;
    case 'takeNull':
      applyTakeNull(kernel, step, state);
      return;
    case 'pivotRoot':
      applyPivotRoot(kernel, step.detachAsSlave, state);
      return;
    case 'moveRoot':
      applyMoveRoot(kernel, step.path, state);
      return;
    case 'chroot':
      applyChroot(kernel, state);
      return;
    default:
      applyLateStep(kernel, step, state);
  }
}

type LateKind = 'readonlyPath' | 'maskPath' | 'readonlyMount' | 'setRootPropagation' | 'readonlyRoot';

function applyLateStep(kernel: Kernel, step: Extract<RootfsStep, { kind: LateKind }>, state: RootfsState): void {
  switch (step.kind) {
    case 'readonlyPath':
      applyReadonlyPath(kernel, step, state);
      return;
    case 'maskPath':
      applyMaskPath(kernel, step, state);
      return;
    case 'readonlyMount': {
      const mount = state.mounts.get(step.destination);
      assert(mount !== undefined, `no mount is known at ${step.destination}`);
      makeReadonly(kernel, mount);
      return;
    }
    case 'setRootPropagation':
      kernel.mountSetattr(rootOf(state), '', AT_EMPTY_PATH, { set: 0, clear: 0, propagation: step.propagation });
      return;
    case 'readonlyRoot':
      makeReadonly(kernel, rootOf(state));
      return;
    default:
      unreachable(step);
  }
}
