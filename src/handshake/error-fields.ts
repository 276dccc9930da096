/** What of an exception travels to the other side. Pure. */
import { type ErrorFields, RuntimeError } from '../base/runtime-error.ts';

/** An exception that is not ours is a bug: its text is kept, its stack is not shown to users. */
export function errorFields(error: unknown): ErrorFields {
  if (error instanceof RuntimeError) return error.fields;
  return { kind: 'bug', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}
