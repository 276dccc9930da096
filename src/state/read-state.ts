/**
 * Reads the records of one container. What is read is not believed before check-state-record.ts has seen it. A record that
 * cannot be used is an error here; delete --force asks readStateOrFault and cleans up with what is known.
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { O_NOFOLLOW } from '../kernel/architecture-flags.ts';
import { CLOCK_REALTIME, O_NONBLOCK, O_RDONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { checkStateRecord, salvageRecord } from './check-state-record.ts';
import { noSuchContainer, type StateDirectory, tryLockContainer, unlockContainer } from './state-directory.ts';
import type { StateRecord } from './state-record.ts';
import { previousStateName } from './write-state.ts';

/** A record is a few kilobytes; annotations may make it larger, a megabyte of them is an attack. */
const stateLimitBytes = 16 * 1024 * 1024;
const configLimitBytes = 32 * 1024 * 1024;

/** Throws kind 'state' when there is none or when it cannot be used. */
export function readState(kernel: Kernel, container: StateDirectory): StateRecord {
  const text = readRecordText(kernel, container);
  const path = `${container.directory.path}/state.json`;
  if (text === undefined) {
    throw new RuntimeError({
      kind: 'state',
      path,
      message: 'container does not exist: its create was interrupted before it wrote anything',
      hint: `run: runt delete ${container.id}`,
    });
  }
  const parsed = kernel.parseJson(text);
  if ('error' in parsed) {
    throw corrupt(container, parsed.pointer, `${parsed.error} (line ${parsed.line}, column ${parsed.column})`);
  }
  const fault = checkStateRecord(parsed.value, container.id);
  if (fault !== undefined) throw corrupt(container, fault.pointer, fault.what);
  return parsed.value as StateRecord;
}

/** undefined: the lock is ours by now, and there is none: nobody is making the container any more. */
function readRecordText(kernel: Kernel, container: StateDirectory): string | undefined {
  const read = () => readRecordFile(kernel, container, 'state.json', stateLimitBytes);
  const text = read();
  if (text !== undefined) return text;
  if (isComingOrGoing(kernel, container)) noSuchContainer(container.id);
  // Whoever made it was ready before the lock was asked for; or is between making the directory and locking it.
  const again = read();
  if (again === undefined && isJustMade(kernel, container)) noSuchContainer(container.id);
  // Who reads may stay for hours. Whoever had the lock before does not come here: nobody else could have written it.
  if (again !== undefined) unlockContainer(kernel, container);
  return again;
}

/** Its time is in whole seconds, of a clock that is some milliseconds behind. */
function isJustMade(kernel: Kernel, { directory }: StateDirectory): boolean {
  const [now] = kernel.clockGettime(CLOCK_REALTIME);
  return Math.abs(now - kernel.fstat(directory).mtimeSeconds) < 2;
}

/** A record is not there while the container is made or deleted, which is done under the lock. false: it is ours by now. */
export function isComingOrGoing(kernel: Kernel, container: StateDirectory): boolean {
  return !tryLockContainer(kernel, container) || kernel.fstat(container.directory).nlink === 0;
}

/** The same, when a record that cannot be used is no reason to stop. */
export function readStateOrFault(kernel: Kernel, container: StateDirectory): StateRecord | RuntimeError {
  try {
    return readState(kernel, container);
  } catch (error) {
    if (error instanceof RuntimeError) return error;
    throw error;
  }
}

/**
 * For delete --force, when the record cannot be used: what state.json or the record before it still says for certain.
 * undefined: nothing.
 */
export function readSalvage(kernel: Kernel, container: StateDirectory): StateRecord | undefined {
  let salvaged: StateRecord | undefined;
  for (const name of ['state.json', previousStateName]) {
    const text = salvageText(kernel, container, name);
    const parsed = text === undefined ? undefined : kernel.parseJson(text);
    if (parsed === undefined || 'error' in parsed) continue;
    const record = salvageRecord(parsed.value, container.id);
    if (record !== undefined) salvaged = salvaged === undefined ? record : completed(salvaged, record);
  }
  return salvaged;
}

/** What the newer record does not say, the older one of the same boot may. */
function completed(newer: StateRecord, older: StateRecord): StateRecord {
  if (newer.bootId !== older.bootId) return newer;
  const { cgroup, systemdUnit } = { ...older, ...newer };
  const cgroupManager = systemdUnit !== undefined ? 'systemd' : cgroup === undefined ? 'disabled' : 'cgroupfs';
  // The lists of mounts and the root that they lie below are of one record: below another root all mounts are new.
  const { rootfs } = newer.hostMounts === undefined ? older : newer;
  return { ...older, ...newer, rootfs, cgroupManager };
}

/** A file that is too large, not text or not even a file says nothing. */
function salvageText(kernel: Kernel, container: StateDirectory, name: string): string | undefined {
  const text = orErrno(['EFBIG', 'EILSEQ', 'EISDIR', 'ELOOP', 'ENXIO', 'EACCES', 'EIO'], () =>
    readRecordFile(kernel, container, name, stateLimitBytes),
  );
  return typeof text === 'string' ? text : undefined;
}

/** The text of config.json as it was at create; undefined when create did not get that far. */
export function readSavedConfig(kernel: Kernel, container: StateDirectory): string | undefined {
  return readRecordFile(kernel, container, 'config.json', configLimitBytes);
}

/** undefined: there is no such file. Never blocks: O_NONBLOCK, and not through a link. */
function readRecordFile(kernel: Kernel, container: StateDirectory, name: string, limit: number): string | undefined {
  const file = kernel.openat2OrErrno(container.directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, 0);
  if (file === 'ENOENT') return undefined;
  if (typeof file === 'string') {
    const path = `${container.directory.path}/${name}`;
    throw new RuntimeError({ kind: 'kernel', operation: 'read the state', path, syscall: 'openat2', errno: file });
  }
  const text = kernel.readAll(file, limit);
  kernel.close(file);
  return text;
}

function corrupt(container: StateDirectory, pointer: string, what: string): RuntimeError {
  return new RuntimeError({
    kind: 'state',
    path: `${container.directory.path}/state.json`,
    message: `${pointer === '' ? 'the file' : pointer} ${what}`,
    hint: `the record is damaged; run: runt delete --force ${container.id}`,
  });
}
