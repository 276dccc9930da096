/** The words that begin every error of one command, as engines know them from runc ("exec failed: ..."). */
import { RuntimeError } from '../base/runtime-error.ts';

/** Runs fn; its error is told as that of the command, with the command's exit code if it has one of its own. */
export function failed<T>(prefix: string, exitCode: number | undefined, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const { operation } = error.fields;
    throw error.with({
      operation: operation === undefined ? prefix : `${prefix}: ${operation}`,
      ...(exitCode !== undefined && { exitCode }),
    });
  }
}
