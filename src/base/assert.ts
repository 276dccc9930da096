/** Assertions stay on in the released binary: a broken invariant in a container runtime is worse than a crash. */
import { RuntimeError } from './runtime-error.ts';

/** Throws a RuntimeError of kind 'bug' when the condition is false. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new RuntimeError({ kind: 'bug', message: `internal assertion failed: ${message}` });
}

/** For the default branch of a switch over a closed union: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new RuntimeError({ kind: 'bug', message: `internal assertion failed: unexpected ${String(value)}` });
}
