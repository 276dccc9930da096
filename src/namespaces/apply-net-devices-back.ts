/**
 * The inverse of apply-net-devices.ts, for a create that failed: every device that was moved comes back with its name, number,
 * master, addresses and state. What the kernel removes with it and does not give back are the routes through it.
 * [spec runtime.md#errors]
 */
import { during } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { freeIndex, linkOf, type MovedDevice, type NetDeviceSides } from './apply-net-devices.ts';
import { addAddress, getLinkByIndex, moveLink, setLinkMaster, setLinkUp } from './format-netlink.ts';
import { IFA_F_TEMPORARY, IFF_UP, type LinkAddress } from './netlink-message.ts';
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

function moveBack(kernel: Kernel, { host, container }: NetDeviceSides, device: MovedDevice): void {
  const { link, addresses, newIndex, move } = device;
  const { pointer } = move;
  const there = linkOf(kernel, container, getLinkByIndex(newIndex), pointer);
  // The number was free before: what has it now is the device, unless that never left.
  const here = linkOf(kernel, host, getLinkByIndex(link.index), pointer);
  if (there === undefined || here?.name === link.name) return;
  const index = freeIndex(kernel, host, link.index);
  const namespaceFd = host.namespace.number;
  const request = moveLink({ index: newIndex, name: link.name, namespaceFd, newIndex: index });
  runNetlinkOrThrow(kernel, container.socket, request, pointer);
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
