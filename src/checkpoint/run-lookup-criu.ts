/** Finds the criu program by PATH. Relative entries are passed over: what lies in the working directory is not to be run as root. */
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd } from '../kernel/fd.ts';
import { AT_EACCESS, S_IFMT, S_IFREG, X_OK } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** An absolute path. */
export function runLookupCriu(kernel: Kernel, environment: readonly string[]): string {
  const path = environment.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  for (const directory of path.split(':')) {
    if (directory[0] !== '/') continue;
    const candidate = `${directory}/criu`;
    const stat = kernel.statxOrErrno(cwdFd, candidate, 0);
    if (typeof stat === 'string' || (stat.mode & S_IFMT) !== S_IFREG) continue;
    if (kernel.faccessat2(cwdFd, candidate, X_OK, AT_EACCESS) === undefined) return candidate;
  }
  throw new RuntimeError({
    kind: 'kernel',
    message: `criu was not found in PATH (${path === '' ? 'not set' : path})`,
    hint: 'install criu 3.16 or newer: checkpoint and restore are its work',
  });
}
