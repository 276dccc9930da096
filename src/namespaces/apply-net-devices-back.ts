/**
 * The inverse of apply-net-devices.ts, for a create that failed: every device that was moved comes back with its name, number,
 * master, addresses and state. What the kernel removes with it and does not give back are the routes through it.
 * [spec runtime.md#errors]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { freeIndex, linkOf, type MovedDevice, type NetDeviceSides, type NetworkSide } from './apply-net-devices.ts';
import { addAddress, getLinkByIndex, moveLink, renameLink, setLinkMaster, setLinkUp } from './format-netlink.ts';
import { IFA_F_TEMPORARY, IFF_UP, type Link, type LinkAddress } from './netlink-message.ts';
import { readDeviceIdentity } from './read-device-identity.ts';
import { refusalError, runNetlink, runNetlinkOrThrow } from './run-netlink.ts';

/** Last first: a name that one of them gave up may be another's. Throws the first failure, after all were tried. */
export function applyNetDevicesBack(kernel: Kernel, sides: NetDeviceSides, moved: readonly MovedDevice[]): void {
  const failures: unknown[] = [];
  for (const device of moved.toReversed()) {
    try {
      during(`move the network device ${device.move.name} back`, () => moveBack(kernel, sides, device));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

const AF_INET6 = 10;

/** The kernel makes temporary addresses of IPv6 by itself, and takes none. */
const isTemporary = ({ family, flags }: LinkAddress): boolean => family === AF_INET6 && (flags & IFA_F_TEMPORARY) !== 0;

/** A template: until it is known which device has come, it must not have the name of one of the host's. */
const temporaryName = 'runt%d';

/**
 * [order] asked before and after: whoever shares the container's namespace may exchange the device at any time, and what came
 * would be taken for the host's own, with its name and addresses.
 */
function moveBack(kernel: Kernel, sides: NetDeviceSides, device: MovedDevice): void {
  const { host, container } = sides;
  const { link, newIndex, move } = device;
  const { pointer } = move;
  const here = linkOf(kernel, host, getLinkByIndex(link.index), pointer);
  // The number was free before: what has it now is the device, unless that never left.
  if (here?.name === link.name) return;
  const there = linkOf(kernel, container, getLinkByIndex(newIndex), pointer);
  if (!isDevice(kernel, sides, container, device, there)) throw exchanged(pointer);
  const index = freeIndex(kernel, host, link.index);
  const toHost = { index: newIndex, name: temporaryName, namespaceFd: host.namespace.number, newIndex: index };
  runNetlinkOrThrow(kernel, container.socket, moveLink(toHost), pointer);
  const arrived = linkOf(kernel, host, getLinkByIndex(index), pointer);
  if (!isDevice(kernel, sides, host, device, arrived)) {
    const free = freeIndex(kernel, container, newIndex);
    const away = { index, name: temporaryName, namespaceFd: container.namespace.number, newIndex: free };
    if (arrived !== undefined) runNetlinkOrThrow(kernel, host.socket, moveLink(away), pointer);
    throw exchanged(pointer);
  }
  runNetlinkOrThrow(kernel, host.socket, renameLink(index, link.name), pointer);
  restore(kernel, host, device, index);
}

/** Of a namespace that nobody else is in the number says enough. */
function isDevice(
  kernel: Kernel,
  { isShared }: NetDeviceSides,
  side: NetworkSide,
  { identity }: MovedDevice,
  link: Link | undefined,
): boolean {
  if (link === undefined || !isShared) return link !== undefined;
  return identity !== undefined && readDeviceIdentity(kernel, side.sysfs, link.name) === identity;
}

function exchanged(pointer: string): RuntimeError {
  return new RuntimeError({
    kind: 'kernel',
    pointer,
    message: "it is not where it was put in the container's network namespace, and no other is taken for it",
    hint: 'a process there has moved or renamed it: look for it in that namespace',
  });
}

/** What it had and lost by moving. */
function restore(kernel: Kernel, host: NetworkSide, { link, addresses, move }: MovedDevice, index: number): void {
  const { pointer } = move;
  if (link.master !== 0) runNetlinkOrThrow(kernel, host.socket, setLinkMaster(index, link.master), pointer);
  const names = { index, oldName: link.name, name: link.name };
  for (const address of addresses) {
    if (isTemporary(address)) continue;
    const refused = runNetlink(kernel, host.socket, addAddress(address, names));
    // One that the kernel made by itself meanwhile.
    if ('errno' in refused && refused.errno !== 'EEXIST') throw refusalError(refused, pointer);
  }
  if ((link.flags & IFF_UP) !== 0) runNetlinkOrThrow(kernel, host.socket, setLinkUp(index), pointer);
}
