/**
 * The way to a systemd manager: which one, by which socket, and what must be known of it before anything is asked.
 * As runc does: root speaks to PID 1 over the system bus, an ordinary user to systemd --user over the session bus. systemd's
 * own sockets (systemd/private) come second, for hosts without a bus: systemd keeps them for its own tools, and the bus is
 * its public door. [man sd_booted.3, systemd.1] [org.freedesktop.systemd1.5]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd } from '../kernel/fd.ts';
import { O_RDONLY, RESOLVE_NO_MAGICLINKS } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { isInitialUserNamespace } from '../kernel/read-host-facts.ts';
import { requireAnswer } from './check-dbus-reply.ts';
import type { DbusCall, DbusReply, DbusVariant } from './dbus-message.ts';
import { parseDbusAddress } from './parse-dbus-address.ts';
import type { SystemdFacts } from './plan-systemd-unit.ts';
import { type DbusConnection, runDbusCall, runDbusNotice, runOpenDbus } from './run-dbus-connection.ts';
import type { SystemdManager } from './systemd-unit.ts';

export interface SystemdSession {
  readonly manager: SystemdManager;
  readonly connection: DbusConnection;
  /** Our name on the bus; undefined: systemd's own socket. */
  readonly busName: string | undefined;
}

/** For everything that one operation asks, as long as runc waits for a job. */
export const systemdPatienceMs = 30_000;

const SYSTEM_BUS = '/run/dbus/system_bus_socket';
const SYSTEM_PRIVATE = '/run/systemd/private';
const BOOTED = '/run/systemd/system';

/** rootless: the flag; 'auto' looks at who we are. */
export function readSystemdManager(kernel: Kernel, rootless: 'true' | 'false' | 'auto'): SystemdManager {
  if (rootless !== 'auto') return rootless === 'true' ? 'user' : 'system';
  if (kernel.geteuid() !== 0) return 'user';
  if (isInitialUserNamespace(kernel)) return 'system';
  return isMappedToRoot(kernel) ? 'system' : 'user';
}

/** Root of a user namespace: of one that the host's root is in too (PrivateUsers=full of systemd 260), or of a user's. */
function isMappedToRoot(kernel: Kernel): boolean {
  const file = kernel.openat2(cwdFd, '/proc/self/uid_map', O_RDONLY, 0, 0);
  const text = kernel.readAll(file, 65536);
  kernel.close(file);
  return text.split('\n').some((line) => {
    const [inside, outside] = line.split(' ').filter((part) => part !== '');
    return inside === '0' && outside === '0';
  });
}

/** Throws, in one sentence, when there is no such manager. timeoutMs: until the next setDbusDeadline. */
export function runOpenSystemd(kernel: Kernel, manager: SystemdManager, timeoutMs = systemdPatienceMs): SystemdSession {
  if (manager === 'system') requireBooted(kernel);
  const environment = readEnvironment(kernel);
  const uid = isInitialUserNamespace(kernel) ? kernel.geteuid() : undefined;
  for (const { path, isBus } of manager === 'system' ? systemSockets(environment) : userSockets(environment)) {
    const connection = runOpenDbus(kernel, path, { uid, timeoutMs });
    if (connection === undefined) continue;
    return { manager, connection, busName: isBus ? enterBus(kernel, connection) : undefined };
  }
  throw manager === 'system' ? noSystemManager() : noUserManager(environment);
}

export function closeSystemd(kernel: Kernel, { connection }: SystemdSession): void {
  if (connection.socket.isOpen) kernel.close(connection.socket);
}

interface Door {
  readonly path: string;
  /** A bus wants to be greeted and to be asked for signals; systemd's own socket sends them unasked. */
  readonly isBus: boolean;
}

type Environment = ReadonlyMap<string, string>;

function systemSockets(environment: Environment): readonly Door[] {
  const address = environment.get('DBUS_SYSTEM_BUS_ADDRESS');
  const buses = address === undefined ? [SYSTEM_BUS] : parseDbusAddress(address, undefined);
  return [...buses.map((path) => ({ path, isBus: true })), { path: SYSTEM_PRIVATE, isBus: false }];
}

function userSockets(environment: Environment): readonly Door[] {
  const runtime = environment.get('XDG_RUNTIME_DIR');
  const address = environment.get('DBUS_SESSION_BUS_ADDRESS');
  const paths = address === undefined ? [] : parseDbusAddress(address, runtime);
  const buses = [...paths, ...(runtime === undefined ? [] : [`${runtime}/bus`])].map((path) => ({ path, isBus: true }));
  return runtime === undefined ? buses : [...buses, { path: `${runtime}/systemd/private`, isBus: false }];
}

function readEnvironment(kernel: Kernel): Environment {
  const names = ['DBUS_SYSTEM_BUS_ADDRESS', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR'];
  const found = new Map<string, string>();
  for (const entry of kernel.environ()) {
    const equals = entry.indexOf('=');
    const value = entry.slice(equals + 1);
    if (equals > 0 && value !== '' && names.includes(entry.slice(0, equals))) found.set(entry.slice(0, equals), value);
  }
  return found;
}

/** The documented sign that systemd is PID 1. */
function requireBooted(kernel: Kernel): void {
  const directory = kernel.openat2OrErrno(cwdFd, BOOTED, O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_MAGICLINKS);
  if (typeof directory === 'string') throw noSystemManager();
  kernel.close(directory);
}

function noSystemManager(): RuntimeError {
  return new RuntimeError({
    kind: 'usage',
    message: 'systemd not running on this host, cannot use systemd cgroups manager',
    hint: 'leave --systemd-cgroup out, and use the cgroupfs driver of your engine',
  });
}

function noUserManager(environment: Environment): RuntimeError {
  const isSet = environment.has('XDG_RUNTIME_DIR') || environment.has('DBUS_SESSION_BUS_ADDRESS');
  return new RuntimeError({
    kind: 'usage',
    message: "no systemd user manager found, cannot use systemd cgroups manager: nobody listens at the user's bus",
    hint: isSet
      ? 'is systemd --user running? loginctl enable-linger starts it without a login'
      : 'set XDG_RUNTIME_DIR (/run/user/UID) or DBUS_SESSION_BUS_ADDRESS, or use the cgroupfs driver',
  });
}

const bus = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' };

/** A bus gives us a name first, and passes signals only to who asked for them. */
function enterBus(kernel: Kernel, connection: DbusConnection): string {
  const hello = { ...bus, member: 'Hello', signature: '', arguments: [] };
  const [name] = requireAnswer(hello, runDbusCall(kernel, connection, hello, 's'));
  const rule = `type='signal',sender='org.freedesktop.systemd1',path='/org/freedesktop/systemd1',interface='${MANAGER}',member='JobRemoved'`;
  runDbusNotice(kernel, connection, { ...bus, member: 'AddMatch', signature: 's', arguments: [rule] });
  return name as string;
}

/**
 * [order] before systemd is given a pid: from another pid namespace (a container that was given the host's bus) the number would
 * mean a process of the host, which systemd would move into the unit, and we would kill with it (rule B16).
 */
export function checkPidNamespace(kernel: Kernel, { busName, connection }: SystemdSession): void {
  if (busName === undefined) return;
  const call = { ...bus, member: 'GetConnectionUnixProcessID', signature: 's', arguments: [busName] };
  const [pid] = requireAnswer(call, runDbusCall(kernel, connection, call, 'u'));
  if (pid === kernel.getpid()) return;
  throw new RuntimeError({
    kind: 'usage',
    path: connection.path,
    message: 'this is the bus of another pid namespace: systemd there cannot be given processes of this one',
    hint: 'use cgroups by files: --cgroup-manager=cgroupfs',
  });
}

export const MANAGER = 'org.freedesktop.systemd1.Manager';

/** One method of the manager, or of the object that `method` names; an error of D-Bus is an answer. */
export function callSystemd(
  kernel: Kernel,
  session: SystemdSession,
  method: Pick<DbusCall, 'member' | 'signature' | 'arguments'> & Partial<Pick<DbusCall, 'path' | 'interface'>>,
  returns: string,
): DbusReply {
  const call = {
    destination: 'org.freedesktop.systemd1',
    path: '/org/freedesktop/systemd1',
    interface: MANAGER,
    ...method,
  };
  return runDbusCall(kernel, session.connection, call, returns);
}

/** A property of the manager that is a string. */
export function readManagerText(kernel: Kernel, session: SystemdSession, name: string): string {
  const call = {
    destination: 'org.freedesktop.systemd1',
    path: '/org/freedesktop/systemd1',
    interface: 'org.freedesktop.DBus.Properties',
    member: 'Get',
    signature: 'ss',
    arguments: [MANAGER, name],
  };
  const [variant] = requireAnswer(call, runDbusCall(kernel, session.connection, call, 'v'));
  const { signature, value } = variant as DbusVariant;
  if (signature === 's') return value as string;
  throw new RuntimeError({ kind: 'kernel', message: `systemd's property ${name} is no text` });
}

/** PID 1's cgroup is the root of the tree; a user's manager is somewhere below, and its units below that. */
export function readSystemdFacts(kernel: Kernel, session: SystemdSession): SystemdFacts {
  const { manager } = session;
  if (manager === 'system') return { manager, controlGroup: '' };
  return { manager, controlGroup: readManagerText(kernel, session, 'ControlGroup') };
}

/** "262.1-1" -> 262; 0: it does not say. */
export function readSystemdVersion(kernel: Kernel, session: SystemdSession): number {
  const text = readManagerText(kernel, session, 'Version');
  let version = 0;
  for (const letter of text[0] === 'v' ? text.slice(1) : text) {
    if (letter < '0' || letter > '9') break;
    version = version * 10 + Number(letter);
  }
  return version;
}
