/** Mounts of the fake kernel: detached trees that are attached on places. [man fsopen.2, open_tree.2, move_mount.2] */
import type { Fd, FdTree } from '../kernel/fd.ts';
import {
  CGROUP2_SUPER_MAGIC,
  DEVPTS_SUPER_MAGIC,
  MOUNT_ATTR_IDMAP,
  OPEN_TREE_CLONE,
  PROC_SUPER_MAGIC,
  S_IFDIR,
} from '../kernel/flags.ts';
import type { Kernel, MountAttributes } from '../kernel/kernel.ts';
import type { MountMethods } from '../kernel/native-mounts.ts';
import { errnoOf } from './fake-files.ts';
import type { FakeProcess } from './fake-process.ts';
import { fail, makeMount, makeNode, type Node, type Open, plant, TMPFS_MAGIC, type Tree } from './fake-world.ts';

const SYSFS_MAGIC = 0x62656572;

const magics: Readonly<Record<string, number>> = {
  proc: PROC_SUPER_MAGIC,
  sysfs: SYSFS_MAGIC,
  tmpfs: TMPFS_MAGIC,
  devpts: DEVPTS_SUPER_MAGIC,
  cgroup2: CGROUP2_SUPER_MAGIC,
  mqueue: 0x19800202,
};

/** What a fresh instance of a file system shows. */
function contentOf(fsType: string, procTree: Tree): Tree {
  if (fsType === 'proc') return procTree;
  if (fsType === 'sysfs') return { firmware: {}, fs: { cgroup: {} } };
  if (fsType === 'devpts') return { ptmx: { $device: [5, 2] } };
  return {};
}

/** [man mount_setattr.2]: the pseudo file systems have no FS_ALLOW_IDMAP; a mount that was visible once is too late. */
function checkIdMap(open: Open, attributes: MountAttributes, path: string): void {
  if (attributes.userns === undefined) fail('mount_setattr', 'EBADF', path);
  const mount = open.kind === 'mount' && !open.attached ? open.mount : undefined;
  const magic = mount?.root.magic ?? PROC_SUPER_MAGIC;
  if ([PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC].includes(magic)) {
    fail('mount_setattr', 'EINVAL', path);
  }
  if (((mount?.attributes ?? 0) & MOUNT_ATTR_IDMAP) !== 0) fail('mount_setattr', 'EPERM', path);
}

/** class/net of a sysfs: the devices of the network namespace that it was mounted in, as they are when somebody looks. */
function showDevices(sysfs: Node, { networks, network }: FakeProcess): void {
  plant(sysfs, { class: { net: {} } });
  const devices = sysfs.children.get('class')?.children.get('net');
  if (devices === undefined) return;
  const list = () =>
    (networks.get(network) ?? []).map(({ name, identity }) => [name, makeNode(S_IFDIR, { ino: identity })] as const);
  Object.defineProperty(devices, 'children', { get: () => new Map(list()) });
}

export function fakeMounts(process: FakeProcess, procTree: Tree): Pick<Kernel, MountMethods> {
  const openTree = <Tree extends FdTree>(dirfd: Fd<Tree>, path: string, flags: number): Fd<Tree> => {
    const place =
      path === '' ? process.placeOf(dirfd, 'open_tree') : process.lookup('open_tree', dirfd, path, 0, true).place;
    if (place === undefined) return fail('open_tree', 'ENOENT', path);
    if ((flags & OPEN_TREE_CLONE) === 0)
      return process.newFd<Tree>({ kind: 'file', place, offset: 0, flags: 0, path: true }, path);
    const mount = { ...makeMount(place.node, 'bind'), attributes: place.mount.attributes };
    return process.newFd<Tree>({ kind: 'mount', mount, attached: false }, path === '' ? dirfd.path : path);
  };
  const moveMount = (fromFd: Fd, toFd: Fd, toPath: string): undefined => {
    const open = process.openOf(fromFd, 'move_mount');
    if (open.kind !== 'mount' || open.attached) return fail('move_mount', 'EINVAL', fromFd.path);
    const place =
      toPath === '' ? process.placeOf(toFd, 'move_mount') : process.lookup('move_mount', toFd, toPath, 0, true).place;
    if (place === undefined) return fail('move_mount', 'ENOENT', toPath);
    open.attached = true;
    place.node.covers.push({ on: place.mount.id, mount: open.mount });
  };
  return {
    openTree,
    openTreeOrErrno: (dirfd, path, flags) => errnoOf(() => openTree(dirfd, path, flags)),
    moveMount: (fromFd, _fromPath, toFd, toPath) => {
      moveMount(fromFd, toFd, toPath);
    },
    moveMountOrErrno: (fromFd, _fromPath, toFd, toPath) => errnoOf(() => moveMount(fromFd, toFd, toPath)),
    fsopen(fsType) {
      if (magics[fsType] === undefined) fail('fsopen', 'ENODEV', fsType);
      return process.newFd<'object'>({ kind: 'fs', fsType, parameters: new Map() }, fsType);
    },
    fsconfig(fd, _command, key, value) {
      const open = process.openOf(fd, 'fsconfig');
      if (open.kind !== 'fs') return fail('fsconfig', 'EINVAL', fd.path);
      if (key !== null) open.parameters.set(key, value);
    },
    fsmount(fd, _flags, attributes) {
      const open = process.openOf(fd, 'fsmount');
      if (open.kind !== 'fs') return fail('fsmount', 'EINVAL', fd.path);
      const root: Node = makeNode(S_IFDIR | 0o755, {
        magic: magics[open.fsType] ?? 0,
        ino: open.fsType === 'proc' ? 1 : 2,
      });
      plant(root, contentOf(open.fsType, procTree));
      if (open.fsType === 'sysfs') showDevices(root, process);
      // devpts gives its ptmx this inode, by which it is known.
      if (open.fsType === 'devpts') Object.assign(root.children.get('ptmx') ?? {}, { ino: 2 });
      const mount = { ...makeMount(root, open.fsType), attributes };
      return process.newFd<'root'>({ kind: 'mount', mount, attached: false }, fd.path);
    },
    fspick: (dirfd, path) => {
      process.lookup('fspick', dirfd, path === '' ? '.' : path, 0, true);
      return process.newFd<'object'>({ kind: 'fs', fsType: 'tmpfs', parameters: new Map() }, path);
    },
    mountSetattr(dirfd, path, _flags, attributes) {
      const place =
        path === ''
          ? process.placeOf(dirfd, 'mount_setattr')
          : process.lookup('mount_setattr', dirfd, path, 0, true).place;
      if (place === undefined) return fail('mount_setattr', 'ENOENT', path);
      if ((attributes.set & MOUNT_ATTR_IDMAP) !== 0)
        checkIdMap(process.openOf(dirfd, 'mount_setattr'), attributes, path);
      place.mount.attributes = (place.mount.attributes & ~attributes.clear) | attributes.set;
      if (attributes.propagation !== 0) place.mount.propagation = attributes.propagation;
    },
    pivotRoot() {
      process.chrootTo({ ...process.cwd, parent: undefined, name: '' });
    },
    umount: () => {},
    umountEntry(name) {
      // The working directory is /proc/self/fd.
      const open = process.descriptors.get(Number(name)) ?? fail('umount2', 'ENOENT', name);
      const mount = open.kind === 'mount' ? open.mount : open.kind === 'file' ? open.place.mount : undefined;
      if (mount === undefined || !process.detach(mount)) fail('umount2', 'EINVAL', name);
      if (open.kind === 'file' && open.place.node !== mount.root) fail('umount2', 'EINVAL', name);
    },
    chroot() {
      process.chrootTo({ ...process.cwd, parent: undefined, name: '' });
    },
  };
}
