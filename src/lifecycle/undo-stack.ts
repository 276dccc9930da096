/**
 * The inverse of every effect on the host, pushed right after it, carried out backwards when something fails: "generating an
 * error MUST leave the state of the environment as if the operation were never attempted" [spec runtime.md#errors].
 * A failing inverse never hides the error that started the unwinding and never stops the others.
 */
import { RuntimeError } from '../base/runtime-error.ts';

export interface Undo {
  /** In words, for the hint of an inverse that fails: "remove the cgroup /runt/web". */
  readonly what: string;
  readonly run: () => void;
  /** Gives back what run would have needed, after it or when it is not needed any more. */
  readonly release?: () => void;
}

export class UndoStack {
  private entries: Undo[] = [];

  push(what: string, run: () => void, release?: () => void): void {
    this.entries.push(release === undefined ? { what, run } : { what, run, release });
  }

  /** The operation is committed: nothing is to be undone any more. */
  drop(): void {
    for (const { release } of this.entries) release?.();
    this.entries = [];
  }

  /** Runs all inverses, last first; returns what could not be undone. */
  unwind(): readonly string[] {
    const left: string[] = [];
    for (let entry = this.entries.pop(); entry !== undefined; entry = this.entries.pop()) {
      try {
        entry.run();
      } catch (error) {
        left.push(`${entry.what}: ${error instanceof Error ? error.message : String(error)}`);
      }
      entry.release?.();
    }
    return left;
  }
}

/** Runs fn with an undo stack: dropped when fn returns, unwound when it throws. */
export function withUndo<T>(fn: (undo: UndoStack) => T): T {
  const undo = new UndoStack();
  try {
    const result = fn(undo);
    undo.drop();
    return result;
  } catch (error) {
    const left = undo.unwind();
    if (left.length === 0 || !(error instanceof RuntimeError)) throw error;
    throw error.with({ hint: [error.fields.hint, `not undone: ${left.join('; ')}`].filter(Boolean).join('; ') });
  }
}
