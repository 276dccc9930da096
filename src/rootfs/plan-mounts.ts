/**
 * config.mounts -> steps, in the listed order. Decides per mount: new file system, bind, remount of an earlier one, or the
 * container's own cgroup; which attributes go where; what must be opened by the parent. Pure.
 * Fresh file systems of ours stay writable until all mount points in them exist: afterPivot makes them read-only.
 * [spec config.md#mounts] [man fsopen.2, mount_setattr.2] [CVE-2023-25809]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import {
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MS_SLAVE,
} from '../kernel/flags.ts';
import type { Config, Mount } from '../spec/config-types.ts';
import { checkMappedOptions, type IdMaps } from './check-mapped-options.ts';
import { type MountOptions, parseMountOptions } from './parse-mount-options.ts';
import { planMountIdMap } from './plan-mount-id-map.ts';
import { type MountBook, planTarget, recordMount, useTarget } from './plan-targets.ts';
import type {
  FsParameter,
  HostSource,
  MountBindStep,
  PropagationChange,
  RootfsStep,
  Target,
  TreeSource,
} from './rootfs-step.ts';

/** What the planners of this folder collect. */
export interface RootfsDraft {
  readonly book: MountBook;
  readonly hostSources: HostSource[];
  readonly steps: RootfsStep[];
  readonly afterPivot: RootfsStep[];
  readonly bundle: string;
  /** Trees are opened by the parent: the container's user namespace may not reach them. An ordinary user's child reaches as far. */
  readonly inherit: boolean;
  /** Bind mounts may stay in the host's peer groups: rootfsPropagation is shared. */
  readonly sharesWithHost: boolean;
  /** The mounts lie in the host's namespace: a tree opened by the child is in the peer groups of the host's mounts. */
  readonly hostMountNamespace: boolean;
  /** A fresh cgroup2 mount would show more than the container's own subtree. */
  readonly hostCgroupNamespace: boolean;
  readonly cgroupPath: string | undefined;
  /** A new sysfs may be refused: it shows the network namespace, which may belong to a user namespace above. */
  readonly foreignNetwork: boolean;
  /** The maps of the container's new user namespace; undefined: it has none, or they are not known (a joined one). */
  readonly idMaps: IdMaps | undefined;
  /** For id-mapped mounts: the container's user namespace and its maps. */
  readonly linux: Config['linux'];
  readonly warnings: string[];
  /** linux.mountLabel, on a host with SELinux. */
  readonly mountLabel: string | undefined;
}

/**
 * File systems whose superblock is shared with others of the same namespace: ro belongs to the mount only, or the first
 * container with ro would decide for all. For the rest ro goes to both, as mount(2) does.
 */
const sharedSuperblocks: ReadonlySet<string> = new Set(['proc', 'sysfs', 'cgroup2', 'mqueue', 'devpts', 'tmpfs']);

/** What a bind mount loses when its options name attributes but not these: as runc and mount(8) "-o bind,..." do. */
const unasked = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW;

/** fsconfig(2) takes strings of at most 255 bytes; overlay can be given its layers one by one (Linux 6.8). */
const longestValue = 255;

export function planMounts(draft: RootfsDraft, mounts: readonly Mount[]): void {
  for (let i = 0; i < mounts.length; i++) {
    const mount = mounts[i];
    if (mount !== undefined) planMount(draft, mount, `/mounts/${i}`);
  }
}

function planMount(draft: RootfsDraft, mount: Mount, pointer: string): void {
  const options = parseMountOptions(mount.options ?? noOptions);
  const target = planTarget(draft.book, mount.destination);
  const bind = options.bind || mount.type === 'bind';
  if (target.path === '/') throw refuse(`${pointer}/destination`, 'must not be /: the root comes from /root/path');
  if (options.idMap !== undefined && (options.remount || !bind)) {
    throw refuse(`${pointer}/options/${options.idMap.option}`, 'id-mapped mounts are only supported for bind mounts');
  }
  if (options.parameters.length > 0) refuseRecursiveFlags(options.parameters, pointer);
  if (bind) warnOfParameters(draft, options.parameters, pointer);
  if (options.copyUp && (bind || mount.type !== 'tmpfs')) {
    throw refuse(`${pointer}/options`, 'tmpcopyup is for tmpfs only');
  }
  if (options.links !== undefined && (options.remount || !bind)) {
    throw refuse(`${pointer}/options`, 'src-nofollow, dest-nofollow and copy-symlink are for bind mounts only');
  }
  if (!options.remount) settleCovered(draft, target.path);
  if (options.remount) planRemount(draft, target, options, bind, pointer);
  else if (bind) planBind(draft, mount, target, options, pointer);
  else if (mount.type === 'cgroup' || mount.type === 'cgroup2') planCgroup(draft, mount, target, options, pointer);
  else planFileSystem(draft, mount, mount.type ?? '', target, options, pointer);
}

const noOptions: readonly string[] = [];

/** [order] before the mount at its destination is covered by another, which would be taken for it at the end. */
function settleCovered(draft: RootfsDraft, path: string): void {
  for (let i = draft.afterPivot.length - 1; i >= 0; i--) {
    const step = draft.afterPivot[i];
    if (step?.kind !== 'readonlyMount' || step.destination !== path) continue;
    draft.steps.push(step);
    draft.afterPivot.splice(i, 1);
  }
}

function refuse(pointer: string, message: string): RuntimeError {
  return new RuntimeError({ kind: 'spec', pointer, message });
}

/** In crun's manual page; no kernel has them: mount_setattr(2) knows no such attribute, sync and mand belong to a file system. */
const recursiveFlags: ReadonlySet<string> = new Set(['rsync', 'rasync', 'rdirsync', 'rmand', 'rnomand']);

/** crun 1.28 hands the numbers of mount(2) to mount_setattr(2): EINVAL for all but rdirsync, which there means nodiratime. */
function refuseRecursiveFlags(parameters: readonly FsParameter[], pointer: string): void {
  for (const { key, value, option } of parameters) {
    if (value !== null || !recursiveFlags.has(key)) continue;
    const plain = key.slice(1);
    throw new RuntimeError({
      kind: 'spec',
      pointer: `${pointer}/options/${option}`,
      message: `"${key}" cannot be applied: ${plain} is a flag of a whole file system, and mount_setattr(2) sets none of those`,
      hint: `leave it out, or give "${plain}" where the file system itself is mounted`,
    });
  }
}

/**
 * The file system behind a bind mount is there already. Its parameters have no effect, as with mount(8) and crun, but are not
 * dropped without a word; runc refuses them.
 */
function warnOfParameters(draft: RootfsDraft, parameters: readonly FsParameter[], pointer: string): void {
  for (const { key, value, option } of parameters) {
    const text = value === null ? key : `${key}=${value}`;
    draft.warnings.push(`${pointer}/options/${option}: "${text}" has no effect on a bind mount`);
  }
}

function planFileSystem(
  draft: RootfsDraft,
  mount: Mount,
  fsType: string,
  target: Target,
  options: MountOptions,
  pointer: string,
): void {
  if (fsType === '') throw refuse(`${pointer}/type`, 'is missing: this is no bind mount');
  if (draft.idMaps !== undefined) checkMappedOptions(options.parameters, draft.idMaps, pointer);
  const recursive = options.recursiveAttributes;
  // A new mount has nothing below it: the recursive form of an option is the option.
  let attributes = options.attributes.set | (recursive === undefined ? 0 : recursive.set);
  const isTmpfs = fsType === 'tmpfs';
  const late = (isTmpfs || target.path === '/dev') && (attributes & MOUNT_ATTR_RDONLY) !== 0;
  if (late) {
    attributes &= ~MOUNT_ATTR_RDONLY;
    draft.afterPivot.push({ kind: 'readonlyMount', pointer, destination: target.path });
  }
  draft.steps.push({
    kind: 'mountFileSystem',
    pointer,
    target,
    fsType,
    parameters: labelled(draft, fsType, listParameters(mount, fsType, options)),
    attributes,
    propagation: options.propagation,
    ordinaryDirectory: fsType === 'proc' || fsType === 'sysfs',
    modeOfTarget: isTmpfs && !target.missing && !options.parameters.some(isMode),
    copyUp: options.copyUp,
    ...(fsType === 'mqueue' && draft.mountLabel !== undefined ? { rootLabel: draft.mountLabel } : {}),
    ...(fsType === 'sysfs' && draft.foreignNetwork && { orBind: '/sys' }),
  });
  const isEmpty = isTmpfs && !options.copyUp;
  recordMount(draft.book, target, isEmpty ? 'empty' : fsType === 'sysfs' ? 'sysfs' : 'other');
}

/** As in runc: what belongs to the kernel keeps the kernel's labels. */
const withoutContext: ReadonlySet<string> = new Set(['proc', 'sysfs', 'mqueue', 'cgroup2']);

/** The SELinux context of every file in it, whatever the file system says. A context of the mount's own options wins. */
function labelled(draft: RootfsDraft, fsType: string, parameters: readonly FsParameter[]): readonly FsParameter[] {
  const { mountLabel } = draft;
  if (mountLabel === undefined || withoutContext.has(fsType)) return parameters;
  return parameters.some(({ key }) => key === 'context') ? parameters : [...parameters, contextOf(mountLabel)];
}

export function contextOf(label: string): FsParameter {
  return { key: 'context', value: label, option: -1, optional: false, pointer: '/linux/mountLabel' };
}

const isMode = (parameter: FsParameter): boolean => parameter.key === 'mode';

/** [order] the source first: mount(2) names it first, and overlay and 9p look at it. */
function listParameters(mount: Mount, fsType: string, options: MountOptions): FsParameter[] {
  const list: FsParameter[] = [];
  if (mount.source !== undefined && mount.source !== '') {
    list.push({ key: 'source', value: mount.source, option: -1, optional: false });
  }
  const sharesSuperblock = sharedSuperblocks.has(fsType);
  for (const flag of options.superblockSet) if (!(sharesSuperblock && flag.key === 'ro')) list.push(flag);
  for (const parameter of options.parameters) {
    if (fsType === 'overlay' && parameter.key === 'lowerdir' && (parameter.value?.length ?? 0) > longestValue) {
      addLayers(list, parameter);
    } else {
      list.push(parameter);
    }
  }
  return list;
}

function addLayers(list: FsParameter[], parameter: FsParameter): void {
  for (const layer of (parameter.value ?? '').split(':')) list.push({ ...parameter, key: 'lowerdir+', value: layer });
}

function planBind(draft: RootfsDraft, mount: Mount, target: Target, options: MountOptions, pointer: string): void {
  const source = mount.source ?? '';
  if (source === '') throw refuse(`${pointer}/source`, 'is missing: this is a bind mount');
  const hostPath = source.charCodeAt(0) === 47 ? source : `${draft.bundle}/${source}`;
  pushBind(draft, target, options, {
    pointer,
    source: planBindSource(draft, mount, hostPath, options, pointer),
    forced: 0,
  });
}

/** An id-mapped tree always comes from the parent: it takes a user namespace that the child does not have. */
function planBindSource(
  draft: RootfsDraft,
  mount: Mount,
  hostPath: string,
  options: MountOptions,
  pointer: string,
): TreeSource {
  const recursive = options.recursiveBind;
  const idMap = planMountIdMap(mount, options.idMap, draft.linux, pointer);
  const keepLink = options.links !== undefined && (options.links.keepSource || options.links.copy);
  if (idMap === undefined && !keepLink) return planSource(draft, hostPath, recursive, `${pointer}/source`);
  if (idMap === undefined && !draft.inherit) return { kind: 'open', hostPath, recursive, keepLink };
  const place = { hostPath, recursive, pointer: `${pointer}/source`, device: undefined };
  draft.hostSources.push({ ...place, idMap, ...(keepLink && { keepLink }) });
  return { kind: 'inherited', hostPath, index: draft.hostSources.length - 1 };
}

interface BindSource {
  readonly pointer: string;
  readonly source: TreeSource;
  /** Attributes set whatever the options say. */
  readonly forced: number;
}

function pushBind(draft: RootfsDraft, target: Target, options: MountOptions, bind: BindSource): void {
  const { set, clear } = options.attributes;
  const asked = options.mentionsAttributes || bind.forced !== 0;
  const step: MountBindStep = {
    kind: 'mountBind',
    pointer: bind.pointer,
    target,
    source: bind.source,
    attributes: asked ? { set: set | bind.forced, clear: clear & ~bind.forced } : undefined,
    clearUnasked: options.mentionsAttributes ? unasked & ~(set | bind.forced | clear) : 0,
    recursiveAttributes: options.recursiveAttributes,
    propagation: planPropagation(draft, bind.source, options.propagation),
    procfsOnly: target.path === '/proc',
    insideProc: target.path === '/proc' || target.path.startsWith('/proc/'),
    links: options.links,
  };
  draft.steps.push(step);
  recordMount(draft.book, target, 'other');
}

/**
 * A tree opened by the parent is in the peer groups of the host's mounts; one opened by the child is not, because the child's
 * whole tree was made rslave before.
 */
export function planPropagation(
  draft: RootfsDraft,
  source: TreeSource,
  asked: readonly PropagationChange[],
): readonly PropagationChange[] {
  if ((source.kind === 'open' && !draft.hostMountNamespace) || draft.sharesWithHost) return asked;
  return [{ propagation: MS_SLAVE, recursive: true }, ...asked];
}

/** Opened by the parent when the container has a user namespace: its root may not be able to walk there. */
export function planSource(draft: RootfsDraft, hostPath: string, recursive: boolean, pointer?: string): TreeSource {
  if (!draft.inherit) return { kind: 'open', hostPath, recursive };
  draft.hostSources.push({ hostPath, recursive, pointer, device: undefined, idMap: undefined });
  return { kind: 'inherited', hostPath, index: draft.hostSources.length - 1 };
}

/**
 * With a cgroup namespace a fresh mount shows exactly the container's subtree. Without, it would show the whole host:
 * so the own directory is bound, read-only; without a cgroup of its own the container sees an empty directory.
 */
function planCgroup(draft: RootfsDraft, mount: Mount, target: Target, options: MountOptions, pointer: string): void {
  if (!draft.hostCgroupNamespace) {
    // Without a cgroup of its own the root of the namespace is the caller's: nothing there is the container's to change.
    const set = options.attributes.set | (draft.cgroupPath === undefined ? MOUNT_ATTR_RDONLY : 0);
    planFileSystem(
      draft,
      mount,
      'cgroup2',
      target,
      { ...options, attributes: { ...options.attributes, set } },
      pointer,
    );
  } else if (draft.cgroupPath !== undefined) {
    const source = planSource(draft, draft.cgroupPath, false, pointer);
    pushBind(draft, target, options, { pointer, source, forced: MOUNT_ATTR_RDONLY });
  } else {
    const attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    draft.steps.push({
      kind: 'mountFileSystem',
      pointer,
      target,
      fsType: 'tmpfs',
      parameters: labelled(draft, 'tmpfs', emptyTmpfs),
      attributes,
      propagation: options.propagation,
      ordinaryDirectory: false,
      modeOfTarget: false,
      copyUp: false,
    });
    recordMount(draft.book, target, 'other');
  }
}

const emptyTmpfs: readonly FsParameter[] = [
  { key: 'source', value: 'tmpfs', option: -1, optional: false },
  { key: 'nr_inodes', value: '1', option: -1, optional: false },
  { key: 'mode', value: '755', option: -1, optional: false },
];

/** Like mount -o remount: with bind only the mount's attributes change, without it the superblock's flags too. */
function planRemount(draft: RootfsDraft, target: Target, options: MountOptions, bind: boolean, pointer: string): void {
  useTarget(draft.book, target);
  const { set, clear } = options.attributes;
  draft.steps.push({
    kind: 'remount',
    pointer,
    target,
    bind,
    parameters: bind ? noParameters : [...options.superblockSet, ...options.superblockCleared, ...options.parameters],
    attributes: { set, clear: options.mentionsAttributes ? clear | (unasked & ~set) : clear },
    recursiveAttributes: options.recursiveAttributes,
    propagation: options.propagation,
  });
}

const noParameters: readonly FsParameter[] = [];
