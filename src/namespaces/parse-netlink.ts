/**
 * What the kernel answers on a netlink socket, from bytes. Every length is held against what is there: an answer that does not
 * add up is an error, never a read past its end. Pure. [man netlink.7, rtnetlink.7]
 */

import { RuntimeError } from '../base/runtime-error.ts';
import { decodeUtf8 } from '../base/utf8.ts';
import {
  IFA_FLAGS,
  IFLA_IFNAME,
  IFLA_MASTER,
  type Link,
  type LinkAddress,
  type NetlinkAttribute,
  type NetlinkMessage,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSGERR_ATTR_MSG,
} from './netlink-message.ts';

const headerBytes = 16;
const padded = (length: number): number => (length + 3) & ~3;

function malformed(what: string): RuntimeError {
  return new RuntimeError({ kind: 'kernel', message: `the kernel's netlink answer makes no sense: ${what}` });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** All messages of one datagram. */
export function parseNetlink(bytes: Uint8Array): readonly NetlinkMessage[] {
  const view = viewOf(bytes);
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < headerBytes) throw malformed(`${bytes.length - at} bytes after the last message`);
    const length = view.getUint32(at, true);
    if (length < headerBytes || length > bytes.length - at) throw malformed(`a message of ${length} bytes`);
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      payload: bytes.subarray(at + headerBytes, at + length),
    });
    at += padded(length);
  }
  return messages;
}

/** The attributes from `at` on, in order; NLA_F_NESTED and NLA_F_NET_BYTEORDER are taken off the types. */
export function parseAttributes(bytes: Uint8Array, at: number): readonly NetlinkAttribute[] {
  if (at > bytes.length) throw malformed('a header is missing');
  const view = viewOf(bytes);
  const attributes: NetlinkAttribute[] = [];
  for (let start = at; start < bytes.length; ) {
    if (bytes.length - start < 4) throw malformed('half an attribute');
    const length = view.getUint16(start, true);
    if (length < 4 || length > bytes.length - start) throw malformed(`an attribute of ${length} bytes`);
    attributes.push([view.getUint16(start + 2, true) & 0x3fff, bytes.subarray(start + 4, start + length)]);
    start += padded(length);
  }
  return attributes;
}

/** struct ifinfomsg and attributes. */
export function parseLink(payload: Uint8Array): Link {
  const attributes = parseAttributes(payload, 16);
  const view = viewOf(payload);
  const name = find(attributes, IFLA_IFNAME);
  if (name === undefined) throw malformed('a network device without a name');
  return {
    index: view.getInt32(4, true),
    name: textOf(name),
    flags: view.getUint32(8, true),
    master: numberOf(find(attributes, IFLA_MASTER)) ?? 0,
  };
}

/** struct ifaddrmsg and attributes. */
export function parseAddress(payload: Uint8Array): LinkAddress {
  const attributes = parseAttributes(payload, 8);
  return {
    family: payload[0] ?? 0,
    prefixLength: payload[1] ?? 0,
    // The header has room for eight flags; the attribute has all of them.
    flags: numberOf(find(attributes, IFA_FLAGS)) ?? payload[2] ?? 0,
    scope: payload[3] ?? 0,
    index: viewOf(payload).getUint32(4, true),
    attributes,
  };
}

export interface NetlinkAck {
  /** A positive errno; 0: done. */
  readonly errno: number;
  /** What the kernel says about it, in English, if it does. */
  readonly text: string | undefined;
}

/** The payload of NLMSG_ERROR: struct nlmsgerr and, with NETLINK_EXT_ACK, attributes. */
export function parseAck({ payload, flags }: NetlinkMessage): NetlinkAck {
  if (payload.length < 4) throw malformed('an acknowledgement without a number');
  const errno = 0 - viewOf(payload).getInt32(0, true);
  if (errno < 0) throw malformed(`an acknowledgement of ${errno}`);
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno, text: undefined };
  if (payload.length < 4 + headerBytes) throw malformed('an acknowledgement without its request');
  const request = (flags & NLM_F_CAPPED) !== 0 ? headerBytes : viewOf(payload).getUint32(4, true);
  const text = find(parseAttributes(payload, 4 + padded(request)), NLMSGERR_ATTR_MSG);
  return { errno, text: text === undefined ? undefined : textOf(text) };
}

function find(attributes: readonly NetlinkAttribute[], type: number): Uint8Array | undefined {
  return attributes.find(([each]) => each === type)?.[1];
}

/** Up to its NUL. */
function textOf(value: Uint8Array): string {
  const end = value.indexOf(0);
  return decodeUtf8(end < 0 ? value : value.subarray(0, end));
}

function numberOf(value: Uint8Array | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (value.length !== 4) throw malformed('a number of another size');
  return viewOf(value).getUint32(0, true);
}
