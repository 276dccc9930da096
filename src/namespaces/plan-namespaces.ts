/**
 * How each of the eight namespaces comes about: new, joined by path, or the host's. Decides the flags of clone3, the order of
 * the joins and whether a process between runtime and container is needed. Pure; the effects are in apply-namespace-joins.ts.
 * [spec config-linux.md#namespaces] [man namespaces.7, clone.2, setns.2, user_namespaces.7, time_namespaces.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from '../kernel/flags.ts';
import type { Config, Namespace, NamespaceType, TimeOffset } from '../spec/config-types.ts';

export type NamespaceMode = 'new' | 'join' | 'host';
export type NamespaceModes = { readonly [type in NamespaceType]: NamespaceMode };

export interface NamespaceJoin {
  readonly type: NamespaceType;
  /** CLONE_NEW*: what setns is told to expect. */
  readonly flag: number;
  readonly path: string;
  /** Of the entry in the configuration, for messages. */
  readonly pointer: string;
}

export interface NamespacePlan {
  readonly modes: NamespaceModes;
  /** CLONE_NEW* for the clone3 of the container's init; never CLONE_NEWCGROUP. */
  readonly cloneFlags: number;
  /** The child unshares its cgroup namespace once it is in its cgroup: at clone3 the root would be the runtime's cgroup. */
  readonly unshareCgroup: boolean;
  /** Done by the runtime before clone3 and taken back after it: a pid namespace is only joined by children. */
  readonly pidJoin: NamespaceJoin | undefined;
  /** In order, by the intermediate process if there is one, else by the child. */
  readonly joins: readonly NamespaceJoin[];
  /** The joins happen in a process of their own, which then makes the child with CLONE_PARENT. */
  readonly intermediate: boolean;
  /** An ordinary user's intermediate process sets the limits: the child is born where it may not write its own files in /proc. */
  readonly limitsBeforeJoins?: boolean;
  /** Text for /proc/self/timens_offsets: then the runtime unshares the time namespace (for children) before clone3. */
  readonly timeOffsets: string | undefined;
  /** The same text for an ordinary user, who has the power only in the user namespace: there the child does it for itself. */
  readonly timeOffsetsOfChild?: string;
}

export const namespaceFlags: { readonly [type in NamespaceType]: number } = {
  pid: CLONE_NEWPID,
  network: CLONE_NEWNET,
  mount: CLONE_NEWNS,
  ipc: CLONE_NEWIPC,
  uts: CLONE_NEWUTS,
  user: CLONE_NEWUSER,
  cgroup: CLONE_NEWCGROUP,
  time: CLONE_NEWTIME,
};

/** [order] mount late because paths of other namespaces belong to the host's tree; pid last because only children change. */
const joinOrder: readonly NamespaceType[] = ['network', 'ipc', 'uts', 'time', 'cgroup', 'mount', 'pid'];
const types = Object.keys(namespaceFlags) as NamespaceType[];
const allOfHost: NamespaceModes = {
  pid: 'host',
  network: 'host',
  mount: 'host',
  ipc: 'host',
  uts: 'host',
  user: 'host',
  cgroup: 'host',
  time: 'host',
};

/** `privileged`: the caller is root (of the initial user namespace or of one below); else it has power only in the container's. */
export function planNamespaces(config: Config, privileged: boolean): NamespacePlan {
  const { modes, found } = listNamespaces(config);
  const joins = found.length < 2 ? found : orderJoins(found, privileged);
  const intermediate = needsIntermediate(modes, joins, privileged);
  const pidJoin = intermediate ? undefined : joins.find((join) => join.type === 'pid');
  const timeOffsets = formatTimeOffsets(config.linux?.timeOffsets);
  let cloneFlags = 0;
  for (const type of types) {
    if (modes[type] === 'new' && type !== 'cgroup') cloneFlags |= namespaceFlags[type];
  }
  // clone3 would put the child straight into the new time namespace, which freezes its offsets before they are written.
  if (timeOffsets !== undefined) cloneFlags &= ~CLONE_NEWTIME;
  return {
    modes,
    cloneFlags,
    unshareCgroup: modes.cgroup === 'new',
    pidJoin,
    joins: pidJoin === undefined ? joins : joins.filter((join) => join !== pidJoin),
    intermediate,
    ...(!privileged && intermediate && { limitsBeforeJoins: true }),
    timeOffsets: privileged ? timeOffsets : undefined,
    ...(!privileged && timeOffsets !== undefined && { timeOffsetsOfChild: timeOffsets }),
  };
}

interface Listed {
  readonly modes: NamespaceModes;
  /** In the order of the configuration. */
  readonly found: readonly NamespaceJoin[];
}

function listNamespaces(config: Config): Listed {
  const modes: { [type in NamespaceType]: NamespaceMode } = { ...allOfHost };
  const found: NamespaceJoin[] = [];
  const list = config.linux?.namespaces ?? [];
  for (let i = 0; i < list.length; i++) {
    const { type, path } = list[i] as Namespace;
    if (modes[type] !== 'host') {
      throw new RuntimeError({
        kind: 'spec',
        pointer: `/linux/namespaces/${i}`,
        message: `duplicate namespace ${type}`,
      });
    }
    const isJoin = path !== undefined && path !== '';
    modes[type] = isJoin ? 'join' : 'new';
    if (isJoin) found.push({ type, flag: namespaceFlags[type], path, pointer: `/linux/namespaces/${i}` });
  }
  return { modes, found };
}

/**
 * Root of the host may join anything and loses its power over the host's namespaces when it enters a user namespace: user
 * last. Without privilege only the joined user namespace gives the power to join the others: user first.
 */
function orderJoins(found: readonly NamespaceJoin[], privileged: boolean): readonly NamespaceJoin[] {
  const userRank = privileged ? joinOrder.length : -1;
  const rank = ({ type }: NamespaceJoin) => (type === 'user' ? userRank : joinOrder.indexOf(type));
  return [...found].sort((a, b) => rank(a) - rank(b));
}

/**
 * New namespaces must belong to the container's user namespace (else its root could not mount its own /proc), and joins
 * must come before a new user namespace takes the power away: both need a process that is neither runtime nor container.
 */
function needsIntermediate(modes: NamespaceModes, joins: readonly NamespaceJoin[], privileged: boolean): boolean {
  if (modes.user === 'join') {
    // An ordinary user gets the power to join a pid namespace, as to make a new one, in the user namespace only.
    if (!privileged && modes.pid === 'join') return true;
    return types.some((type) => modes[type] === 'new' && type !== 'cgroup');
  }
  return modes.user === 'new' && joins.some((join) => join.type !== 'pid');
}

/** "monotonic 86400 0\nboottime 0 0\n" [man time_namespaces.7]; undefined when there is nothing to shift. */
function formatTimeOffsets(offsets: { readonly [clock: string]: TimeOffset } | undefined): string | undefined {
  if (offsets === undefined) return undefined;
  let text = '';
  for (const [clock, { secs, nanosecs }] of Object.entries(offsets)) {
    text += `${clock} ${secs ?? 0} ${nanosecs ?? 0}\n`;
  }
  return text === '' ? undefined : text;
}
