/** Files of the fake kernel. Each method refuses what Linux refuses, as far as the runtime can notice. */

import { O_DIRECTORY, O_NOFOLLOW } from '../kernel/architecture-flags.ts';
import type { Fd, FdTree } from '../kernel/fd.ts';
import {
  AT_EMPTY_PATH,
  AT_REMOVEDIR,
  AT_SYMLINK_NOFOLLOW,
  O_CREAT,
  O_EXCL,
  O_PATH,
  O_TRUNC,
  RDTGROUP_SUPER_MAGIC,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  STATX_ATTR_MOUNT_ROOT,
} from '../kernel/flags.ts';
import type { Kernel, Stat } from '../kernel/kernel.ts';
import type { FileMethods } from '../kernel/native-files.ts';
import { writeCgroup } from './fake-cgroup.ts';
import { answerNetlink } from './fake-netlink.ts';
import type { FakeProcess } from './fake-process.ts';
import { fail, isDirectory, isLink, isNamespace, makeNode, type Node, type Place } from './fake-world.ts';

/** [man renameat2.2] */
const RENAME_EXCHANGE = 2;

/** The result of fn, or the errno's name when it fails. */
export function errnoOf<T>(fn: () => T): T | string {
  try {
    return fn();
  } catch (error) {
    const errno = (error as { fields?: { errno?: string } }).fields?.errno;
    if (errno === undefined) throw error;
    return errno;
  }
}

export function fakeFiles(process: FakeProcess): Pick<Kernel, FileMethods> {
  const open = <Tree extends FdTree>(
    dirfd: Fd<Tree>,
    path: string,
    flags: number,
    mode: number,
    resolve: number,
  ): Fd<Tree> => {
    const found = process.lookup('openat2', dirfd, path, resolve, (flags & O_NOFOLLOW) === 0 && (flags & O_EXCL) === 0);
    let place = found.place;
    if (place === undefined) {
      if ((flags & O_CREAT) === 0) fail('openat2', 'ENOENT', path);
      const node = makeNode(S_IFREG | (mode & ~process.umask), { magic: found.directory.node.magic });
      found.directory.node.children.set(found.name, node);
      place = { node, mount: found.directory.mount, parent: found.directory, name: found.name };
    } else if ((flags & O_EXCL) !== 0) fail('openat2', 'EEXIST', path);
    if ((flags & O_DIRECTORY) !== 0 && !isDirectory(place.node)) fail('openat2', 'ENOTDIR', path);
    if (isLink(place.node) && !isNamespace(place.node) && (flags & O_PATH) === 0) fail('openat2', 'ELOOP', path);
    if ((flags & O_TRUNC) !== 0) place.node.text = '';
    return process.newFd<Tree>({ kind: 'file', place, offset: 0, flags, path: (flags & O_PATH) !== 0 }, path);
  };
  const makeAt = (syscall: string, dirfd: Fd, name: string, make: () => Node): Place => {
    const found = process.lookup(syscall, dirfd, name, 0, false);
    if (found.place !== undefined) fail(syscall, 'EEXIST', name);
    const node = make();
    node.magic = found.directory.node.magic;
    found.directory.node.children.set(found.name, node);
    found.directory.node.onMkdir?.(node, found.name);
    return { node, mount: found.directory.mount, parent: found.directory, name: found.name };
  };
  const stat = (dirfd: Fd, path: string, flags: number): Stat => {
    const place =
      path === '' && (flags & AT_EMPTY_PATH) !== 0
        ? process.placeOf(dirfd, 'statx')
        : process.lookup('statx', dirfd, path, 0, (flags & AT_SYMLINK_NOFOLLOW) === 0).place;
    return place === undefined ? fail('statx', 'ENOENT', path) : toStat(place);
  };
  const unlink = (dirfd: Fd, name: string, flags: number): undefined => {
    const { directory, place, name: last } = process.lookup('unlinkat', dirfd, name, 0, false);
    if (place === undefined) fail('unlinkat', 'ENOENT', name);
    if (isDirectory(place.node) !== ((flags & AT_REMOVEDIR) !== 0))
      fail('unlinkat', isDirectory(place.node) ? 'EISDIR' : 'ENOTDIR', name);
    const kept = [...place.node.children.values()].filter(
      (child) => isDirectory(child) || place.node.onMkdir === undefined,
    );
    // A group of resctrl goes with all that is in it; its tasks fall back to the class above.
    const isResctrl = place.node.magic === RDTGROUP_SUPER_MAGIC;
    if (!isResctrl && isDirectory(place.node) && kept.length > 0)
      fail('unlinkat', place.node.onMkdir === undefined ? 'ENOTEMPTY' : 'EBUSY', name);
    // A cgroup with processes, and one of its files, cannot be removed.
    if (!isResctrl && isBusyCgroup(place.node)) fail('unlinkat', 'EBUSY', name);
    directory.node.children.delete(last);
    place.node.nlink = 0;
  };
  const mkdir = (dirfd: Fd, name: string, mode: number): undefined => {
    const made = makeAt('mkdirat', dirfd, name, () => makeNode(S_IFDIR | (mode & ~process.umask)));
    if (made.parent?.node.onMkdir !== undefined && made.node.magic !== RDTGROUP_SUPER_MAGIC)
      made.node.onMkdir ??= made.parent.node.onMkdir;
  };
  return {
    openat2: open,
    openat2OrErrno: (dirfd, path, flags, mode, resolve) => errnoOf(() => open(dirfd, path, flags, mode, resolve)),
    close: (fd) => process.close(fd),
    readAll(fd, limitBytes) {
      const file = process.fileOf(fd, 'read');
      const text = file.place.node.text.slice(file.offset);
      if (text.length > limitBytes) fail('read', 'EFBIG', fd.path);
      file.offset += text.length;
      return text;
    },
    read(fd, lengthBytes) {
      const open = process.openOf(fd, 'read');
      if (open.kind === 'netlink') return open.answers.shift() ?? new Uint8Array();
      // A pipe: whoever wrote to it has ended.
      if (open.kind === 'fs' || open.kind === 'object') return new Uint8Array();
      const file = process.fileOf(fd, 'read');
      const text = file.place.node.text.slice(file.offset, file.offset + lengthBytes);
      file.offset += text.length;
      return Uint8Array.from(text, (character) => character.charCodeAt(0));
    },
    write(fd, data) {
      const open = process.openOf(fd, 'write');
      if (open.kind === 'object' || open.kind === 'socket') return;
      if (open.kind === 'netlink') {
        const namespaceOf = (number: number) => process.textOf(number);
        open.answers.push(answerNetlink(process.networks, open.network, data as Uint8Array, namespaceOf));
        return;
      }
      const file = process.fileOf(fd, 'write');
      const text = typeof data === 'string' ? data : String.fromCharCode(...data);
      process.onWrite(file.place, text);
      const node = file.place.node;
      if (node.onWrite !== undefined) {
        node.text = node.onWrite(text);
        return;
      }
      const { parent, name } = file.place;
      node.text =
        parent?.node.onMkdir === undefined
          ? node.text.slice(0, file.offset) + text
          : writeCgroup(parent.node, name, text);
      file.offset += text.length;
    },
    writeSomeOrErrno(fd, data) {
      const failed = errnoOf(() => this.write(fd, data));
      return typeof failed === 'string' ? failed : data.length;
    },
    statx: stat,
    statxOrErrno: (dirfd, path, flags) => errnoOf(() => stat(dirfd, path, flags)),
    fstat: (fd) => toStat(process.placeOf(fd, 'statx')),
    fstatfs: (fd) => process.placeOf(fd, 'fstatfs').node.magic,
    mkdirat: (dirfd, name, mode) => {
      mkdir(dirfd, name, mode);
    },
    mkdiratOrErrno: (dirfd, name, mode) => errnoOf(() => mkdir(dirfd, name, mode)),
    mknodat(dirfd, name, mode, major, minor) {
      makeAt('mknodat', dirfd, name, () =>
        makeNode((mode & S_IFMT) | (mode & 0o7777 & ~process.umask), { rdev: [major, minor] }),
      );
    },
    symlinkat(target, dirfd, name) {
      makeAt('symlinkat', dirfd, name, () => makeNode(S_IFLNK | 0o777, { target }));
    },
    unlinkat: unlink,
    unlinkatOrErrno: (dirfd, name, flags) => errnoOf(() => unlink(dirfd, name, flags)),
    renameat2(oldDirfd, oldName, newDirfd, newName, flags) {
      const from = process.lookup('renameat2', oldDirfd, oldName, 0, false);
      const to = process.lookup('renameat2', newDirfd, newName, 0, false);
      if (from.place === undefined) fail('renameat2', 'ENOENT', oldName);
      if ((flags & RENAME_EXCHANGE) !== 0) {
        if (to.place === undefined) fail('renameat2', 'ENOENT', newName);
        from.directory.node.children.set(from.name, to.place.node);
      } else {
        from.directory.node.children.delete(from.name);
        if (to.place !== undefined) to.place.node.nlink = 0;
      }
      to.directory.node.children.set(to.name, from.place.node);
    },
    readlinkat(dirfd, path) {
      const own = /^\/proc\/self\/fd\/(\d+)$/.exec(path);
      if (own !== null) {
        const open = process.descriptors.get(Number(own[1]));
        return open?.kind === 'file' ? process.pathOf(open.place) : fail('readlinkat', 'ENOENT', path);
      }
      const { place } = process.lookup('readlinkat', dirfd, path, 0, false);
      if (place === undefined) return fail('readlinkat', 'ENOENT', path);
      return isLink(place.node) ? place.node.target : fail('readlinkat', 'EINVAL', path);
    },
    faccessat2(dirfd, path, mode, flags) {
      const found = errnoOf(() => stat(dirfd, path, flags));
      if (typeof found === 'string') return found;
      return (mode & 1) !== 0 && (found.mode & 0o111) === 0 ? 'EACCES' : undefined;
    },
    fchmod(fd, mode) {
      const node = process.placeOf(fd, 'fchmod').node;
      node.mode = (node.mode & S_IFMT) | mode;
    },
    fchown(fd, uid, gid) {
      Object.assign(process.placeOf(fd, 'fchownat').node, { uid, gid });
    },
    flock: () => true,
    readDirectory: (fd) => [...process.placeOf(fd, 'getdents64').node.children.keys()],
    fcntl: () => 0,
    duplicate: <Tree extends FdTree>(fd: Fd<Tree>) => process.newFd<Tree>(process.openOf(fd, 'fcntl'), fd.path),
    dup2: (fd, newNumber) => process.install(newNumber, process.openOf(fd, 'dup3')),
    closeRange: (first, last, flags) => process.closeRange(first, last, flags),
    memfdCreate: (name) => {
      const node = makeNode(S_IFREG | 0o777);
      return process.newFd<'object'>(
        {
          kind: 'file',
          place: { node, mount: process.rootPlace.mount, parent: undefined, name },
          offset: 0,
          flags: 2,
          path: false,
        },
        name,
      );
    },
    sendfile: () => 0,
    fchdir(fd) {
      const place = process.placeOf(fd, 'fchdir');
      if (!isDirectory(place.node)) fail('fchdir', 'ENOTDIR', fd.path);
      process.cwd = place;
    },
    getcwd: () => process.pathOf(process.cwd),
    umask(mode) {
      const old = process.umask;
      process.umask = mode;
      return old;
    },
    poll: (fds) => fds.map(() => 1),
    pipe2: () => [
      process.newFd({ kind: 'object', what: 'pipe' }, 'pipe'),
      process.newFd({ kind: 'object', what: 'pipe' }, 'pipe'),
    ],
    flistxattr: () => [],
    fgetxattr: (fd) => fail('fgetxattr', 'ENODATA', fd.path),
    fsetxattr: () => {},
    futimensSeconds: () => {},
  };
}

const isBusyCgroup = (node: Node): boolean =>
  isDirectory(node) && node.onMkdir !== undefined && node.children.get('cgroup.procs')?.text !== '';

function toStat({ node, mount }: Place): Stat {
  return {
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    nlink: node.nlink,
    rdevMajor: node.rdev[0],
    rdevMinor: node.rdev[1],
    devMajor: 0,
    devMinor: mount.id,
    ino: node.ino,
    size: node.text.length,
    mountId: mount.id,
    attributes: mount.root === node ? STATX_ATTR_MOUNT_ROOT : 0,
    mtimeSeconds: 0,
  };
}
