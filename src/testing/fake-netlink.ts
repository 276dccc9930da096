/**
 * Network devices of the fake kernel, and the part of rtnetlink that moves them. Written from the manual and not with the code
 * under test, so that both must agree on the bytes. A move takes addresses off and the device down, and renames only after it
 * has moved, as Linux does. [man rtnetlink.7]
 */

export interface FakeAddress {
  readonly family: number;
  readonly prefixLength: number;
  readonly scope: number;
  readonly flags: number;
  /** IFA_ADDRESS. */
  readonly bytes: readonly number[];
}

export interface FakeLink {
  /** Inode of its directory in sysfs, wherever it goes. */
  readonly identity: number;
  index: number;
  name: string;
  up: boolean;
  master: number;
  /** It cannot leave its namespace. */
  readonly immutable: boolean;
  addresses: FakeAddress[];
}

/** Devices by network namespace, which is named by the text of its file in /proc/PID/ns. */
export type FakeNetworks = Map<string, FakeLink[]>;

const [EPERM, ENODEV, EEXIST, EBUSY, EINVAL] = [1, 19, 17, 16, 22];
export const fakeErrnos: { readonly [errno: number]: string } = {
  [EPERM]: 'EPERM',
  [ENODEV]: 'ENODEV',
  [EEXIST]: 'EEXIST',
  [EBUSY]: 'EBUSY',
  [EINVAL]: 'EINVAL',
};

const link = (index: number, name: string, more: Partial<FakeLink> = {}): FakeLink => ({
  ...{ identity: 9000 + index, index, name, up: false, master: 0, immutable: false, addresses: [] },
  ...more,
});

export function makeNetworks(): FakeNetworks {
  const global = { family: 2, prefixLength: 16, scope: 0, flags: 0x80, bytes: [10, 1, 0, 2] };
  const dynamic = { family: 2, prefixLength: 24, scope: 0, flags: 0, bytes: [10, 2, 0, 2] };
  const local = { family: 2, prefixLength: 16, scope: 253, flags: 0x80, bytes: [169, 254, 0, 2] };
  return new Map([
    [
      'net:[1]',
      [
        link(1, 'lo', { up: true, immutable: true }),
        link(2, 'eth0', { up: true, master: 4, addresses: [global, dynamic, local] }),
        link(3, 'eth1'),
        link(4, 'br0', { up: true, immutable: true }),
      ],
    ],
    ['net:[2]', [link(1, 'lo', { identity: 9100, immutable: true }), link(2, 'taken', { identity: 9101 })]],
  ]);
}

export function listNetwork(networks: FakeNetworks, network: string): string[] {
  const address = ({ bytes, prefixLength, flags }: FakeAddress) => `${bytes.join('.')}/${prefixLength} ${flags}`;
  return (networks.get(network) ?? []).map(
    ({ index, name, up, master, addresses }) =>
      `${network} ${index} ${name} ${up ? 'up' : 'down'} master ${master} ${addresses.map(address).join(', ')}`,
  );
}

interface Request {
  readonly type: number;
  readonly sequence: number;
  readonly body: DataView;
  readonly attributes: Map<number, Uint8Array>;
}

/** One request, and the datagram that answers it. `namespaceOf`: what a descriptor is a namespace of. */
export function answerNetlink(
  networks: FakeNetworks,
  network: string,
  bytes: Uint8Array,
  namespaceOf: (fd: number) => string,
): Uint8Array {
  const request = decode(bytes);
  const links = networks.get(network) ?? [];
  const index = request.body.getInt32(4, true);
  const found = links.find((each) => each.index === index);
  if (request.type === 18) return getLink(request, links, found);
  if (request.type === 22) return dumpAddresses(request, links);
  if (found === undefined) return ack(request, ENODEV);
  if (request.type === 20) return ack(request, addAddress(request, found));
  return ack(request, setLink(request, networks, links, found, namespaceOf));
}

function decode(bytes: Uint8Array): Request {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== bytes.length) throw new Error('netlink: the length is not the length');
  const type = view.getUint16(4, true);
  const headerLength = type === 20 || type === 22 ? 8 : 16;
  const attributes = new Map<number, Uint8Array>();
  for (let at = 16 + headerLength; at < bytes.length; ) {
    const length = view.getUint16(at, true);
    attributes.set(view.getUint16(at + 2, true), bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return {
    type,
    sequence: view.getUint32(8, true),
    body: new DataView(bytes.buffer, bytes.byteOffset + 16),
    attributes,
  };
}

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
const number = (bytes: Uint8Array | undefined): number | undefined =>
  bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);

function getLink(request: Request, links: readonly FakeLink[], byIndex: FakeLink | undefined): Uint8Array {
  const name = text(request.attributes.get(3));
  const found = name === undefined ? byIndex : links.find((each) => each.name === name);
  return found === undefined ? ack(request, ENODEV) : encodeLink(request, found);
}

function setLink(
  request: Request,
  networks: FakeNetworks,
  links: FakeLink[],
  found: FakeLink,
  namespaceOf: (fd: number) => string,
): number {
  const { attributes, body } = request;
  const target = number(attributes.get(28));
  const name = text(attributes.get(3));
  let there = links;
  if (target !== undefined) {
    there = networks.get(namespaceOf(target)) ?? [];
    const newIndex = number(attributes.get(49)) ?? found.index;
    if (found.immutable) return EINVAL;
    if (there.some((each) => each.index === newIndex)) return EBUSY;
    if (there.some((each) => each.name === found.name) && there.some((each) => each.name === name)) return EEXIST;
    links.splice(links.indexOf(found), 1);
    Object.assign(found, { index: newIndex, up: false, master: 0, addresses: [] });
    there.push(found);
    there.sort((a, b) => a.index - b.index);
  }
  if (name !== undefined && name !== found.name) {
    const free = name.includes('%d') ? template(name, there) : name;
    if (there.some((each) => each.name === free)) return EEXIST;
    found.name = free;
  }
  found.master = number(attributes.get(10)) ?? found.master;
  if ((body.getUint32(12, true) & 1) !== 0) found.up = (body.getUint32(8, true) & 1) !== 0;
  return 0;
}

function template(name: string, links: readonly FakeLink[]): string {
  for (let i = 0; ; i++) {
    const free = name.replace('%d', String(i));
    if (!links.some((each) => each.name === free)) return free;
  }
}

function addAddress({ body, attributes }: Request, found: FakeLink): number {
  const bytes = [...(attributes.get(1) ?? [])];
  if (found.addresses.some((each) => each.bytes.join() === bytes.join())) return EEXIST;
  const [family, prefixLength, scope] = [body.getUint8(0), body.getUint8(1), body.getUint8(3)];
  // Permanent is what has no end: the dump below gives every address that says so its IFA_CACHEINFO.
  const lifetime = attributes.get(6);
  const flags = lifetime !== undefined && (number(lifetime.subarray(4)) ?? 0) !== 0xffffffff ? 0 : 0x80;
  found.addresses.push({ family, prefixLength, scope, flags, bytes });
  return 0;
}

const words = (...values: number[]): number[] =>
  values.flatMap((value) => [...new Uint8Array(new Uint32Array([value]).buffer)]);
const attribute = (type: number, value: readonly number[]): number[] => {
  const length = value.length + 4;
  return [length & 255, length >> 8, type & 255, type >> 8, ...value, ...new Array((4 - (length & 3)) & 3).fill(0)];
};
const message = ({ sequence }: Request, type: number, body: readonly number[]): number[] => [
  ...words(body.length + 16),
  ...[type, 0, 0, 0],
  ...words(sequence, 0),
  ...body,
];

function ack(request: Request, errno: number): Uint8Array {
  return Uint8Array.from(message(request, 2, [...words(-errno >>> 0), ...words(16, 0, 0, 0)]));
}

function encodeLink(request: Request, { index, name, up, master }: FakeLink): Uint8Array {
  const body = [...[0, 0, 1, 0], ...words(index, up ? 1 : 0, 0)];
  body.push(...attribute(3, [...name].map((each) => each.charCodeAt(0)).concat(0)));
  if (master !== 0) body.push(...attribute(10, words(master)));
  return Uint8Array.from(message(request, 16, body));
}

function dumpAddresses(request: Request, links: readonly FakeLink[]): Uint8Array {
  const all = links.flatMap(({ index, addresses }) =>
    addresses.flatMap(({ family, prefixLength, flags, scope, bytes }) =>
      message(request, 20, [
        ...[family, prefixLength, flags & 255, scope],
        ...words(index),
        ...attribute(1, bytes),
        ...attribute(2, bytes),
        ...attribute(8, words(flags)),
        ...attribute(6, words(0xffffffff, (flags & 0x80) !== 0 ? 0xffffffff : 1000, 0, 0)),
      ]),
    ),
  );
  return Uint8Array.from([...all, ...message(request, 3, words(0))]);
}
