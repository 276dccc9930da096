/**
 * The interpreter of RootfsStep: it picks the function, and puts the step's words to an error; it decides nothing.
 * Runs in the child, in the planned order. [spec runtime.md#lifecycle]
 */
import { assert } from '../base/assert.ts';
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

/** A table and no switch: the engine compares a kind with each case before its own, for each of some forty steps. */
const appliers: {
  readonly [kind in RootfsStep['kind']]: (
    kernel: Kernel,
    step: Extract<RootfsStep, { kind: kind }>,
    state: RootfsState,
  ) => void;
} = {
  clearUmask: (kernel) => kernel.umask(0),
  setTreePropagation: applyTreePropagation,
  mountRoot: applyMountRoot,
  openRoot: applyOpenRoot,
  mountFileSystem: applyMountFileSystem,
  mountBind: applyMountBind,
  remount: applyRemount,
  makeDevice: applyMakeDevice,
  bindDevice: applyBindDevice,
  makeLink: applyMakeLink,
  takeNull: applyTakeNull,
  pivotRoot: (kernel, step, state) => applyPivotRoot(kernel, step.detachAsSlave, state),
  moveRoot: (kernel, step, state) => applyMoveRoot(kernel, step.path, state),
  chroot: (kernel, _step, state) => applyChroot(kernel, state),
  readonlyPath: applyReadonlyPath,
  maskPath: applyMaskPath,
  readonlyMount: (kernel, step, state) => {
    const mount = state.mounts.get(step.destination);
    assert(mount !== undefined, `no mount is known at ${step.destination}`);
    makeReadonly(kernel, mount);
  },
  setRootPropagation: (kernel, step, state) =>
    kernel.mountSetattr(rootOf(state), '', AT_EMPTY_PATH, { set: 0, clear: 0, propagation: step.propagation }),
  readonlyRoot: (kernel, _step, state) => makeReadonly(kernel, rootOf(state)),
};

export const rootfsStepKinds: ReadonlySet<string> = new Set(Object.keys(appliers));

function applyStep<Kind extends RootfsStep['kind']>(
  kernel: Kernel,
  step: Extract<RootfsStep, { kind: Kind }>,
  state: RootfsState,
): void {
  appliers[step.kind as Kind](kernel, step, state);
}
