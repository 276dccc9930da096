import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Seccomp } from '../spec/generated/config-types.ts';

/** What the exec tail's ['seccomp', flags, program] takes. */
export interface LoadedSeccomp {
  readonly program: Uint8Array;
  readonly flags: number;
}

/**
 * The filter of config.linux.seccomp, compiled or from the cache. root = the runtime's state directory (the cache is
 * <root>/.cache/seccomp), undefined = no cache. Throws kind 'spec' with a pointer. Call it before clone3.
 */
export function loadSeccompProgram(_kernel: Kernel, _seccomp: Seccomp, _root: Fd<'host'> | undefined): LoadedSeccomp {
  throw new Error('signature only');
}
