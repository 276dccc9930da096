/**
 * The whole plan of the container's root file system: what the parent opens, what the child does before the root is switched, how
 * it is switched, what comes after. Pure; the order of the parts is decided here, the parts in the plan- files beside.
 * Every refusal happens here, while nothing on the host has been touched.
 * [spec config.md#root] [spec config.md#mounts] [spec config-linux.md#rootfs-mount-propagation] [man pivot_root.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { MS_PRIVATE, MS_SHARED, MS_SLAVE, MS_UNBINDABLE } from '../kernel/flags.ts';
import type { Config } from '../spec/config-types.ts';
import type { IdMaps } from './check-mapped-options.ts';
import { nullDevice, planDeviceSource, planDevices, planLinks } from './plan-devices.ts';
import { planHiddenPaths } from './plan-hidden-paths.ts';
import { planMounts, planSource, type RootfsDraft } from './plan-mounts.ts';
import { createMountBook, planTarget } from './plan-targets.ts';
import type { PivotStep, RootfsPlan, RootfsStep } from './rootfs-step.ts';

export type NamespaceMode = 'new' | 'join' | 'host';

export interface RootfsInput {
  readonly config: Config;
  /** Absolute path of the bundle: the start of relative paths. */
  readonly bundle: string;
  readonly namespaces: {
    readonly mount: NamespaceMode;
    readonly user: NamespaceMode;
    readonly cgroup: NamespaceMode;
    readonly network?: NamespaceMode;
  };
  /** This process is in the initial user namespace: it may mknod. */
  readonly initialUserNamespace: boolean;
  /** The runtime is root: it may copy mount trees before the child does. */
  readonly privileged: boolean;
  readonly noPivot: boolean;
  /** Host path of the container's own cgroup directory in the v2 tree; undefined without a cgroup. */
  readonly cgroupPath: string | undefined;
  /** The host has SELinux: linux.mountLabel means something. */
  readonly selinux?: boolean;
}

interface Propagation {
  /** Set on the whole tree of the new mount namespace before anything is mounted. */
  readonly tree: number;
  readonly recursive: boolean;
  /** Set on the new root at the end; 0: it has it already. */
  readonly root: number;
}

const privateTree: Propagation = { tree: MS_PRIVATE, recursive: true, root: 0 };
const slaveTree: Propagation = { tree: MS_SLAVE, recursive: true, root: 0 };
/** An unbindable tree could not be the source of any bind mount, so it is private until the end. */
const unbindableRoot: Propagation = { tree: MS_PRIVATE, recursive: true, root: MS_UNBINDABLE };

/** Only with shared does anything of the container reach the host: a volume can then be rshared (engines ask for it so). */
const propagations: Readonly<Record<string, Propagation>> = {
  '': slaveTree,
  slave: slaveTree,
  rslave: slaveTree,
  private: privateTree,
  rprivate: privateTree,
  unbindable: unbindableRoot,
  runbindable: unbindableRoot,
  shared: { tree: MS_SHARED, recursive: false, root: MS_SHARED },
  rshared: { tree: MS_SHARED, recursive: true, root: MS_SHARED },
};

/** Throws RuntimeError kind 'spec' with a JSON pointer for what is refused. */
export function planRootfs(input: RootfsInput): RootfsPlan {
  const { config, bundle } = input;
  const written = config.root.path;
  const rootPath = written.charCodeAt(0) === 47 ? written : `${bundle}/${written}`;
  if (input.namespaces.mount === 'host') return planWithoutMountNamespace(input, rootPath);
  const propagation = propagations[config.linux?.rootfsPropagation ?? ''];
  if (propagation === undefined) {
    throw new RuntimeError({ kind: 'spec', pointer: '/linux/rootfsPropagation', message: 'is not a propagation type' });
  }
  const shared = propagation.tree === MS_SHARED;
  if (input.noPivot && propagation.tree === MS_PRIVATE) {
    throw new RuntimeError({
      kind: 'spec',
      pointer: '/linux/rootfsPropagation',
      message: 'private is not safe without pivot_root',
      hint: 'leave out --no-pivot or use rslave',
    });
  }
  const draft = createDraft(input, shared);
  draft.steps.push(
    { kind: 'clearUmask' },
    { kind: 'setTreePropagation', propagation: propagation.tree, recursive: propagation.recursive },
    {
      kind: 'mountRoot',
      path: rootPath,
      source: planSource(draft, rootPath, true, '/root/path'),
      parentPrivate: shared,
    },
  );
  planMounts(draft, config.mounts ?? []);
  if (!isDevBound(config)) {
    const bind = input.namespaces.user !== 'host' || !input.initialUserNamespace;
    planDevices(draft, config.linux?.devices ?? [], bind);
    planLinks(draft);
  }
  return finishPlan(draft, input, rootPath, propagation);
}

function createDraft(input: RootfsInput, sharesWithHost: boolean): RootfsDraft {
  const { linux } = input.config;
  const { user } = input.namespaces;
  return {
    book: createMountBook(),
    hostSources: [],
    steps: [],
    afterPivot: [],
    bundle: input.bundle,
    inherit: input.namespaces.user !== 'host' && input.privileged,
    sharesWithHost,
    hostMountNamespace: input.namespaces.mount === 'host',
    hostCgroupNamespace: input.namespaces.cgroup === 'host',
    cgroupPath: input.cgroupPath,
    foreignNetwork: input.namespaces.network !== 'new' && (user !== 'host' || !input.initialUserNamespace),
    idMaps: user === 'new' ? knownMaps(linux?.uidMappings, linux?.gidMappings) : undefined,
    linux: input.config.linux,
    warnings: [],
    mountLabel: input.selinux ? input.config.linux?.mountLabel || undefined : undefined,
  };
}

function knownMaps(uid: IdMaps['uid'] | undefined, gid: IdMaps['gid'] | undefined): IdMaps | undefined {
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/** The engine brings a /dev of its own: then nothing is made in it. */
function isDevBound(config: Config): boolean {
  for (const mount of config.mounts ?? []) {
    const options = mount.options;
    if (mount.type !== 'bind' && !(options?.includes('bind') || options?.includes('rbind'))) continue;
    if (mount.destination === '/dev' || planTarget(emptyBook, mount.destination).path === '/dev') return true;
  }
  return false;
}

const emptyBook = createMountBook();

/** [order] the root becomes read-only last, because covers and copies need a place in it. */
function finishPlan(draft: RootfsDraft, input: RootfsInput, rootPath: string, propagation: Propagation): RootfsPlan {
  const { config } = input;
  if (!input.privileged) refuseHostSources(draft);
  const late = draft.afterPivot;
  const after: RootfsStep[] = [];
  const masked = config.linux?.maskedPaths ?? [];
  after.push(
    ...planHiddenPaths(draft.book, 'readonlyPath', config.linux?.readonlyPaths ?? [], '/linux/readonlyPaths'),
    ...planHiddenPaths(draft.book, 'maskPath', masked, '/linux/maskedPaths', draft.mountLabel),
  );
  if (masked.length > 0) {
    const source = planDeviceSource(draft, '/dev/null', nullDevice);
    draft.steps.push({ kind: 'takeNull', source });
  }
  after.push(...late);
  if (propagation.root !== 0) after.push({ kind: 'setRootPropagation', propagation: propagation.root });
  if (config.root.readonly === true) after.push({ kind: 'readonlyRoot' });
  const pivot: PivotStep = input.noPivot
    ? { kind: 'moveRoot', path: rootPath }
    : { kind: 'pivotRoot', detachAsSlave: propagation.tree === MS_SHARED };
  const { hostSources, steps, warnings } = draft;
  return { hostSources, beforePivot: steps, pivot, afterPivot: after, warnings, hostMounts: false };
}

/** Only id-mapped mounts still want the parent to open them: the maps need its power over the host's file system. */
export function refuseHostSources({ hostSources }: Pick<RootfsDraft, 'hostSources'>): void {
  const [source] = hostSources;
  if (source === undefined) return;
  throw new RuntimeError({
    kind: 'spec',
    ...(source.pointer !== undefined && { pointer: source.pointer }),
    message: 'id-mapped mounts are not supported for rootless containers',
    hint: 'the kernel lets only root map the ids of a file system of the host',
  });
}

/**
 * In the host's mount namespace the container's mounts lie among the host's and are taken away by delete (apply-host-unmounts.ts).
 * What would change a mount of the host is refused. Devices and links are files, made as runc makes them; the root is entered by
 * chroot.
 */
function planWithoutMountNamespace(input: RootfsInput, rootPath: string): RootfsPlan {
  const { config } = input;
  const needs: readonly (readonly [boolean, string])[] = [
    // Its root has no rights over the mount namespace that it shares.
    [(config.mounts?.length ?? 0) > 0 && input.namespaces.user !== 'host', '/mounts'],
    [(config.linux?.maskedPaths?.length ?? 0) > 0, '/linux/maskedPaths'],
    [(config.linux?.readonlyPaths?.length ?? 0) > 0, '/linux/readonlyPaths'],
    [config.root.readonly === true, '/root/readonly'],
    [(config.linux?.rootfsPropagation ?? '') !== '', '/linux/rootfsPropagation'],
    [config.process?.terminal === true, '/process/terminal'],
    [rootPath === '/', '/root/path'],
  ];
  for (const [isNeeded, pointer] of needs) {
    if (!isNeeded) continue;
    throw new RuntimeError({
      kind: 'spec',
      pointer,
      message: 'needs a mount namespace: it would change the host’s mounts',
      hint: 'add {"type": "mount"} to /linux/namespaces',
    });
  }
  const draft = createDraft(input, false);
  draft.steps.push({ kind: 'clearUmask' }, { kind: 'openRoot', path: rootPath });
  // A user namespace without a mount namespace can neither mknod nor bind; then the image's own /dev has to do.
  if (input.namespaces.user === 'host' && input.initialUserNamespace) {
    planMounts(draft, config.mounts ?? []);
    if (!isDevBound(config)) planDevices(draft, config.linux?.devices ?? [], false);
  } else if ((config.linux?.devices?.length ?? 0) > 0) {
    throw new RuntimeError({ kind: 'spec', pointer: '/linux/devices', message: 'needs a mount namespace here' });
  }
  if (!isDevBound(config)) planLinks(draft);
  const hostMounts = (config.mounts?.length ?? 0) > 0;
  const { hostSources, steps, afterPivot, warnings } = draft;
  return { hostSources, beforePivot: steps, pivot: { kind: 'chroot' }, afterPivot, warnings, hostMounts };
}
