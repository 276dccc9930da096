/**
 * An owned descriptor: it knows its number and what it stands for (for messages), closes once, and refuses use after close.
 * The Tree parameter brands whose files it leads to, so that a host descriptor cannot be passed where a descriptor
 * inside the container's root is wanted, and the other way round: the wrong mix does not compile (rule B2).
 * After clone3 the child has its own copy of each object and of the kernel's table, so closing in one says nothing to the other.
 */
import { assert } from '../base/assert.ts';

/** host: outside the container; root: inside its root file system; proc: our own procfs; cgroup: the v2 tree; object: no path at all. */
export type FdTree = 'host' | 'root' | 'proc' | 'cgroup' | 'object';

declare const tree: unique symbol;

export class Fd<Tree extends FdTree = FdTree> {
  declare readonly [tree]: Tree;
  readonly path: string;
  private raw: number;

  constructor(raw: number, path: string) {
    this.raw = raw;
    this.path = path;
  }

  get number(): number {
    const raw = this.raw;
    // The message is put together only when it is wanted: this is asked two hundred times in a start.
    if (raw < 0 && raw !== AT_FDCWD_NUMBER) assert(false, `use of a closed descriptor: ${this.path}`);
    return raw;
  }

  get isOpen(): boolean {
    return this.raw >= 0;
  }

  /** Only Kernel.close calls this: gives the number away and makes every later use an error. */
  release(): number {
    const number = this.number;
    this.raw = -1;
    return number;
  }
}

const AT_FDCWD_NUMBER = -100;

/** The caller's working directory: the start of relative host paths. Never closed. */
export const cwdFd = new Fd<'host'>(AT_FDCWD_NUMBER, '.');
