/**
 * Moves network devices from the runtime's network namespace into the container's, with their names, addresses and state, and
 * back again when create fails. The kernel takes the addresses off and the device down when it moves: they are read before and
 * set again after. Everything that can be known before is asked before the first move. Never moved out on delete: that is the
 * kernel's part. [spec config-linux.md#network-devices] [man rtnetlink.7, network_namespaces.7]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { CLONE_NEWNET, O_RDONLY } from '../kernel/flags.ts';
import type { Integer64, Kernel } from '../kernel/kernel.ts';
import { addAddress, getAddresses, getLinkByIndex, getLinkByName, moveLink, setLinkUp } from './format-netlink.ts';
import {
  IFA_F_PERMANENT,
  IFF_UP,
  type Link,
  type LinkAddress,
  type NetlinkRequest,
  RT_SCOPE_UNIVERSE,
} from './netlink-message.ts';
import { parseAddress, parseLink } from './parse-netlink.ts';
import type { NetDeviceMove } from './plan-net-devices.ts';
import { openNetworkSysfs, readDeviceIdentity } from './read-device-identity.ts';
import { type NetlinkSocket, refusalError, runNetlink, runNetlinkOrThrow, runOpenNetlink } from './run-netlink.ts';

/** A network namespace, a netlink socket in it, and the sysfs that tells its devices apart where that is needed. */
export interface NetworkSide {
  readonly namespace: Fd;
  readonly socket: NetlinkSocket;
  readonly sysfs: Fd | undefined;
}

/** What is known of a device before it is moved: all that moving it back needs. */
export interface MovedDevice {
  readonly move: NetDeviceMove;
  readonly link: Link;
  readonly addresses: readonly LinkAddress[];
  /** undefined: needless, or it could not be read. */
  readonly identity: Integer64 | undefined;
  /** Its index in the container. */
  readonly newIndex: number;
}

export interface NetDeviceSides {
  readonly host: NetworkSide;
  readonly container: NetworkSide;
  /** Others are in the container's namespace already, who may do to a device there what they like. */
  readonly isShared: boolean;
}

/** `namespace` is the container's network namespace. The caller closes what this opens: closeNetworkSides. */
export function openNetworkSides(kernel: Kernel, namespace: Fd, isShared: boolean): NetDeviceSides {
  const own = kernel.openat2(cwdFd, '/proc/self/ns/net', O_RDONLY, 0, 0);
  const [here, there] = [kernel.fstat(own), kernel.fstat(namespace)];
  if (here.ino === there.ino && here.devMinor === there.devMinor && here.devMajor === there.devMajor) {
    throw new RuntimeError({
      kind: 'spec',
      pointer: '/linux/netDevices',
      message: "the container's network namespace is the runtime's own: nothing can be moved",
    });
  }
  const openSide = (each: Fd): NetworkSide => ({
    namespace: each,
    socket: runOpenNetlink(kernel),
    sysfs: isShared ? openNetworkSysfs(kernel) : undefined,
  });
  const host = openSide(own);
  // A netlink socket belongs for ever to the namespace it was made in.
  kernel.setns(namespace, CLONE_NEWNET);
  try {
    return { host, container: openSide(namespace), isShared };
  } finally {
    kernel.setns(own, CLONE_NEWNET);
  }
}

export function closeNetworkSides(kernel: Kernel, { host, container }: NetDeviceSides): void {
  for (const { socket, namespace, sysfs } of [host, container]) {
    kernel.close(socket.fd);
    kernel.close(namespace);
    if (sysfs !== undefined) kernel.close(sysfs);
  }
}

/** `moved` is told of each device before it is touched: what was begun must be looked at when create fails. */
export function applyNetDevices(
  kernel: Kernel,
  sides: NetDeviceSides,
  moves: readonly NetDeviceMove[],
  moved: MovedDevice[],
): void {
  const found = moves.map((move) => doing(move, () => findDevice(kernel, sides, move)));
  for (const device of found) {
    doing(device.move, () => {
      const newIndex = freeIndex(kernel, sides.container, device.link.index);
      moved.push({ ...device, newIndex });
      moveDevice(kernel, sides, { ...device, newIndex });
    });
  }
}

/** For restore: without those whose names the container has already, which are its own, from the images. */
export function listMissingDevices(
  kernel: Kernel,
  { container }: NetDeviceSides,
  moves: readonly NetDeviceMove[],
): readonly NetDeviceMove[] {
  const isThere = ({ target, pointer }: NetDeviceMove): boolean =>
    !target.includes('%') && linkNamed(kernel, container, target, pointer) !== undefined;
  return moves.filter((move) => !isThere(move));
}

function doing<T>({ name }: NetDeviceMove, act: () => T): T {
  return during(`move the network device ${name} into the container`, act);
}

type FoundDevice = Omit<MovedDevice, 'newIndex'>;

/** The device is there, and its new name is not: nothing has been done when one of them is wrong. */
function findDevice(kernel: Kernel, { host, container }: NetDeviceSides, move: NetDeviceMove): FoundDevice {
  const { name, target, pointer } = move;
  const link = linkNamed(kernel, host, name, pointer);
  if (link === undefined) {
    throw new RuntimeError({
      kind: 'kernel',
      pointer,
      message: "there is no such device in the runtime's network namespace",
      errno: 'ENODEV',
    });
  }
  if (!target.includes('%') && linkNamed(kernel, container, target, pointer) !== undefined) {
    throw new RuntimeError({
      kind: 'kernel',
      pointer,
      message: `the container's network namespace already has a device with the name ${target}`,
      errno: 'EEXIST',
      hint: `give it another "name", or one that ends with %d`,
    });
  }
  const identity = readDeviceIdentity(kernel, host.sysfs, link.name);
  return { move, link, identity, addresses: readAddresses(kernel, host, link.index, pointer) };
}

function linkNamed(kernel: Kernel, side: NetworkSide, name: string, pointer: string): Link | undefined {
  return linkOf(kernel, side, getLinkByName(name), pointer);
}

/** undefined: there is none. */
export function linkOf(kernel: Kernel, side: NetworkSide, request: NetlinkRequest, pointer: string): Link | undefined {
  const answer = runNetlink(kernel, side.socket, request);
  if ('errno' in answer) {
    if (answer.errno === 'ENODEV') return undefined;
    throw refusalError(answer, pointer);
  }
  const [message] = answer;
  return message === undefined ? undefined : parseLink(message.payload);
}

function readAddresses(kernel: Kernel, side: NetworkSide, index: number, pointer: string): readonly LinkAddress[] {
  return runNetlinkOrThrow(kernel, side.socket, getAddresses(index), pointer)
    .map(({ payload }) => parseAddress(payload))
    .filter((address) => address.index === index);
}

/** Its own number, as the kernel does it, or the next that the container does not use. */
export function freeIndex(kernel: Kernel, side: NetworkSide, index: number): number {
  let free = index;
  while (linkOf(kernel, side, getLinkByIndex(free), '/linux/netDevices') !== undefined) free += 1;
  return free;
}

/** Permanent addresses with global scope, of any family; the others belong to the network it came from. */
const isKept = ({ flags, scope }: LinkAddress): boolean =>
  (flags & IFA_F_PERMANENT) !== 0 && scope === RT_SCOPE_UNIVERSE;

function moveDevice(kernel: Kernel, { host, container }: NetDeviceSides, device: MovedDevice): void {
  const { move, link, addresses, newIndex } = device;
  const { target, pointer } = move;
  const namespaceFd = container.namespace.number;
  const request = moveLink({ index: link.index, name: target, namespaceFd, newIndex });
  const refused = runNetlink(kernel, host.socket, request);
  if ('errno' in refused) throw moveError(refused, pointer);
  const arrived = linkOf(kernel, container, getLinkByIndex(newIndex), pointer);
  if (arrived === undefined) throw new RuntimeError({ kind: 'kernel', pointer, message: 'it did not arrive' });
  const names = { index: newIndex, oldName: link.name, name: arrived.name };
  for (const address of addresses.filter(isKept)) {
    runNetlinkOrThrow(kernel, container.socket, addAddress(address, names), pointer);
  }
  runNetlinkOrThrow(kernel, container.socket, setLinkUp(newIndex), pointer);
  const finished = linkOf(kernel, container, getLinkByIndex(newIndex), pointer);
  if (finished === undefined || (finished.flags & IFF_UP) === 0) {
    throw new RuntimeError({ kind: 'kernel', pointer, message: 'the device is not up after it was set up' });
  }
}

const hints: { readonly [errno: string]: string } = {
  EPERM: "moving a device needs CAP_NET_ADMIN in the runtime's network namespace and in the container's",
  EINVAL: 'this kind of device (such as a bridge or a loopback) cannot leave its network namespace',
  EEXIST: 'the name has been taken in the container meanwhile',
  EBUSY: 'its number has been taken in the container meanwhile: try again',
};

function moveError(refusal: { readonly errno: string; readonly text: string | undefined }, pointer: string) {
  const hint = hints[refusal.errno];
  const error = refusalError(refusal, pointer);
  return hint === undefined ? error : error.with({ hint });
}
