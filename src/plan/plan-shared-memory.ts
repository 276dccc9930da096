/**
 * Whether a child may be born by clone3Shared: in the runtime's own memory, with the runtime stopped until the program is
 * executed, instead of on a copy. It saves copying page tables and a page fault for every page that either side writes (about
 * a fifth of `run`), and charges nothing of the set-up to the container's memory limit. Pure. [man clone.2 CLONE_VFORK]
 */
import type { CreateRequest } from '../base/request.ts';
import type { Integer64 } from '../kernel/kernel.ts';
import type { NamespacePlan } from '../namespaces/plan-namespaces.ts';
import type { InitStep } from './init-step.ts';

/** A stopped parent can neither answer a question, nor run hooks, nor forward a signal while a hook takes its time. */
const needsParent: ReadonlySet<InitStep['kind']> = new Set([
  ...(['awaitParent', 'awaitResources', 'runtimeHooks', 'containerHooks', 'awaitLimits'] as const),
]);

export interface SharedMemoryInput {
  readonly command: CreateRequest['command'];
  readonly namespaces: NamespacePlan;
  readonly steps: readonly InitStep[];
  readonly hasStartHooks: boolean;
  /** An agent may have to answer before the program is executed, and only the parent can tell it of the child. */
  readonly listens: boolean;
  /** linux.resources.memory.limit, bytes. */
  readonly memoryLimitBytes: Integer64 | undefined;
}

/**
 * The kernel kills with a victim of its OOM killer everybody who shares the victim's memory. Below this limit a set-up cannot
 * succeed in any runtime (measured: 256 KiB is the least that does, 512 for crun), so there the runtime stays apart and lives to
 * tell; above it sharing is what makes a start possible, because the set-up's memory then counts as the runtime's.
 */
const leastLimitBytes = 256 << 10;

/** create: its child outlives the runtime. Time namespaces: the kernel refuses them to who shares memory. */
export function canShareMemory(input: SharedMemoryInput): boolean {
  const { command, namespaces, steps, hasStartHooks, listens, memoryLimitBytes = 0 } = input;
  if (command !== 'run' || hasStartHooks || listens) return false;
  if (memoryLimitBytes > 0 && memoryLimitBytes < leastLimitBytes) return false;
  const { modes, intermediate, pidJoin } = namespaces;
  if (modes.time !== 'host' || modes.user !== 'host' || intermediate || pidJoin !== undefined) return false;
  return !steps.some(({ kind }) => needsParent.has(kind));
}

/**
 * exec: the child stands among the container's processes before it has executed its program. A user namespace of theirs keeps
 * all of them off, because the child is not dumpable and its memory belongs to the initial one. Without it CAP_SYS_PTRACE opens
 * the child, and the config does not tell who has that: an earlier exec may have been given it, or a container that shares the
 * pid namespace. Those must find a copy, never the runtime's own memory. In the host's pid namespace they would not need us.
 * [CVE-2016-9962]
 */
export function canShareMemoryForExec(input: {
  /** As above. */
  readonly listens: boolean;
  readonly joinsTime: boolean;
  readonly joinsPid: boolean;
  readonly foreignUserNamespace: boolean;
  readonly needsParent: boolean;
}): boolean {
  if (input.joinsTime || input.needsParent || input.listens) return false;
  return input.foreignUserNamespace || !input.joinsPid;
}

/**
 * exec on a copy of the memory: whether all who make the child may stand still until it has executed its program. Then the child
 * alone copies the pages that it writes to, instead of each side its own (measured: 8 % of the processor's time). The same
 * things need an awake parent as above.
 */
export function canStandStillForExec(input: { readonly listens: boolean; readonly needsParent: boolean }): boolean {
  return !input.listens && !input.needsParent;
}
