/**
 * The state of the in-memory Linux: a tree of files with mounts on it, descriptors, and what belongs to the process. A model,
 * not an emulator: only what the runtime looks at. Everything is plain data, so that two worlds can be compared.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from '../kernel/flags.ts';

export interface Node {
  ino: number;
  mode: number;
  uid: number;
  gid: number;
  rdev: readonly [number, number];
  /** 0: removed, and only held open. */
  nlink: number;
  /** Regular files. */
  text: string;
  /** Symbolic links. */
  target: string;
  children: Map<string, Node>;
  /** What is mounted on this node, the newest last; `on`: id of the mount through which the node is seen. */
  covers: Cover[];
  magic: number;
  /** Directories of a cgroup2 tree fill themselves when they are made. */
  onMkdir: ((made: Node, name: string) => void) | undefined;
  /** A file of the kernel's: what is read after a write. */
  onWrite: ((written: string) => string) | undefined;
}

export interface Cover {
  readonly on: number;
  readonly mount: Mount;
}

export interface Mount {
  id: number;
  root: Node;
  fsType: string;
  attributes: number;
  propagation: number;
}

/** A place: a node seen through a mount, with the way back up. */
export interface Place {
  readonly node: Node;
  readonly mount: Mount;
  readonly parent: Place | undefined;
  readonly name: string;
}

export type Open =
  | { kind: 'file'; place: Place; offset: number; flags: number; path: boolean }
  | { kind: 'mount'; mount: Mount; attached: boolean }
  | { kind: 'fs'; fsType: string; parameters: Map<string, string | null> }
  | { kind: 'socket'; end: 'parent' | 'child' | 'other'; type: number; listening: boolean }
  /** answers: datagrams that were not read yet. */
  | { kind: 'netlink'; network: string; answers: Uint8Array[] }
  /** A pidfd, one end of a pipe, a socket without a name. */
  | { kind: 'object'; what: string; pid?: number };

export const TMPFS_MAGIC = 0x1021994;

let inodes = 0;
let mounts = 0;

export function makeNode(mode: number, extra: Partial<Node> = {}): Node {
  inodes += 1;
  return {
    ino: inodes,
    mode,
    uid: 0,
    gid: 0,
    rdev: [0, 0],
    nlink: 1,
    text: '',
    target: '',
    children: new Map(),
    covers: [],
    magic: TMPFS_MAGIC,
    onMkdir: undefined,
    onWrite: undefined,
    ...extra,
  };
}

export function makeMount(root: Node, fsType: string): Mount {
  mounts += 1;
  return { id: mounts, root, fsType, attributes: 0, propagation: 0 };
}

export const isDirectory = (node: Node): boolean => (node.mode & S_IFMT) === S_IFDIR;
export const isLink = (node: Node): boolean => (node.mode & S_IFMT) === S_IFLNK;
/** A link of /proc/PID/ns leads nowhere by its text: what is opened is the namespace. [man namespaces.7] */
export const isNamespace = ({ target }: Node): boolean => /^[a-z]+:\[\d+\]$/.test(target);

export function fail(syscall: string, errno: string, path?: string): never {
  throw new RuntimeError(
    path === undefined ? { kind: 'kernel', syscall, errno } : { kind: 'kernel', syscall, errno, path },
  );
}

/** Counters start anew, so that two runs with the same input give the same numbers. */
export function resetCounters(): void {
  inodes = 0;
  mounts = 0;
}

/** The newest mount at a place, followed to the top. */
export function topOf(place: Place): Place {
  const cover = place.node.covers.findLast(({ on }) => on === place.mount.id)?.mount;
  if (cover === undefined) return place;
  return topOf({ node: cover.root, mount: cover, parent: place.parent, name: place.name });
}

/** Adds files from a table: a string is a regular file's text, 'dir' objects are directories, {link} a symbolic link, {device}. */
export type Tree = {
  readonly [name: string]:
    | string
    | Tree
    | { readonly $link: string }
    | { readonly $device: readonly [number, number] }
    | { readonly $attribute: (written: string) => string };
};

export function plant(directory: Node, tree: Tree): void {
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === 'string')
      directory.children.set(name, makeNode(S_IFREG | 0o755, { text: value, magic: directory.magic }));
    else if ('$link' in value && typeof value.$link === 'string') {
      directory.children.set(name, makeNode(S_IFLNK | 0o777, { target: value.$link, magic: directory.magic }));
    } else if ('$attribute' in value && typeof value.$attribute === 'function') {
      const onWrite = value.$attribute as (written: string) => string;
      directory.children.set(name, makeNode(S_IFREG | 0o666, { onWrite, magic: directory.magic }));
    } else if ('$device' in value && Array.isArray(value.$device)) {
      const [major, minor] = value.$device as [number, number];
      directory.children.set(name, makeNode(S_IFCHR | 0o666, { rdev: [major, minor] }));
    } else {
      const child = directory.children.get(name) ?? makeNode(S_IFDIR | 0o755, { magic: directory.magic });
      directory.children.set(name, child);
      plant(child, value as Tree);
    }
  }
}

/** Every file, mount and attribute as lines of text: equal worlds give equal lines. */
export function listWorld(node: Node, path = ''): string[] {
  const lines: string[] = [];
  for (const [name, child] of [...node.children].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const kind =
      (child.mode & S_IFMT) === S_IFIFO
        ? 'fifo'
        : isDirectory(child)
          ? 'dir'
          : isLink(child)
            ? `-> ${child.target}`
            : 'file';
    lines.push(
      `${path}/${name} ${(child.mode & 0o7777).toString(8)} ${child.uid}:${child.gid} ${kind} ${child.text.length > 80 ? child.text.length : child.text}`.trimEnd(),
    );
    for (const { mount } of child.covers) {
      lines.push(`${path}/${name} <= ${mount.fsType} ${mount.attributes.toString(16)}`);
      // Of a bind on itself what lies below is listed with the directory.
      if (mount.root !== child) lines.push(...listWorld(mount.root, `${path}/${name}`));
    }
    lines.push(...listWorld(child, `${path}/${name}`));
  }
  return lines;
}
