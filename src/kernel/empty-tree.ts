/**
 * Removes what lies below a directory, without recursion and with one descriptor at a time: how deep the tree is was decided by
 * somebody else, who may have made thousands of levels.
 */
import type { Fd, FdTree } from './fd.ts';
import type { Kernel } from './kernel.ts';

export interface TreeEmptying<Tree extends FdTree> {
  /** Removes the entries of a directory up to the first that is not empty, and opens that one; undefined: nothing is left. */
  readonly emptyUpTo: (directory: Fd<Tree>) => { readonly name: string; readonly fd: Fd<Tree> } | undefined;
  readonly openParent: (directory: Fd<Tree>) => Fd<Tree>;
  /** Of a directory that is empty now; false: enough for this time. */
  readonly remove: (directory: Fd<Tree>, name: string) => boolean;
}

/** [order] nobody moves its directories meanwhile: ".." is where we came from. Closes all but `top`. */
export function emptyTree<Tree extends FdTree>(kernel: Kernel, top: Fd<Tree>, by: TreeEmptying<Tree>): void {
  const way: string[] = [];
  let directory = top;
  const move = (next: Fd<Tree>): void => {
    if (directory !== top) kernel.close(directory);
    directory = next;
  };
  try {
    for (;;) {
      const below = by.emptyUpTo(directory);
      if (below !== undefined) {
        way.push(below.name);
        move(below.fd);
        continue;
      }
      const name = way.pop();
      if (name === undefined) return;
      move(way.length === 0 ? top : by.openParent(directory));
      if (!by.remove(directory, name)) return;
    }
  } finally {
    if (directory !== top) kernel.close(directory);
  }
}
