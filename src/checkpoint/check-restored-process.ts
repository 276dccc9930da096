/**
 * Whether a process that criu has restored is in the container that config.json describes. Images are files like others, and
 * criu makes what they say: without this a process of theirs could be in the host's namespaces, in another cgroup, or have
 * capabilities and system calls that the configuration does not grant. Pure. [man proc_pid_status.5] [man namespaces.7]
 */

/** One thread of a restored process. */
export interface RestoredThread {
  readonly isInit: boolean;
  /** /proc/PID/status. */
  readonly status: string;
  /** /proc/PID/cgroup. */
  readonly cgroup: string;
  /** Name in /proc/PID/ns -> link. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** /proc/PID/uid_map and gid_map. */
  readonly idMaps: readonly [string, string];
}

export interface AllowedThread {
  /** Name in /proc/PID/ns -> links of those that it must not be in: the configuration has it made anew. */
  readonly forbidden: ReadonlyMap<string, readonly string[]>;
  /** The user namespace of init, in which capabilities are counted; undefined: not known yet, this is init. */
  readonly userNamespace: string | undefined;
  /** From the root of the v2 tree; undefined: none of its own. */
  readonly cgroup: string | undefined;
  /** Of all sets together; undefined: the configuration says nothing. */
  readonly capabilities: bigint | undefined;
  readonly noNewPrivileges: boolean;
  readonly seccomp: boolean;
  /** undefined: no new user namespace. */
  readonly idMaps: readonly [string, string] | undefined;
}

const capabilitySets = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'];

/** undefined: nothing is wrong. */
export function checkRestoredThread(thread: RestoredThread, allowed: AllowedThread): string | undefined {
  const status = parseStatus(thread.status);
  // A zombie does nothing any more, and is in no namespace.
  if (status.get('State')?.startsWith('Z') === true) return undefined;
  for (const [name, links] of allowed.forbidden) {
    const link = thread.namespaces.get(name);
    if (link === undefined || links.includes(link)) return `it is in the ${name} namespace of the host`;
  }
  if (allowed.cgroup !== undefined && !isInCgroup(thread.cgroup, allowed.cgroup)) return 'it is in another cgroup';
  if (allowed.seccomp && status.get('Seccomp') !== '2') return 'it has no seccomp filter';
  if (thread.isInit && allowed.noNewPrivileges && status.get('NoNewPrivs') !== '1') return 'it may get new privileges';
  if (thread.isInit && allowed.idMaps !== undefined && !sameMaps(thread.idMaps, allowed.idMaps)) {
    return 'its user namespace has other id maps';
  }
  return checkCapabilities(thread, status, allowed);
}

/** In a user namespace that the container has made itself it has all of them, and they mean little. */
function checkCapabilities(
  { namespaces }: RestoredThread,
  status: ReadonlyMap<string, string>,
  { capabilities, userNamespace }: AllowedThread,
): string | undefined {
  const isNested = userNamespace !== undefined && namespaces.get('user') !== userNamespace;
  if (capabilities === undefined || isNested) return undefined;
  for (const name of capabilitySets) {
    const digits = status.get(name) ?? '';
    if (!isHex(digits)) return `its ${name} cannot be read`;
    const more = BigInt(`0x${digits}`) & ~capabilities;
    if (more !== 0n) return `it has capabilities that are not granted (${name} ${more.toString(16)})`;
  }
  return undefined;
}

function isHex(text: string): boolean {
  for (const digit of text) if (!'0123456789abcdef'.includes(digit)) return false;
  return text !== '';
}

function isInCgroup(text: string, path: string): boolean {
  const line = text.split('\n').find((each) => each.startsWith('0::'));
  const found = line?.slice('0::'.length);
  // By whole components.
  return found === path || found?.startsWith(`${path}/`) === true;
}

function parseStatus(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) values.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return values;
}

function sameMaps(found: readonly [string, string], wanted: readonly [string, string]): boolean {
  return found.every((text, index) => normalMap(text) === normalMap(wanted[index] ?? ''));
}

/** The kernel aligns the numbers, and puts many ranges in an order of its own. */
function normalMap(text: string): string {
  const lines = text.split('\n').map((line) =>
    line
      .split(' ')
      .filter((word) => word !== '')
      .join(' '),
  );
  return lines
    .filter((line) => line !== '')
    .sort()
    .join('\n');
}
