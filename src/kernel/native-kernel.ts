/**
 * The real Kernel: the only door to Linux. Each method is one call into native:kernel, whose contract is native/kernel.d.ts;
 * errors are made in native-result.ts. No decisions here.
 */
import type { Kernel } from './kernel.ts';
import { nativeDevices } from './native-devices.ts';
import { nativeFiles } from './native-files.ts';
import { nativeMounts } from './native-mounts.ts';
import { nativeProcesses } from './native-processes.ts';

export const nativeKernel: Kernel = { ...nativeFiles, ...nativeMounts, ...nativeProcesses, ...nativeDevices };
