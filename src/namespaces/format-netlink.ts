/**
 * Requests of rtnetlink as bytes. Every length is checked before it is written: a 16-bit length that wrapped would let the text
 * of one attribute be read as others [CVE-2021-43784]. Both architectures are little-endian. Pure. [man netlink.7, rtnetlink.7]
 */
import { assert } from '../base/assert.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import {
  chosenAddressFlags,
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_CACHEINFO,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFA_PROTO,
  IFA_RT_PRIORITY,
  IFF_UP,
  IFLA_IFNAME,
  IFLA_MASTER,
  IFLA_NET_NS_FD,
  IFLA_NEW_IFINDEX,
  type LinkAddress,
  type NetlinkAttribute,
  type NetlinkRequest,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
} from './netlink-message.ts';

const headerBytes = 16;
const attributeHeaderBytes = 4;
/** IFNAMSIZ, with the NUL at the end. */
const longestName = 15;

const padded = (length: number): number => (length + 3) & ~3;

/** struct nlmsghdr, the type's own header, attributes. */
export function formatNetlink({ type, flags, header, attributes }: NetlinkRequest, sequence: number): Uint8Array {
  let length = headerBytes + padded(header.length);
  for (const [, value] of attributes) length += padded(attributeHeaderBytes + value.length);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags | NLM_F_REQUEST, true);
  view.setUint32(8, sequence, true);
  bytes.set(header, headerBytes);
  let at = headerBytes + padded(header.length);
  for (const [kind, value] of attributes) {
    assert(attributeHeaderBytes + value.length <= 0xffff, 'a netlink attribute is too long');
    view.setUint16(at, attributeHeaderBytes + value.length, true);
    view.setUint16(at + 2, kind, true);
    bytes.set(value, at + attributeHeaderBytes);
    at += padded(attributeHeaderBytes + value.length);
  }
  return bytes;
}

export const getLinkByName = (name: string): NetlinkRequest => ({
  type: RTM_GETLINK,
  flags: 0,
  header: linkHeader(0, 0, 0),
  attributes: [[IFLA_IFNAME, nameValue(name)]],
});

export const getLinkByIndex = (index: number): NetlinkRequest => ({
  type: RTM_GETLINK,
  flags: 0,
  header: linkHeader(index, 0, 0),
  attributes: [],
});

export interface LinkMove {
  /** In the namespace where the device is. */
  readonly index: number;
  /** A name, or a template with %d. */
  readonly name: string;
  readonly namespaceFd: number;
  readonly newIndex: number;
}

/** Another network namespace and name. IFLA_NEW_IFINDEX: by it the device is found again whatever name the kernel gave it. */
export const moveLink = ({ index, name, namespaceFd, newIndex }: LinkMove): NetlinkRequest => ({
  type: RTM_NEWLINK,
  flags: NLM_F_ACK,
  header: linkHeader(index, 0, 0),
  attributes: [
    [IFLA_IFNAME, nameValue(name)],
    [IFLA_NET_NS_FD, word(namespaceFd)],
    [IFLA_NEW_IFINDEX, word(newIndex)],
  ],
});

/** A device that is down. */
export const renameLink = (index: number, name: string): NetlinkRequest => ({
  type: RTM_NEWLINK,
  flags: NLM_F_ACK,
  header: linkHeader(index, 0, 0),
  attributes: [[IFLA_IFNAME, nameValue(name)]],
});

export const setLinkUp = (index: number): NetlinkRequest => ({
  type: RTM_NEWLINK,
  flags: NLM_F_ACK,
  header: linkHeader(index, IFF_UP, IFF_UP),
  attributes: [],
});

export const setLinkMaster = (index: number, master: number): NetlinkRequest => ({
  type: RTM_NEWLINK,
  flags: NLM_F_ACK,
  header: linkHeader(index, 0, 0),
  attributes: [[IFLA_MASTER, word(master)]],
});

/** All addresses of the namespace: an older kernel ignores the index in a dump. */
export const getAddresses = (index: number): NetlinkRequest => ({
  type: RTM_GETADDR,
  flags: NLM_F_DUMP,
  header: addressHeader({ family: 0, prefixLength: 0, scope: 0, index }),
  attributes: [],
});

const keptAttributes: ReadonlySet<number> = new Set([
  ...[IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_CACHEINFO, IFA_RT_PRIORITY, IFA_PROTO],
]);

/** The same address for a device that may have another index and name. */
export function addAddress(
  address: LinkAddress,
  device: { readonly index: number; readonly oldName: string; readonly name: string },
): NetlinkRequest {
  const attributes: NetlinkAttribute[] = [];
  for (const [type, value] of address.attributes) {
    if (keptAttributes.has(type)) attributes.push([type, value]);
    else if (type === IFA_LABEL) attributes.push([type, renameLabel(value, device.oldName, device.name)]);
  }
  attributes.push([IFA_FLAGS, word(address.flags & chosenAddressFlags)]);
  return {
    type: RTM_NEWADDR,
    flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
    header: addressHeader({ ...address, index: device.index }),
    attributes,
  };
}

/** "eth0:1" belongs to eth0 [man ip-address.8]: it follows the device's name, and becomes just that where it would be too long. */
function renameLabel(label: Uint8Array, oldName: string, name: string): Uint8Array {
  const before = encodeUtf8(oldName);
  const after = encodeUtf8(name);
  const end = label.indexOf(0);
  const rest = label.subarray(before.length, end < 0 ? label.length : end);
  const follows = before.every((byte, i) => label[i] === byte);
  if (!follows || after.length + rest.length > longestName) return nameValue(name);
  return Uint8Array.from([...after, ...rest, 0]);
}

/** struct ifinfomsg. */
function linkHeader(index: number, flags: number, change: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setInt32(4, index, true);
  view.setUint32(8, flags, true);
  view.setUint32(12, change, true);
  return bytes;
}

/** struct ifaddrmsg; the flags are in IFA_FLAGS, where they all fit. */
function addressHeader(address: Pick<LinkAddress, 'family' | 'prefixLength' | 'scope' | 'index'>): Uint8Array {
  const bytes = Uint8Array.from([address.family, address.prefixLength, 0, address.scope, 0, 0, 0, 0]);
  new DataView(bytes.buffer).setUint32(4, address.index, true);
  return bytes;
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** With its NUL. That it is a possible name was checked in spec/check-net-devices.ts. */
function nameValue(name: string): Uint8Array {
  const bytes = encodeUtf8(name);
  assert(bytes.length <= longestName, 'a network device name is too long');
  return Uint8Array.from([...bytes, 0]);
}
