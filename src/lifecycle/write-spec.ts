/**
 * spec: writes a first config.json into a bundle; never over one that is there. What stands in it is default-config.ts.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd } from '../kernel/fd.ts';
import { O_CREAT, O_EXCL, O_PATH, O_WRONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { defaultConfig, formatSpec, rootlessConfig } from '../spec/default-config.ts';

export interface SpecRequest {
  readonly bundle: string;
  readonly rootless: boolean;
}

export function writeSpec(kernel: Kernel, request: SpecRequest): void {
  const config = request.rootless ? rootlessConfig({ euid: kernel.geteuid(), egid: kernel.getegid() }) : defaultConfig;
  const directory = kernel.openat2(cwdFd, request.bundle, O_PATH | O_DIRECTORY, 0, 0);
  const file = kernel.openat2OrErrno(directory, 'config.json', O_WRONLY | O_CREAT | O_EXCL, 0o666, 0);
  if (file === 'EEXIST') {
    throw new RuntimeError({
      kind: 'usage',
      message: 'File config.json exists. Remove it first',
      path: request.bundle,
    });
  }
  if (typeof file === 'string') {
    const path = `${request.bundle}/config.json`;
    throw new RuntimeError({
      kind: 'kernel',
      operation: 'write a first config.json',
      path,
      syscall: 'openat2',
      errno: file,
    });
  }
  kernel.write(file, formatSpec(config));
  kernel.close(file);
}
