/**
 * What the child does to its mounts, as data: the union of all steps, each with everything decided. Types only.
 * plan-rootfs.ts makes them, apply-rootfs-step.ts carries them out; nothing in between decides anything.
 * Shapes: attribute words are MOUNT_ATTR_*, propagation words are MS_*; every path is absolute and normalised, in the
 * container unless the field is called hostPath.
 * Reference: [spec config.md#mounts], [spec config-linux.md#devices], [man mount_setattr.2].
 */

import type { LinkOptions } from './parse-mount-options.ts';

/** A directory entry inside the container's root and the cheapest safe way to it. */
export interface Target {
  /** For messages and for the general lookup by openat2 inside the root. */
  readonly path: string;
  /** Destination of the mount of ours (or "/") that holds the last component; undefined: more than one component below. */
  readonly parent: string | undefined;
  /** The last component (or fs/cgroup, in a sysfs of ours). */
  readonly name: string;
  /** True when the parent is a tmpfs that this plan made and nothing was put at this name yet. */
  readonly missing: boolean;
}

/** Where a bind mount's tree comes from: opened by the child, or handed over by the parent (index into RootfsPlan.hostSources). */
export type TreeSource =
  | { readonly kind: 'open'; readonly hostPath: string; readonly recursive: boolean; readonly keepLink?: boolean }
  | { readonly kind: 'inherited'; readonly hostPath: string; readonly index: number };

/** A tree that the parent must open before clone3, because the child's user namespace may not be able to reach it. */
export interface HostSource {
  readonly hostPath: string;
  readonly recursive: boolean;
  readonly pointer: string | undefined;
  /** A device that must be found there ([CVE-2025-31133]); undefined: anything. */
  readonly device: DeviceNumber | undefined;
  /** undefined: the ids of its files stay as they are. */
  readonly idMap: MountIdMap | undefined;
  /** A symbolic link is not followed. */
  readonly keepLink?: boolean;
}

/** Which ids the files of a mount seem to have: containerID is the one in the file system, hostID the one that is shown. */
export interface MountIdMap {
  readonly userNamespace: MountUserNamespace;
  /** ridmap: also of the mounts below it. */
  readonly recursive: boolean;
}

/** The kernel takes the maps of a user namespace: one that is made for it, or the one that the container joins. */
export type MountUserNamespace =
  | { readonly kind: 'maps'; readonly uidMap: string; readonly gidMap: string }
  | { readonly kind: 'join'; readonly path: string; readonly pointer: string };

export interface DeviceNumber {
  /** S_IFCHR, S_IFBLK or S_IFIFO. */
  readonly type: number;
  readonly major: number;
  readonly minor: number;
}

export interface AttributeChange {
  readonly set: number;
  readonly clear: number;
}

export interface PropagationChange {
  readonly propagation: number;
  readonly recursive: boolean;
}

/** One fsconfig(2) call; value null is a flag. */
export interface FsParameter {
  readonly key: string;
  readonly value: string | null;
  /** Index into the mount's options, for messages; -1: not from there. */
  readonly option: number;
  /** True for options that mount(2) takes for any file system, but that fsconfig(2) knows only where the file system does. */
  readonly optional: boolean;
  /** Where the parameter comes from, when it is not an option of the mount. */
  readonly pointer?: string;
}

export interface MountFileSystemStep {
  readonly kind: 'mountFileSystem';
  readonly pointer: string;
  readonly target: Target;
  readonly fsType: string;
  readonly parameters: readonly FsParameter[];
  /** MOUNT_ATTR_* for fsmount(2). */
  readonly attributes: number;
  readonly propagation: readonly PropagationChange[];
  /** The target must be a directory reached without any symbolic link (/proc, /sys) [CVE-2019-19921]. */
  readonly ordinaryDirectory: boolean;
  /** A tmpfs without mode option takes the mode of the directory that it covers. */
  readonly modeOfTarget: boolean;
  /** tmpcopyup: the covered directory's contents are copied into the tmpfs. */
  readonly copyUp: boolean;
  /** An SELinux context for the root of a file system that takes none as a parameter (mqueue). */
  readonly rootLabel?: string;
  /** sysfs whose network namespace may belong to others: when the kernel refuses it, the host's is bound, read-only. */
  readonly orBind?: '/sys';
}

export interface MountBindStep {
  readonly kind: 'mountBind';
  readonly pointer: string | undefined;
  readonly target: Target;
  readonly source: TreeSource;
  /** Asked for by options. undefined: the source's attributes stay. */
  readonly attributes: AttributeChange | undefined;
  /** What is cleared besides, unless the kernel has it locked (runc: "mount --bind -o"). */
  readonly clearUnasked: number;
  readonly recursiveAttributes: AttributeChange | undefined;
  readonly propagation: readonly PropagationChange[];
  /** Destination /proc: only a procfs may be bound there [CVE-2019-16884]. */
  readonly procfsOnly: boolean;
  /** The target may lie inside a procfs (lxcfs's files). */
  readonly insideProc: boolean;
  /** crun's src-nofollow, dest-nofollow and copy-symlink; undefined: links are followed. */
  readonly links: LinkOptions | undefined;
}

/** Option remount: change the mount that is there. bind: its attributes only; otherwise the superblock too. */
export interface RemountStep {
  readonly kind: 'remount';
  readonly pointer: string;
  readonly target: Target;
  readonly bind: boolean;
  readonly parameters: readonly FsParameter[];
  readonly attributes: AttributeChange;
  readonly recursiveAttributes: AttributeChange | undefined;
  readonly propagation: readonly PropagationChange[];
}

export interface MakeDeviceStep {
  readonly kind: 'makeDevice';
  /** undefined for default devices. */
  readonly pointer: string | undefined;
  readonly target: Target;
  readonly device: DeviceNumber;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface BindDeviceStep {
  readonly kind: 'bindDevice';
  readonly pointer: string | undefined;
  readonly target: Target;
  readonly device: DeviceNumber;
  readonly source: TreeSource;
}

export interface MakeLinkStep {
  readonly kind: 'makeLink';
  readonly target: Target;
  readonly linkText: string;
  /** /dev/ptmx: whatever is there is replaced. */
  readonly replace: boolean;
  /** Only when this file exists (/proc/kcore). */
  readonly onlyIfExists: string | undefined;
}

export type PivotStep =
  /** detachAsSlave: the old tree is shared with the host, so it must be made rslave before it is detached. */
  | { readonly kind: 'pivotRoot'; readonly detachAsSlave: boolean }
  /** --no-pivot: the root is moved over "/" and host procfs and sysfs mounts are taken away first. */
  | { readonly kind: 'moveRoot'; readonly path: string }
  /** No mount namespace of its own. */
  | { readonly kind: 'chroot' };

export type RootfsStep =
  | { readonly kind: 'clearUmask' }
  | { readonly kind: 'setTreePropagation'; readonly propagation: number; readonly recursive: boolean }
  /** parentPrivate: the mount that holds the root directory may be shared with the host: it is made private first. */
  | { readonly kind: 'mountRoot'; readonly path: string; readonly source: TreeSource; readonly parentPrivate: boolean }
  /** Without a mount namespace the directory itself is the root. */
  | { readonly kind: 'openRoot'; readonly path: string }
  | MountFileSystemStep
  | MountBindStep
  | RemountStep
  | MakeDeviceStep
  | BindDeviceStep
  | MakeLinkStep
  /** Takes and verifies the host's /dev/null, the cover of masked files. */
  | { readonly kind: 'takeNull'; readonly source: TreeSource }
  | PivotStep
  /** index: into linux.readonlyPaths. */
  | { readonly kind: 'readonlyPath'; readonly index: number; readonly target: Target }
  /** index: into linux.maskedPaths; label: the SELinux context of covers. */
  | { readonly kind: 'maskPath'; readonly index: number; readonly target: Target; readonly label?: string }
  /** A tmpfs (or /dev) with option ro: writable until all mount points in it are made. */
  | { readonly kind: 'readonlyMount'; readonly pointer: string; readonly destination: string }
  | { readonly kind: 'setRootPropagation'; readonly propagation: number }
  | { readonly kind: 'readonlyRoot' };

export interface RootfsPlan {
  /** Opened by the parent before clone3 (openHostSources), in this order; empty without a user namespace. */
  readonly hostSources: readonly HostSource[];
  /** [order] before the createRuntime and createContainer hooks, which see the mounts. */
  readonly beforePivot: readonly RootfsStep[];
  readonly pivot: PivotStep;
  /** [order] after sysctl: /proc/sys is writable until then. */
  readonly afterPivot: readonly RootfsStep[];
  readonly warnings: readonly string[];
  /** The container's mounts lie in the host's mount namespace. */
  readonly hostMounts: boolean;
}
