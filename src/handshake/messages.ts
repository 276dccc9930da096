/**
 * What parent and child say to each other, as a table: who sends it, who answers, which descriptor comes with it.
 * One JSON object for each packet of a SOCK_SEQPACKET pair, `kind` first. In the common case (no user namespace, no runtime
 * hooks) the only packet is `ready`; the end of file that execve causes by close-on-exec is the last word.
 */
import type { ErrorFields } from '../base/runtime-error.ts';

/** Child (or the intermediate process) to parent. */
export type ChildMessage =
  /** From the intermediate: the container's init exists. fds: its pidfd. pid is in the parent's pid namespace. */
  | { readonly kind: 'cloned'; readonly pid: number }
  /** The user namespace exists, its maps are to be written. Answer: idsMapped. */
  | { readonly kind: 'mapIds' }
  /** The mounts are in place: network devices, the class of service and a cgroup are to be given. Answer: resourcesGiven. */
  | { readonly kind: 'giveResources' }
  /** The mounts are in place, the runtime's own hooks are to run. Answer: hooksDone. */
  | { readonly kind: 'runHooks' }
  /** Nothing but the program is left: the limits under which the set-up could not be done are to be set. Answer: limitsGiven. */
  | { readonly kind: 'giveLimits' }
  /** Scheduling policy and I/O priority are to be set. Answer: schedulingSet. */
  | { readonly kind: 'setScheduling' }
  /** fds: the pseudo-terminal's master. No answer. */
  | { readonly kind: 'console' }
  /** Everything but the start is done. No answer: the gate (or, for run, nothing) follows. warnings: what could not be granted. */
  | { readonly kind: 'ready'; readonly warnings?: readonly string[] }
  /** From the exec tail (native/src/exec_tail.rs): the filter is loaded. fds: its listener. No answer: the tail goes on. */
  | { readonly kind: 'listener' }
  /** From init at the gate: its namespaces. fds: as planKeptNamespaces lists them. No answer: init waits on. */
  | { readonly kind: 'namespaces' }
  /** At any time: what went wrong, whole. The child exits. */
  | { readonly kind: 'failed'; readonly error: ErrorFields };

/** Parent to child. */
export type ParentMessage =
  | { readonly kind: 'idsMapped' }
  | { readonly kind: 'resourcesGiven' }
  | { readonly kind: 'hooksDone' }
  | { readonly kind: 'limitsGiven' }
  | { readonly kind: 'schedulingSet' }
  /** At the gate, of exec and mounts. Answer: namespaces. */
  | { readonly kind: 'giveNamespaces' }
  | { readonly kind: 'go' };

export type ChildMessageKind = ChildMessage['kind'];
export type ParentMessageKind = ParentMessage['kind'];

export interface MessageRule {
  readonly answer: ParentMessageKind | undefined;
  /** Number of descriptors that come with it; undefined: the receiver counts. */
  readonly descriptors: number | undefined;
}

/** Asked by both sides: runAsk knows the answer by it, runReceive how many descriptors a packet must bring. */
export const messageRules = {
  cloned: { answer: undefined, descriptors: 1 },
  mapIds: { answer: 'idsMapped', descriptors: 0 },
  giveResources: { answer: 'resourcesGiven', descriptors: 0 },
  runHooks: { answer: 'hooksDone', descriptors: 0 },
  giveLimits: { answer: 'limitsGiven', descriptors: 0 },
  setScheduling: { answer: 'schedulingSet', descriptors: 0 },
  console: { answer: undefined, descriptors: 1 },
  ready: { answer: undefined, descriptors: 0 },
  listener: { answer: undefined, descriptors: 1 },
  namespaces: { answer: undefined, descriptors: undefined },
  failed: { answer: undefined, descriptors: 0 },
} as const satisfies { readonly [kind in ChildMessageKind]: MessageRule };

/** Longest packet: an error with a long path and a hint fits; anything longer is a bug or an attack. */
export const messageLimitBytes = 65536;
