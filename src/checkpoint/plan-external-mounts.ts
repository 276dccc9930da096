/**
 * Which mounts criu must not save because they come from the host, and where they come from at restore. At dump the kernel's own
 * list of the container's mounts decides, because a link may have led a destination elsewhere; the name that is given to criu
 * is the place in the container, as runc does, so that images of either can be restored by the other. Pure.
 * [criu.org/External_bind_mounts] [spec config.md#mounts]
 */

import { cleanPath } from '../spec/check-mounts.ts';
import type { Config, Mount } from '../spec/config-types.ts';
import type { ExternalMount } from './criu-messages.ts';
import type { MountInfo } from './parse-mount-info.ts';

export interface DumpMountsInput {
  readonly config: Config;
  /** Of the container's init. */
  readonly mounts: readonly MountInfo[];
  /** Destination as written (clean) -> where it leads in the container; itself when missing. */
  readonly resolved: ReadonlyMap<string, string>;
}

/** The cover of masked files. */
const maskSource = '/dev/null';

export function planDumpMounts({ config, mounts, resolved }: DumpMountsInput): readonly ExternalMount[] {
  const external = new Map<string, string>();
  const places = new Set(mounts.map(({ mountPoint }) => mountPoint));
  for (const destination of bindDestinations(config)) {
    const place = resolved.get(destination) ?? destination;
    if (!places.has(place)) continue;
    external.set(place, place);
    for (const below of mountsBelow(mounts, place, config)) external.set(below, below);
  }
  for (const { path } of config.linux?.devices ?? []) if (places.has(cleanPath(path))) add(external, cleanPath(path));
  for (const path of defaultDevices) if (places.has(path)) add(external, path);
  for (const path of config.linux?.maskedPaths ?? []) {
    // A directory is covered by a tmpfs, which criu saves; a file by a bind of /dev/null, whose root is not "/".
    const cover = mounts.findLast(({ mountPoint }) => mountPoint === cleanPath(path));
    if (cover !== undefined && cover.root !== '/') external.set(cover.mountPoint, maskSource);
  }
  return [...external].map(([key, value]) => ({ key, value }));
}

function add(external: Map<string, string>, path: string): void {
  if (!external.has(path)) external.set(path, path);
}

/** What a recursive bind brought along: mounts in its tree that the configuration does not name. */
function mountsBelow(mounts: readonly MountInfo[], place: string, config: Config): readonly string[] {
  const named = new Set((config.mounts ?? []).map(({ destination }) => cleanPath(destination)));
  const top = mounts.findLast(({ mountPoint }) => mountPoint === place);
  const ids = new Set(top === undefined ? [] : [top.id]);
  const below: string[] = [];
  for (const mount of mounts) {
    if (!ids.has(mount.parent) || named.has(mount.mountPoint)) continue;
    ids.add(mount.id);
    below.push(mount.mountPoint);
  }
  return below;
}

export interface RestoreMountsInput {
  readonly config: Config;
  /** Absolute: the start of relative sources. */
  readonly bundle: string;
  /** As for the dump. */
  readonly resolved: ReadonlyMap<string, string>;
  /** Mounts of the host: what a recursive bind brings along. */
  readonly hostMounts: readonly MountInfo[];
  /** Host path of the container's cgroup; undefined without one. */
  readonly cgroupPath: string | undefined;
}

export function planRestoreMounts(input: RestoreMountsInput): readonly ExternalMount[] {
  const { config, bundle, resolved } = input;
  const external = new Map<string, string>();
  for (const mount of config.mounts ?? []) {
    const destination = cleanPath(mount.destination);
    const source = isBind(mount) ? absolute(bundle, mount.source ?? '') : cgroupSource(input, mount);
    if (source === undefined) continue;
    for (const key of new Set([destination, resolved.get(destination) ?? destination])) {
      external.set(key, source);
      if (!isRecursive(mount)) continue;
      for (const { mountPoint } of input.hostMounts) {
        if (isBelow(mountPoint, source)) external.set(key + mountPoint.slice(source.length), mountPoint);
      }
    }
  }
  for (const { path } of config.linux?.devices ?? []) add(external, cleanPath(path));
  for (const path of defaultDevices) add(external, path);
  return [...external].map(([key, value]) => ({ key, value }));
}

/** Bound from the host in a user namespace, where nobody may make devices. /dev/null is the cover of masked files too. */
const defaultDevices = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom', '/dev/tty'];

function bindDestinations(config: Config): readonly string[] {
  const mounts = config.mounts ?? [];
  return mounts
    .filter((mount) => isBind(mount) || (isCgroup(mount) && !hasCgroupNamespace(config)))
    .map(({ destination }) => cleanPath(destination));
}

/** Every place whose lookup the caller must have done: the keys of `resolved`. */
export function listExternalDestinations(config: Config): readonly string[] {
  return [...new Set(bindDestinations(config))];
}

function isBind({ type, options }: Mount): boolean {
  if (options?.includes('remount') === true) return false;
  return type === 'bind' || options?.includes('bind') === true || options?.includes('rbind') === true;
}

const isRecursive = ({ options }: Mount): boolean => options?.includes('rbind') === true;
const isCgroup = ({ type }: Mount): boolean => type === 'cgroup' || type === 'cgroup2';

function hasCgroupNamespace(config: Config): boolean {
  return config.linux?.namespaces?.some(({ type }) => type === 'cgroup') === true;
}

/** Without a cgroup namespace the container's own cgroup directory was bound. */
function cgroupSource({ config, cgroupPath }: RestoreMountsInput, mount: Mount): string | undefined {
  return isCgroup(mount) && !hasCgroupNamespace(config) ? cgroupPath : undefined;
}

function absolute(bundle: string, path: string): string {
  return cleanPath(path[0] === '/' ? path : `${bundle}/${path}`);
}

/** By whole components. */
function isBelow(path: string, above: string): boolean {
  return path.startsWith(above === '/' ? '/' : `${above}/`) && path !== above;
}
