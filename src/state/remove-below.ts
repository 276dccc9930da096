/**
 * Empties a directory in which the container could write: it may have made a tree there, as deep and as wide as it liked.
 * Through no link and into no other mount. [man unlinkat.2, openat2.2]
 * [order] after the container has ended: nobody moves its directories any more, so ".." is where we came from.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { emptyTree } from '../kernel/empty-tree.ts';
import type { Fd } from '../kernel/fd.ts';
import { AT_REMOVEDIR, O_RDONLY, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

export function removeBelow(kernel: Kernel, top: Fd<'host'>): void {
  emptyTree(kernel, top, {
    emptyUpTo: (directory) => {
      const name = removeUpToDirectory(kernel, directory);
      return name === undefined ? undefined : { name, fd: openNext(kernel, directory, name) };
    },
    openParent: (directory) => openNext(kernel, directory, '..'),
    remove: (directory, name) => {
      kernel.unlinkat(directory, name, AT_REMOVEDIR);
      return true;
    },
  });
}

function openNext(kernel: Kernel, directory: Fd<'host'>, name: string): Fd<'host'> {
  return kernel.openat2(directory, name, O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
}

/** Removes entries up to the first directory that is not empty, and names that one; undefined: nothing is left. */
function removeUpToDirectory(kernel: Kernel, directory: Fd<'host'>): string | undefined {
  // A descriptor of its own: a directory's offset stays where the last reader left it.
  const listing = openNext(kernel, directory, '.');
  const names = kernel.readDirectory(listing);
  kernel.close(listing);
  for (const name of names) {
    let errno = kernel.unlinkatOrErrno(directory, name, 0);
    if (errno === 'EISDIR') errno = kernel.unlinkatOrErrno(directory, name, AT_REMOVEDIR);
    if (errno === 'ENOTEMPTY') return name;
    if (errno === undefined || errno === 'ENOENT') continue;
    throw new RuntimeError({ kind: 'kernel', path: `${directory.path}/${name}`, syscall: 'unlinkat', errno });
  }
  return undefined;
}
