/**
 * Where the records of containers lie: <root>/<id>/. Opens the root once, as a descriptor, after checking whose it is; claims,
 * opens, locks and removes the directory of one container. What is in state.json is not its business.
 *
 * The lock is flock(2) on the container's directory: create, start and delete hold it, readers need none (state.json is
 * replaced by rename). A child of clone3 shares the lock's open file: unlockContainer releases it for both.
 * [man flock.2, openat2.2]
 */
import type { GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY, O_NOFOLLOW } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import {
  AT_REMOVEDIR,
  AT_SYMLINK_NOFOLLOW,
  LOCK_EX,
  LOCK_NB,
  LOCK_UN,
  O_PATH,
  O_RDONLY,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  S_IFDIR,
  S_IFMT,
} from '../kernel/flags.ts';
import type { Kernel, Stat } from '../kernel/kernel.ts';
import { isInitialUserNamespace } from '../kernel/read-host-facts.ts';
import { checkId } from './check-id.ts';
import { removeBelow } from './remove-below.ts';

export interface StateDirectory {
  readonly id: string;
  /** The state root. */
  readonly root: Fd<'host'>;
  /** <root>/<id>, the lock's and the records' directory. */
  readonly directory: Fd<'host'>;
}

/** Everything below the root is opened by a bare name, through no symlink. */
const resolveOwn = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;

/**
 * The path of the state root: --root, else /run/runt for root and $XDG_RUNTIME_DIR/runt for everyone else. Root of a user
 * namespace below the initial one is everyone else, unless $USER says root: as runc.
 */
export function stateRootPath(kernel: Kernel, globals: Pick<GlobalOptions, 'root'>): string {
  if (globals.root !== undefined) return globals.root;
  const isRoot = kernel.geteuid() === 0;
  const environment = kernel.environ();
  const runtimeDirectory = variableOf(environment, 'XDG_RUNTIME_DIR');
  const hasDirectory = runtimeDirectory !== undefined && runtimeDirectory.charCodeAt(0) === SLASH;
  if (isRoot) {
    const isOurs = hasDirectory && variableOf(environment, 'USER') !== 'root' && !isInitialUserNamespace(kernel);
    return isOurs ? `${runtimeDirectory}/runt` : '/run/runt';
  }
  if (hasDirectory) return `${runtimeDirectory}/runt`;
  throw new RuntimeError({
    kind: 'usage',
    message: 'no directory for the state of containers: XDG_RUNTIME_DIR is not set',
    hint: 'set XDG_RUNTIME_DIR or give --root',
  });
}

const SLASH = 47;

function variableOf(environment: readonly string[], name: string): string | undefined {
  const entry = environment.find((each) => each.startsWith(`${name}=`));
  return entry?.slice(name.length + 1);
}

/** undefined: there is none. Refuses a root that others could have prepared. */
export function openStateRoot(kernel: Kernel, globals: Pick<GlobalOptions, 'root'>): Fd<'host'> | undefined {
  const path = stateRootPath(kernel, globals);
  if (globals.root === undefined && path !== '/run/runt') checkRuntimeDirectory(kernel, path.slice(0, -'/runt'.length));
  const opened = openRootOrErrno(kernel, path);
  if (opened === 'ENOENT') return undefined;
  if (typeof opened === 'string') throw rootError(path, opened);
  checkOwner(kernel, opened.path, kernel.fstat(opened));
  return opened;
}

/** Opens the root, making it (and what is missing above it) with mode 0700. */
export function createStateRoot(kernel: Kernel, globals: Pick<GlobalOptions, 'root'>): Fd<'host'> {
  const existing = openStateRoot(kernel, globals);
  if (existing !== undefined) return existing;
  const path = stateRootPath(kernel, globals);
  makeDirectories(kernel, path);
  const root = openStateRoot(kernel, globals);
  if (root === undefined) throw rootError(path, 'ENOENT');
  // The sticky bit tells the cleaners of $XDG_RUNTIME_DIR to leave it alone [XDG base directory specification].
  if (globals.root === undefined && path !== '/run/runt') kernel.fchmod(root, 0o1700);
  return root;
}

/** undefined: no such container. Not locked. */
export function openContainer(
  kernel: Kernel,
  globals: Pick<GlobalOptions, 'root'>,
  id: string,
): StateDirectory | undefined {
  checkId(id);
  const root = openStateRoot(kernel, globals);
  if (root === undefined) return undefined;
  const directory = openDirectory(kernel, root, id);
  return directory === undefined ? undefined : { id, root, directory };
}

/** The same, when it must exist. */
export function requireContainer(kernel: Kernel, globals: Pick<GlobalOptions, 'root'>, id: string): StateDirectory {
  return openContainer(kernel, globals, id) ?? noSuchContainer(id);
}

export function noSuchContainer(id: string): never {
  throw new RuntimeError({ kind: 'state', message: absence(id) });
}

/** What noSuchContainer throws. */
export function isNoSuchContainer({ fields }: RuntimeError, id: string): boolean {
  return fields.kind === 'state' && fields.message === absence(id);
}

const absence = (id: string): string => `container ${id}: container does not exist`;

/**
 * Makes <root>/<id>, locked. undefined: the name is taken. The caller says whether by a container or by the rest of an
 * interrupted create (claim-container.ts).
 */
export function makeContainerDirectory(
  kernel: Kernel,
  globals: Pick<GlobalOptions, 'root'>,
  id: string,
): StateDirectory | undefined {
  checkId(id);
  const root = createStateRoot(kernel, globals);
  const errno = kernel.mkdiratOrErrno(root, id, 0o700);
  if (errno === 'EEXIST') return undefined;
  if (errno !== undefined) {
    throw new RuntimeError({ kind: 'kernel', path: `${root.path}/${id}`, syscall: 'mkdirat', errno });
  }
  try {
    const directory = openDirectory(kernel, root, id);
    if (directory === undefined) return undefined;
    const container = { id, root, directory };
    lockContainer(kernel, container);
    return container;
  } catch (error) {
    // It is empty and ours: the caller never got it, so nobody else would undo it.
    kernel.unlinkatOrErrno(root, id, AT_REMOVEDIR);
    throw error;
  }
}

/** Waits for whoever holds the lock. Throws 'container does not exist' when that was a delete. */
export function lockContainer(kernel: Kernel, container: StateDirectory): void {
  if (!lockIfThere(kernel, container)) noSuchContainer(container.id);
}

/**
 * The same; false: it is gone. `beforeWaiting` is called when somebody else holds it.
 * [order] asked under the lock: a directory that a delete removed has no links left.
 */
export function lockIfThere(kernel: Kernel, container: StateDirectory, beforeWaiting?: () => void): boolean {
  if (beforeWaiting === undefined) kernel.flock(container.directory, LOCK_EX);
  else if (!tryLockContainer(kernel, container)) {
    beforeWaiting();
    kernel.flock(container.directory, LOCK_EX);
  }
  return kernel.fstat(container.directory).nlink !== 0;
}

/** false: another runt holds it. */
export function tryLockContainer(kernel: Kernel, container: StateDirectory): boolean {
  return kernel.flock(container.directory, LOCK_EX | LOCK_NB);
}

export function unlockContainer(kernel: Kernel, container: StateDirectory): void {
  kernel.flock(container.directory, LOCK_UN);
}

/** Removes the records and the directory. [order] state.json last: until then a repeated delete finds what to do. */
export function removeContainerDirectory(kernel: Kernel, container: StateDirectory): void {
  for (const name of readNames(kernel, container.directory)) {
    if (name === notifyDirectory) removeNotifyDirectory(kernel, container.directory);
    else if (name !== 'state.json') kernel.unlinkat(container.directory, name, 0);
  }
  let errno = kernel.unlinkatOrErrno(container.directory, 'state.json', 0);
  // Nobody of ours makes a directory there, but a container must not become undeletable by one.
  if (errno === 'EISDIR') errno = kernel.unlinkatOrErrno(container.directory, 'state.json', AT_REMOVEDIR);
  if (errno !== undefined && errno !== 'ENOENT') {
    throw new RuntimeError({
      kind: 'kernel',
      path: `${container.directory.path}/state.json`,
      syscall: 'unlinkat',
      errno,
    });
  }
  kernel.unlinkat(container.root, container.id, AT_REMOVEDIR);
}

/**
 * The one directory in it: what the container sees as /run/notify (lifecycle/notify-relay.ts), read-only, with a socket in it. One
 * that may mount can write there all the same.
 */
const notifyDirectory = 'notify';

function removeNotifyDirectory(kernel: Kernel, parent: Fd<'host'>): void {
  const directory = openDirectory(kernel, parent, notifyDirectory);
  if (directory === undefined) return;
  removeBelow(kernel, directory);
  kernel.close(directory);
  kernel.unlinkat(parent, notifyDirectory, AT_REMOVEDIR);
}

/** Through a descriptor of its own: a directory's offset stays where the last reader left it. */
function readNames(kernel: Kernel, directory: Fd<'host'>): readonly string[] {
  const again = kernel.openat2(directory, '.', O_RDONLY | O_DIRECTORY, 0, resolveOwn);
  const names = kernel.readDirectory(again);
  kernel.close(again);
  return names;
}

/** The ids of all containers of the root, in the order of their names. No id begins with a dot: the filter cache does. */
export function listContainerIds(kernel: Kernel, root: Fd<'host'>): readonly string[] {
  return readNames(kernel, root)
    .filter((name) => name[0] !== '.' && isDirectory(kernel, root, name))
    .sort();
}

/** What cannot be looked at may be one: whoever opens it then says why it cannot. */
function isDirectory(kernel: Kernel, root: Fd<'host'>, name: string): boolean {
  const stat = kernel.statxOrErrno(root, name, AT_SYMLINK_NOFOLLOW);
  if (typeof stat === 'string') return stat !== 'ENOENT';
  return (stat.mode & S_IFMT) === S_IFDIR;
}

/** The directory of a container under an open root; undefined: no such container. */
export function openDirectory(kernel: Kernel, root: Fd<'host'>, id: string): Fd<'host'> | undefined {
  const opened = kernel.openat2OrErrno(root, id, O_RDONLY | O_DIRECTORY, 0, resolveOwn);
  if (typeof opened !== 'string') return opened;
  if (opened === 'ENOENT') return undefined;
  const hint = opened === 'ELOOP' || opened === 'ENOTDIR' ? 'something else than a container lies there' : undefined;
  throw new RuntimeError({
    kind: 'kernel',
    path: `${root.path}/${id}`,
    syscall: 'openat2',
    errno: opened,
    ...(hint && { hint }),
  });
}

/** Symlinks above the root are the operator's (/var/run); the root itself must be a directory, not a link. */
function openRootOrErrno(kernel: Kernel, path: string): Fd<'host'> | string {
  if (path === '' || path === '/') {
    throw new RuntimeError({ kind: 'usage', path: '--root', message: `cannot be ${path === '' ? 'empty' : '"/"'}` });
  }
  return kernel.openat2OrErrno(cwdFd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, 0);
}

/** Who else may write here could make us signal or remove what they like. */
function checkOwner(kernel: Kernel, path: string, stat: Stat): void {
  const others = stat.mode & 0o022;
  if ((stat.uid === 0 || stat.uid === kernel.geteuid()) && others === 0) return;
  throw new RuntimeError({
    kind: 'usage',
    operation: 'open the state root',
    path,
    message: `owned by uid ${stat.uid}, mode 0${(stat.mode & 0o7777).toString(8)}: refusing`,
    hint: 'it must belong to you or root and be writable by nobody else: chmod 0700',
  });
}

/** Who owns $XDG_RUNTIME_DIR, wherever a link leads, can put another directory in the place of ours at any time. */
function checkRuntimeDirectory(kernel: Kernel, path: string): void {
  const directory = kernel.openat2OrErrno(cwdFd, path, O_PATH | O_DIRECTORY, 0, 0);
  if (directory === 'ENOENT') return; // It is made, with what is missing above it.
  if (typeof directory === 'string') throw rootError(path, directory);
  checkOwner(kernel, path, kernel.fstat(directory));
  kernel.close(directory);
}

function makeDirectories(kernel: Kernel, path: string): void {
  const errno = kernel.mkdiratOrErrno(cwdFd, path, 0o700);
  if (errno === undefined || errno === 'EEXIST') return;
  const parentEnd = path.lastIndexOf('/');
  if (errno !== 'ENOENT' || parentEnd <= 0) throw rootError(path, errno, 'mkdirat');
  makeDirectories(kernel, path.slice(0, parentEnd));
  const again = kernel.mkdiratOrErrno(cwdFd, path, 0o700);
  if (again !== undefined && again !== 'EEXIST') throw rootError(path, again, 'mkdirat');
}

function rootError(path: string, errno: string, syscall = 'openat2'): RuntimeError {
  return new RuntimeError({ kind: 'kernel', operation: 'open the state root', path, syscall, errno });
}
