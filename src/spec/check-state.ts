/**
 * The state document of a container, as `state` prints it and hooks get it. Pure. (runt's own journal is state-record.ts.)
 * [spec runtime.md#state]
 */
import type { State } from './config-types.ts';
import type { Fault } from './fault.ts';
import { validateState } from './generated/validate.js';
import { schemaFaults } from './schema-faults.ts';

export type StateCheck = { readonly state: State; readonly faults?: undefined } | { readonly faults: readonly Fault[] };

export function checkState(value: unknown): StateCheck {
  if (!validateState(value)) return { faults: schemaFaults(validateState.errors ?? [], value) };
  const state = value as State;
  const needsPid = state.status === 'created' || state.status === 'running';
  if (needsPid && (state.pid === undefined || state.pid === 0)) {
    return { faults: [{ pointer: '/pid', what: `is missing: the container is ${state.status}` }] };
  }
  return { state };
}
