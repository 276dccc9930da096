import type { Kernel } from '../kernel/kernel.ts';
import type { RootfsState } from './rootfs-state.ts';
import type { RootfsStep } from './rootfs-step.ts';

export function applyRootfsStep(_kernel: Kernel, _step: RootfsStep, _state: RootfsState): void {
  throw new Error('being written');
}
