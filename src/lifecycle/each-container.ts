/**
 * The same for several containers, one after the other: what fails for one is kept and does not stop the others. `list` walks
 * all of them; `kill --regex` and `delete --regex` (crun's) those whose id a pattern matches.
 */
import type { GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { CLOSE_RANGE_MAX } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { isNoSuchContainer, listContainerIds, openStateRoot } from '../state/state-directory.ts';
import { parseIdPattern } from './parse-id-pattern.ts';

export interface Failure {
  readonly id: string;
  readonly error: RuntimeError;
}

/** root: the state root; it stays open. One that was deleted since `ids` were read is none of them, and no failure. */
export function eachContainer(
  kernel: Kernel,
  root: Fd<'host'>,
  ids: readonly string[],
  act: (id: string) => void,
): readonly Failure[] {
  const failures: Failure[] = [];
  for (const id of ids) {
    try {
      act(id);
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.fields.kind === 'bug') throw error;
      if (!isNoSuchContainer(error, id)) failures.push({ id, error });
    }
    // A command for one container leaves its descriptors to the end of the process; of a thousand there would be too many.
    // The root had the lowest free number, so whatever was opened after it has a higher one.
    kernel.closeRange(root.number + 1, CLOSE_RANGE_MAX, 0);
  }
  return failures;
}

export interface MatchRequest {
  /** Where in an id it matches does not matter, as crun has it. */
  readonly pattern: string;
  /** "killed", for the error. */
  readonly participle: string;
}

/** No match is no error. Of several failures each is a warning, and the error is their number. */
export function eachMatch(
  kernel: Kernel,
  globals: GlobalOptions,
  { pattern, participle }: MatchRequest,
  { act, warn }: { readonly act: (id: string) => void; readonly warn: (text: string) => void },
): void {
  const matches = parseIdPattern(pattern);
  const root = openStateRoot(kernel, globals);
  if (root === undefined) return;
  const ids = listContainerIds(kernel, root).filter(matches);
  const failures = eachContainer(kernel, root, ids, act);
  if (failures.length === 1) throw (failures[0] as Failure).error.within(`container ${(failures[0] as Failure).id}`);
  if (failures.length === 0) return;
  for (const { id, error } of failures) warn(`container ${id}: ${error.message}`);
  throw new RuntimeError({
    kind: 'state',
    message: `${failures.length} of ${ids.length} containers that match ${JSON.stringify(pattern)} could not be ${participle}`,
  });
}
