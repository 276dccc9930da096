/**
 * The status of a container, from its record and from what was seen of its processes. Pure: looking is observe-container.ts.
 * [spec runtime.md#state]; 'paused' is runc's addition.
 */
import { isAliveState, type ProcessStat } from '../state/parse-process-stat.ts';
import type { StateRecord } from '../state/state-record.ts';

export type Status = 'creating' | 'created' | 'running' | 'paused' | 'stopped';

export interface StatusFacts {
  /** The boot id of now. */
  readonly bootId: string;
  /** /proc/<init pid>/stat of now; undefined: no such process. */
  readonly init: ProcessStat | undefined;
  /** start.sock is still there: nobody has started it. */
  readonly gateExists: boolean;
  readonly frozen: boolean;
}

/** A record of another boot, a reused pid and a zombie are all 'stopped': nothing may be signalled then. */
export function checkStatus(record: StateRecord, facts: StatusFacts): Status {
  if (record.bootId !== facts.bootId) return 'stopped';
  if (record.phase === 'creating') return 'creating';
  if (!isInitAlive(record, facts.init)) return 'stopped';
  // Before 'created', as in runc: a start would wait for a process that stands still.
  if (facts.frozen) return 'paused';
  return facts.gateExists ? 'created' : 'running';
}

/** The process with the recorded pid is the recorded one, and has not ended. */
export function isInitAlive(record: StateRecord, seen: ProcessStat | undefined): boolean {
  if (record.init === undefined || seen === undefined) return false;
  return seen.startTime === record.init.startTime && isAliveState(seen.state);
}
