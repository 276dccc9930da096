/**
 * Whether a parsed state.json is a StateRecord of the container it lies under. Written by hand and not by ajv: it runs in
 * every command, and a record decides which process is signalled and which cgroup is removed, so ranges matter more than
 * shapes (pid 1 is never a container's, an inode is never 0).
 */
import type { StateRecord } from './state-record.ts';

export interface StateFault {
  /** JSON pointer into state.json. */
  readonly pointer: string;
  readonly what: string;
}

type Members = { readonly [key: string]: unknown };

const phases: readonly unknown[] = ['creating', 'created', 'deleting'];
const cgroupManagers: readonly unknown[] = ['cgroupfs', 'systemd', 'disabled'];
const absolutePaths = ['bundle', 'rootfs'];
const texts = ['ociVersion', 'created', 'bootId'];

/** undefined: it is one. */
export function checkStateRecord(value: unknown, id: string): StateFault | undefined {
  if (!isObject(value)) return { pointer: '', what: 'is not an object' };
  if (value.version !== 1) return { pointer: '/version', what: 'is of another version of runt' };
  if (value.id !== id) return { pointer: '/id', what: `is not ${JSON.stringify(id)}` };
  if (!phases.includes(value.phase)) return { pointer: '/phase', what: 'is unknown' };
  return (
    checkTexts(value) ??
    checkScalars(value) ??
    checkIdentities(value) ??
    checkCgroup(value.cgroup) ??
    checkUnit(value.systemdUnit) ??
    checkResctrl(value.resctrl) ??
    checkHooks(value.hooks)
  );
}

/**
 * What a damaged record still says for certain: the parts that are sound by themselves. Enough to end its processes, to take off
 * its mounts on the host and to remove its cgroup and class of service, and for nothing else. undefined: nothing is certain.
 */
export function salvageRecord(value: unknown, id: string): StateRecord | undefined {
  if (!isObject(value) || value.id !== id || typeof value.bootId !== 'string') return undefined;
  const hasInit = value.init !== undefined && checkInit(value.init) === undefined;
  const hasCgroup = value.cgroup !== undefined && checkCgroup(value.cgroup) === undefined;
  const hasUnit = hasCgroup && value.systemdUnit !== undefined && checkUnit(value.systemdUnit) === undefined;
  const hasResctrl = value.resctrl !== undefined && checkResctrl(value.resctrl) === undefined;
  const mounts = salvageMounts(value);
  if (!hasInit && !hasCgroup && !hasResctrl && mounts === undefined) return undefined;
  return {
    version: 1,
    phase: 'deleting',
    id,
    ociVersion: '',
    bundle: '/',
    rootfs: '/',
    ...mounts,
    created: '',
    owner: 0,
    bootId: value.bootId,
    runtime: { pid: 1, startTime: 0 },
    cgroupManager: hasUnit ? 'systemd' : hasCgroup ? 'cgroupfs' : 'disabled',
    terminal: false,
    ...(hasInit && { init: value.init as NonNullable<StateRecord['init']> }),
    ...(hasCgroup && { cgroup: value.cgroup as NonNullable<StateRecord['cgroup']> }),
    ...(hasUnit && { systemdUnit: value.systemdUnit as NonNullable<StateRecord['systemdUnit']> }),
    ...(hasResctrl && { resctrl: value.resctrl as NonNullable<StateRecord['resctrl']> }),
  };
}

/**
 * Ids say nothing without the root that they lie below. Without a list of its own mounts only a record of a create under way
 * means that all new ones are the container's.
 */
function salvageMounts(value: Members): Pick<StateRecord, 'rootfs' | 'hostMounts' | 'madeMounts'> | undefined {
  const { rootfs, hostMounts, madeMounts, phase } = value;
  if (typeof rootfs !== 'string' || rootfs[0] !== '/' || rootfs === '/' || !isIdList(hostMounts)) return undefined;
  if (isIdList(madeMounts)) return { rootfs, hostMounts, madeMounts };
  return madeMounts === undefined && phase === 'creating' ? { rootfs, hostMounts } : undefined;
}

function isIdList(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((id) => isCount(id, 0));
}

function checkTexts(record: Members): StateFault | undefined {
  for (const key of texts) {
    if (typeof record[key] !== 'string') return { pointer: `/${key}`, what: 'is not a string' };
  }
  for (const key of absolutePaths) {
    const path = record[key];
    if (typeof path !== 'string' || path[0] !== '/') return { pointer: `/${key}`, what: 'is not an absolute path' };
  }
  return undefined;
}

function checkScalars(record: Members): StateFault | undefined {
  if (!isCount(record.owner, 0)) return { pointer: '/owner', what: 'is not a user id' };
  if (typeof record.terminal !== 'boolean') return { pointer: '/terminal', what: 'is not a boolean' };
  const { notifySocket } = record;
  if (notifySocket !== undefined && typeof notifySocket !== 'boolean')
    return { pointer: '/notifySocket', what: 'is not a boolean' };
  if (!cgroupManagers.includes(record.cgroupManager)) return { pointer: '/cgroupManager', what: 'is unknown' };
  for (const key of ['hostMounts', 'madeMounts']) {
    if (record[key] !== undefined && !isIdList(record[key])) {
      return { pointer: `/${key}`, what: 'is not a list of mount ids' };
    }
  }
  return checkStringMap(record.annotations, '/annotations') ?? checkListener(record.seccompListener);
}

function checkListener(value: unknown): StateFault | undefined {
  const pointer = '/seccompListener';
  const fault = checkStringMap(value, pointer);
  if (value === undefined || fault !== undefined) return fault;
  const { path } = value as Members;
  return typeof path === 'string' && path[0] === '/'
    ? undefined
    : { pointer: `${pointer}/path`, what: 'is not an absolute path' };
}

function checkStringMap(value: unknown, pointer: string): StateFault | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) return { pointer, what: 'is not an object' };
  for (const key of Object.keys(value)) {
    if (typeof value[key] !== 'string') return { pointer: `${pointer}/${key}`, what: 'is not a string' };
  }
  return undefined;
}

function checkIdentities(record: Members): StateFault | undefined {
  const runtime = checkIdentity(record.runtime, '/runtime', 1);
  return runtime ?? (record.init === undefined ? undefined : checkInit(record.init));
}

/** Pid 1 is the host's own init, or that of the namespace the whole engine lives in: never a container's. */
function checkInit(init: unknown): StateFault | undefined {
  const identity = checkIdentity(init, '/init', 2);
  if (identity !== undefined) return identity;
  const members = init as Members;
  if (!isCount(members.pidNamespace, 0)) return { pointer: '/init/pidNamespace', what: 'is not an inode number' };
  if (typeof members.ownPidNamespace === 'boolean') return undefined;
  return { pointer: '/init/ownPidNamespace', what: 'is not a boolean' };
}

function checkIdentity(value: unknown, pointer: string, lowestPid: number): StateFault | undefined {
  if (!isObject(value)) return { pointer, what: 'is not an object' };
  const pid = value.pid;
  if (!isCount(pid, lowestPid) || pid > 0x7fffffff)
    return { pointer: `${pointer}/pid`, what: 'is not the pid of a container' };
  if (!isCount(value.startTime, 0)) return { pointer: `${pointer}/startTime`, what: 'is not a time in clock ticks' };
  return undefined;
}

function checkCgroup(value: unknown): StateFault | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) return { pointer: '/cgroup', what: 'is not an object' };
  if (!isCgroupPath(value.path)) return { pointer: '/cgroup/path', what: 'is not the path of a cgroup below the root' };
  if (!isCount(value.inode, 0)) return { pointer: '/cgroup/inode', what: 'is not an inode number' };
  const parents = value.createdParents;
  if (!Array.isArray(parents) || !parents.every(isCgroupPath)) {
    return { pointer: '/cgroup/createdParents', what: 'is not a list of cgroup paths' };
  }
  return undefined;
}

/** A unit of a container is a scope or a slice: nothing else of the host is ever stopped. */
function checkUnit(value: unknown): StateFault | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) return { pointer: '/systemdUnit', what: 'is not an object' };
  const { name, manager } = value;
  const isUnit =
    typeof name === 'string' && !name.includes('/') && (name.endsWith('.scope') || name.endsWith('.slice'));
  if (!isUnit || name.length > 255)
    return { pointer: '/systemdUnit/name', what: 'is not the name of a scope or slice' };
  if (manager === 'system' || manager === 'user') return undefined;
  return { pointer: '/systemdUnit/manager', what: 'is neither "system" nor "user"' };
}

/** Names of directories that a delete may remove: one component each, never a way out of the mount. */
function checkResctrl(value: unknown): StateFault | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) return { pointer: '/resctrl', what: 'is not an object' };
  const { mountPoint, group, madeInode, isNamed, monitor } = value;
  if (typeof mountPoint !== 'string' || mountPoint[0] !== '/') {
    return { pointer: '/resctrl/mountPoint', what: 'is not an absolute path' };
  }
  if (group !== '' && !isName(group)) return { pointer: '/resctrl/group', what: 'is not the name of a class' };
  if (madeInode !== undefined && (!isCount(madeInode, 0) || group === '')) {
    return { pointer: '/resctrl/madeInode', what: 'is not the inode number of a class' };
  }
  if (typeof isNamed !== 'boolean') return { pointer: '/resctrl/isNamed', what: 'is not a boolean' };
  if (monitor !== undefined && !isName(monitor)) return { pointer: '/resctrl/monitor', what: 'is not a name' };
  return undefined;
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value !== '.' && value !== '..' && !value.includes('/');
}

/** "/a/b": never the root of the tree and never a way out of it (rule B16). */
function isCgroupPath(path: unknown): path is string {
  if (typeof path !== 'string' || path.length < 2 || path[0] !== '/') return false;
  return path
    .slice(1)
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..');
}

function checkHooks(value: unknown): StateFault | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) return { pointer: '/hooks', what: 'is not an object' };
  for (const kind of ['poststart', 'poststop']) {
    const hooks = value[kind];
    if (hooks !== undefined && !(Array.isArray(hooks) && hooks.every(isHook))) {
      return { pointer: `/hooks/${kind}`, what: 'is not a list of hooks' };
    }
  }
  return undefined;
}

function isHook(value: unknown): boolean {
  if (!isObject(value)) return false;
  const path = value.path;
  if (typeof path !== 'string' || path[0] !== '/') return false;
  if (!isOptionalTexts(value.args) || !isOptionalTexts(value.env)) return false;
  return value.timeout === undefined || isCount(value.timeout, 1);
}

function isOptionalTexts(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown, lowest: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= lowest;
}
