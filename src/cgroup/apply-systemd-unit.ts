/**
 * Asks a systemd manager to start, stop and change one unit, and waits for what it was asked for: the answer of a call is only
 * the promise of a job, the signal JobRemoved tells how it ended. Never longer than the session's deadline.
 * [org.freedesktop.systemd1.5]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { requireAnswer } from './check-dbus-reply.ts';
import { type DbusMessage, type DbusValue, type DbusVariant, SIGNAL } from './dbus-message.ts';
import { parseDbusBody } from './parse-dbus-message.ts';
import type { SystemdUpdatePlan } from './plan-systemd-update.ts';
import { runReceiveDbus } from './run-dbus-connection.ts';
import {
  callSystemd,
  closeSystemd,
  MANAGER,
  readSystemdVersion,
  runOpenSystemd,
  type SystemdSession,
} from './run-systemd-session.ts';
import type { SystemdProperty, SystemdUnitIdentity, SystemdUnitPlan } from './systemd-unit.ts';

/** What is there takes part in the job; nothing is stopped for it. */
const MODE = 'replace';

/**
 * Makes the unit with the process in it (a slice takes none). Returns when systemd says that it runs. onAccepted is called
 * once the unit is ours: from then on a failure leaves something to be stopped.
 */
export function startSystemdUnit(
  kernel: Kernel,
  session: SystemdSession,
  unit: SystemdUnitPlan,
  { pid, onAccepted }: { readonly pid: number; readonly onAccepted: () => void },
): void {
  during(`start the systemd unit ${unit.name}`, () => {
    const properties = knownProperties(kernel, session, unit.properties).map(toStruct);
    if (!unit.isSlice) properties.push(['PIDs', { signature: 'au', value: [pid] }]);
    const ended = watchJobs(session);
    const job = requestStart(kernel, session, unit.name, properties);
    onAccepted();
    const result = waitForJob(kernel, session, ended, job);
    if (result === 'done') return;
    resetFailedUnit(kernel, session, unit.name);
    throw new RuntimeError({
      kind: 'kernel',
      message: `systemd could not start it: the job's result is "${result}"`,
      hint: `systemd's reason: journalctl -u ${unit.name}`,
    });
  });
}

/** A unit of this name may be the rest of one that failed: forgotten by systemd on request, once. */
function requestStart(kernel: Kernel, session: SystemdSession, name: string, properties: DbusValue[]): string {
  const call = {
    member: 'StartTransientUnit',
    signature: 'ssa(sv)a(sa(sv))',
    arguments: [name, MODE, properties, []],
  };
  const first = callSystemd(kernel, session, call, 'o');
  if ('values' in first) return first.values[0] as string;
  if (first.error !== 'org.freedesktop.systemd1.UnitExists') requireAnswer(call, first);
  resetFailedUnit(kernel, session, name);
  return requireAnswer(call, callSystemd(kernel, session, call, 'o'))[0] as string;
}

const toStruct = ({ name, value }: SystemdProperty): DbusValue => [name, value];

/** Without those that this systemd does not know; its version is asked only when one depends on it. */
function knownProperties(
  kernel: Kernel,
  session: SystemdSession,
  properties: readonly SystemdProperty[],
): readonly SystemdProperty[] {
  if (!properties.some(({ since }) => since !== undefined)) return properties;
  const version = readSystemdVersion(kernel, session);
  return properties.filter(({ since }) => since === undefined || since <= version);
}

const UNIT = 'org.freedesktop.systemd1.Unit';

/** One run of a unit, from its start on, as an object of systemd's: another unit that gets the same name later is another one. */
export interface SystemdRun {
  readonly path: string;
}

/** The run that the name means now. undefined: there is no such unit, or none that has ever run. */
export function findSystemdRun(kernel: Kernel, session: SystemdSession, name: string): SystemdRun | undefined {
  return during(`find the systemd unit ${name}`, () => {
    const find = { member: 'GetUnit', signature: 's', arguments: [name] };
    const found = callSystemd(kernel, session, find, 'o');
    if ('error' in found && found.error === 'org.freedesktop.systemd1.NoSuchUnit') return undefined;
    const [path] = requireAnswer(find, found) as readonly [string];
    const get = {
      ...{ path, interface: 'org.freedesktop.DBus.Properties', member: 'Get' },
      ...{ signature: 'ss', arguments: [UNIT, 'InvocationID'] },
    };
    const asked = callSystemd(kernel, session, get, 'v');
    // systemd forgets an empty scope whenever it likes.
    if ('error' in asked && GONE.includes(asked.error)) return undefined;
    const [id] = requireAnswer(get, asked) as readonly [DbusVariant];
    const bytes = id.value instanceof Uint8Array ? id.value : new Uint8Array();
    if (bytes.length === 0) return undefined;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return { path: `/org/freedesktop/systemd1/unit/${hex}` };
  });
}

/** What systemd answers when a run is over and forgotten. */
const GONE: readonly string[] = [
  'org.freedesktop.systemd1.NoSuchUnit',
  'org.freedesktop.systemd1.NoUnitForInvocationID',
  'org.freedesktop.DBus.Error.UnknownObject',
];

/**
 * Ends this run and makes systemd forget it. The caller has ended its processes: systemd would give them their time first.
 * One that is over already counts as stopped.
 */
export function stopSystemdRun(kernel: Kernel, session: SystemdSession, name: string, { path }: SystemdRun): void {
  during(`stop the systemd unit ${name}`, () => {
    const call = { path, interface: UNIT, member: 'Stop', signature: 's', arguments: [MODE] };
    const ended = watchJobs(session);
    const reply = callSystemd(kernel, session, call, 'o');
    if ('error' in reply && GONE.includes(reply.error)) return;
    // Whatever the result: what counts is that nothing is left, and the caller looks.
    waitForJob(kernel, session, ended, requireAnswer(call, reply)[0] as string);
    callSystemd(kernel, session, { path, interface: UNIT, member: 'ResetFailed', signature: '', arguments: [] }, '');
  });
}

/** A unit that ended by a signal or for want of memory stays as "failed" until it is reset; most are gone, which is an error. */
function resetFailedUnit(kernel: Kernel, session: SystemdSession, name: string): void {
  callSystemd(kernel, session, { member: 'ResetFailedUnit', signature: 's', arguments: [name] }, '');
}

/** For `update`, on a connection of its own; the inverse is handed to the caller before anything changes. */
export function applySystemdUpdate(
  kernel: Kernel,
  unit: SystemdUnitIdentity,
  plan: SystemdUpdatePlan,
  pushUndo: (what: string, run: () => void) => void,
): void {
  if (plan.properties.length === 0) return;
  const set = (properties: readonly SystemdProperty[]): void => {
    const session = runOpenSystemd(kernel, unit.manager);
    try {
      applySystemdProperties(kernel, session, unit.name, properties);
    } finally {
      closeSystemd(kernel, session);
    }
  };
  pushUndo(`put back the properties of ${unit.name}`, () => set(plan.restore));
  set(plan.properties);
}

/**
 * Moves a process into the cgroup of a unit, or into one below it that is there. For this a unit must be delegated. A user's
 * manager asks PID 1 to do what it may not do itself.
 */
export function attachToSystemdUnit(
  kernel: Kernel,
  session: SystemdSession,
  name: string,
  { below, pid }: { readonly below: readonly string[]; readonly pid: number },
): void {
  during(`attach to the systemd unit ${name}`, () => {
    const path = below.length === 0 ? '' : `/${below.join('/')}`;
    const call = { member: 'AttachProcessesToUnit', signature: 'ssau', arguments: [name, path, [pid]] };
    requireAnswer(call, callSystemd(kernel, session, call, ''));
  });
}

/** The properties of a unit that runs, until it ends: they are not written to disk. systemd writes the cgroup's files from them. */
export function applySystemdProperties(
  kernel: Kernel,
  session: SystemdSession,
  name: string,
  properties: readonly SystemdProperty[],
): void {
  during(`set properties of the systemd unit ${name}`, () => {
    const known = knownProperties(kernel, session, properties).map(toStruct);
    const call = { member: 'SetUnitProperties', signature: 'sba(sv)', arguments: [name, true, known] };
    requireAnswer(call, callSystemd(kernel, session, call, ''));
  });
}

/** Results by the job's path. Other jobs of the host end meanwhile: only so many are kept. */
type EndedJobs = Map<string, string>;

const JOBS_LIMIT = 4096;

/** [order] before the call: the signal may come before the answer. */
function watchJobs({ connection }: SystemdSession): EndedJobs {
  const ended: EndedJobs = new Map();
  connection.onMessage = (message) => {
    const job = parseJobRemoved(message);
    if (job !== undefined && ended.size < JOBS_LIMIT) ended.set(job.path, job.result);
  };
  return ended;
}

/** undefined: another message. Its arguments: id, job, unit, result. */
function parseJobRemoved(message: DbusMessage): { readonly path: string; readonly result: string } | undefined {
  if (message.type !== SIGNAL || message.member !== 'JobRemoved' || message.interface !== MANAGER) return undefined;
  const [, path, , result] = parseDbusBody(message, 'uoss') as readonly [number, string, string, string];
  return { path, result };
}

function waitForJob(kernel: Kernel, session: SystemdSession, ended: EndedJobs, job: string): string {
  for (;;) {
    const result = ended.get(job);
    if (result !== undefined) return result;
    session.connection.onMessage(runReceiveDbus(kernel, session.connection));
  }
}
