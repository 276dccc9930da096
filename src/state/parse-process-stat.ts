/** The fields of /proc/PID/stat that tell a process from another of the same number. Pure. [man proc_pid_stat.5] */

export interface ProcessStat {
  /** One letter: R S D Z T t X I. */
  readonly state: string;
  /** Field 22, clock ticks since boot. */
  readonly startTime: number;
}

/** The name, field 2, may hold blanks and parentheses: fields are counted from the last ")". */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const afterName = text.lastIndexOf(')') + 2;
  if (afterName < 2) return undefined;
  const fields = text.slice(afterName).split(' ', 20);
  const startTime = Number(fields[19]);
  const state = fields[0] ?? '';
  return Number.isSafeInteger(startTime) && state !== '' ? { state, startTime } : undefined;
}

/** A zombie has ended: only its parent has not looked yet. */
export function isAliveState(state: string): boolean {
  return state !== 'Z' && state !== 'X';
}
