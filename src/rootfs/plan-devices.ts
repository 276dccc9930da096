/**
 * Default and listed devices and the links of /dev -> steps. A listed device with the path of a default one replaces it.
 * In a user namespace mknod(2) is refused by the kernel, so the host's nodes are bound there, verified by number. Pure.
 * [spec config-linux.md#devices] [spec config-linux.md#default-devices] [spec runtime-linux.md#dev-symbolic-links]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { S_IFBLK, S_IFCHR, S_IFIFO } from '../kernel/flags.ts';
import type { Device } from '../spec/config-types.ts';
import type { RootfsDraft } from './plan-mounts.ts';
import { planTarget, useTarget } from './plan-targets.ts';
import type { DeviceNumber, RootfsStep, Target, TreeSource } from './rootfs-step.ts';

const character = (minor: number, major = 1): DeviceNumber => ({ type: S_IFCHR, major, minor });

export const nullDevice = character(3);

interface Node {
  readonly path: string;
  readonly device: DeviceNumber;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly pointer: string | undefined;
}

const defaultNode = (path: string, device: DeviceNumber): Node => ({
  path,
  device,
  mode: 0o666,
  uid: 0,
  gid: 0,
  pointer: undefined,
});

const defaultDevices: readonly Node[] = [
  defaultNode('/dev/null', nullDevice),
  defaultNode('/dev/random', character(8)),
  defaultNode('/dev/full', character(7)),
  defaultNode('/dev/tty', character(0, 5)),
  defaultNode('/dev/zero', character(5)),
  defaultNode('/dev/urandom', character(9)),
];

/** [link, text, file that must exist]. ptmx leads to the container's own devpts and replaces whatever the image has. */
const links: readonly (readonly [string, string, string | undefined])[] = [
  ['/dev/fd', '/proc/self/fd', undefined],
  ['/dev/stdin', '/proc/self/fd/0', undefined],
  ['/dev/stdout', '/proc/self/fd/1', undefined],
  ['/dev/stderr', '/proc/self/fd/2', undefined],
  ['/dev/core', '/proc/kcore', '/proc/kcore'],
  ['/dev/ptmx', 'pts/ptmx', undefined],
];

/** The steps for a fresh /dev, made when the module is loaded: before the start-up snapshot they cost nothing. */
const readyDevices: readonly RootfsStep[] = defaultDevices.map(({ path, ...node }) => ({
  kind: 'makeDevice',
  target: freshTarget(path),
  ...node,
}));
const readyLinks: readonly RootfsStep[] = links.map(([path, text, exists]) =>
  makeLink(freshTarget(path), text, exists),
);
const readyNames: ReadonlySet<string> = new Set(
  [...defaultDevices.map(({ path }) => path), ...links.map(([path]) => path)].map((path) => freshTarget(path).name),
);

function freshTarget(path: string): Target {
  return { path, parent: '/dev', name: path.slice('/dev/'.length), missing: true };
}

function makeLink(target: Target, linkText: string, onlyIfExists: string | undefined): RootfsStep {
  return { kind: 'makeLink', target, linkText, replace: target.path === '/dev/ptmx', onlyIfExists };
}

const permissionBits = 0o7777;

/** `bind`: mknod(2) is not allowed. */
export function planDevices(draft: RootfsDraft, devices: readonly Device[], bind: boolean): void {
  const listed = new Set<string>();
  for (let i = 0; i < devices.length; i++) listed.add(planTarget(draft.book, devices[i]?.path ?? '').path);
  const ready = !bind && isDevFresh(draft);
  for (let i = 0; i < defaultDevices.length; i++) {
    const node = defaultDevices[i];
    if (node === undefined || listed.has(node.path)) continue;
    const step = ready ? readyDevices[i] : undefined;
    if (step !== undefined) draft.steps.push(step);
    else planDevice(draft, node, bind);
  }
  for (let i = 0; i < devices.length; i++) {
    const device = devices[i];
    if (device !== undefined) planListed(draft, device, `/linux/devices/${i}`, bind);
  }
}

/** A /dev as nearly all configurations have it: our own tmpfs, and no mount with the name of a device or link in it. */
function isDevFresh(draft: RootfsDraft): boolean {
  const used = draft.book.fresh.get('/dev');
  if (used === undefined) return false;
  for (const name of used) if (readyNames.has(name)) return false;
  return true;
}

function planListed(draft: RootfsDraft, listed: Device, pointer: string, bind: boolean): void {
  const major = listed.major ?? 0;
  const minor = listed.minor ?? 0;
  const type = listed.type === 'b' ? S_IFBLK : listed.type === 'p' ? S_IFIFO : S_IFCHR;
  // dev_t has 12 and 20 bits: a larger number would silently become another device.
  if (!(major >= 0 && major <= 0xfff && minor >= 0 && minor <= 0xfffff)) {
    throw new RuntimeError({ kind: 'spec', pointer, message: `no such device number ${major}:${minor}` });
  }
  const mode = (listed.fileMode ?? 0o666) & permissionBits;
  const device = { type, major, minor };
  planDevice(draft, { path: listed.path, device, mode, uid: listed.uid ?? 0, gid: listed.gid ?? 0, pointer }, bind);
}

function planDevice(draft: RootfsDraft, node: Node, bind: boolean): void {
  const target = planTarget(draft.book, node.path);
  const { device, pointer, mode, uid, gid } = node;
  if (target.path === '/')
    throw new RuntimeError({ kind: 'spec', pointer: `${pointer}/path`, message: 'must name a file' });
  // The multiplexer is the link made by planLinks.
  if (target.path === '/dev/ptmx') return;
  if (bind && device.type !== S_IFIFO) {
    const source = planDeviceSource(draft, target.path, device, pointer);
    draft.steps.push({ kind: 'bindDevice', pointer, target, device, source });
  } else {
    draft.steps.push({ kind: 'makeDevice', pointer, target, device, mode, uid, gid });
  }
  useTarget(draft.book, target);
}

/** The host's node of the same path, opened by the parent if need be. */
export function planDeviceSource(
  draft: RootfsDraft,
  hostPath: string,
  device: DeviceNumber,
  pointer?: string,
): TreeSource {
  if (!draft.inherit) return { kind: 'open', hostPath, recursive: false };
  draft.hostSources.push({ hostPath, recursive: false, pointer, device, idMap: undefined });
  return { kind: 'inherited', hostPath, index: draft.hostSources.length - 1 };
}

/** [order] after planDevices: a listed device with the name of a link stays. */
export function planLinks(draft: RootfsDraft): void {
  if (isDevFresh(draft)) {
    draft.steps.push(...readyLinks);
    return;
  }
  for (const [path, linkText, onlyIfExists] of links) {
    const target = planTarget(draft.book, path);
    draft.steps.push(makeLink(target, linkText, onlyIfExists));
    useTarget(draft.book, target);
  }
}
