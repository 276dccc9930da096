/**
 * Which cgroup is ours: what create records in the journal (state-record.ts has the same shape) and every later act compares.
 * Types only.
 */

export interface CgroupIdentity {
  /** Path from the root of the v2 tree, beginning with "/". */
  readonly path: string;
  /** Inode number of its directory; 0 in the journal of a create that has not made it yet. */
  readonly inode: number;
  /** Directories above it that create made, deepest first, beginning with "/". */
  readonly createdParents: readonly string[];
}
