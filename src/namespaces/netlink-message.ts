/**
 * The words of rtnetlink that runt speaks, and the shape of its messages. Types and constants; format-netlink.ts makes messages,
 * parse-netlink.ts reads them, run-netlink.ts exchanges them with the kernel. Numbers are the same on every architecture:
 * linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h. [man netlink.7, rtnetlink.7]
 */

/** Of linux/netlink.h. */
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLM_F_REQUEST = 1;
export const NLM_F_ACK = 4;
export const NLM_F_DUMP = 0x300;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
/** In an acknowledgement: the request is not repeated in it; attributes follow. */
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;
export const NLMSGERR_ATTR_MSG = 1;
export const SOL_NETLINK = 270;
export const NETLINK_CAP_ACK = 10;
export const NETLINK_EXT_ACK = 11;

/** Of linux/rtnetlink.h. */
export const RTM_NEWLINK = 16;
export const RTM_GETLINK = 18;
export const RTM_NEWADDR = 20;
export const RTM_GETADDR = 22;
export const RT_SCOPE_UNIVERSE = 0;

/** Of linux/if_link.h, if.h. */
export const IFLA_IFNAME = 3;
export const IFLA_MASTER = 10;
export const IFLA_NET_NS_FD = 28;
export const IFLA_NEW_IFINDEX = 49;
export const IFF_UP = 1;

/** Of linux/if_addr.h. */
export const IFA_ADDRESS = 1;
export const IFA_LOCAL = 2;
export const IFA_LABEL = 3;
export const IFA_BROADCAST = 4;
export const IFA_CACHEINFO = 6;
export const IFA_FLAGS = 8;
export const IFA_RT_PRIORITY = 9;
export const IFA_PROTO = 11;
export const IFA_F_TEMPORARY = 1;
export const IFA_F_PERMANENT = 0x80;
/** NODAD, HOMEADDRESS, MANAGETEMPADDR, NOPREFIXROUTE, MCAUTOJOIN: what its owner may choose; the others are the kernel's to say. */
export const chosenAddressFlags = 0x712;

/** One attribute: type and content, without padding. */
export type NetlinkAttribute = readonly [type: number, value: Uint8Array];

export interface NetlinkRequest {
  /** RTM_* */
  readonly type: number;
  /** NLM_F_*; NLM_F_REQUEST is always added. */
  readonly flags: number;
  /** struct ifinfomsg, struct ifaddrmsg. */
  readonly header: Uint8Array;
  readonly attributes: readonly NetlinkAttribute[];
}

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** A network device, of RTM_NEWLINK. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** IFF_* */
  readonly flags: number;
  /** Index of the bridge or bond it belongs to; 0: none. */
  readonly master: number;
}

/** An address of a network device, of RTM_NEWADDR. */
export interface LinkAddress {
  /** AF_INET, AF_INET6, or another that has addresses. */
  readonly family: number;
  readonly prefixLength: number;
  /** IFA_F_* */
  readonly flags: number;
  /** RT_SCOPE_* */
  readonly scope: number;
  /** Of the device. */
  readonly index: number;
  readonly attributes: readonly NetlinkAttribute[];
}
