/**
 * Whether a child may be born by clone3Shared: in the runtime's own memory, with the runtime stopped until the program is
 * executed, instead of on a copy. It saves copying page tables and a page fault for every page that either side writes (about
 * a fifth of `run`), and charges nothing of the set-up to the container's memory limit. Pure. [man clone.2 CLONE_VFORK]
 */
import type { CreateRequest } from '../base/request.ts';
import type { NamespacePlan } from '../namespaces/plan-namespaces.ts';
import type { CapabilityPlan } from '../security/plan-capabilities.ts';
import type { InitStep } from './init-step.ts';

/** A stopped parent can neither answer a question, nor run hooks, nor forward a signal while a hook takes its time. */
const needsParent: ReadonlySet<InitStep['kind']> = new Set(['awaitParent', 'runtimeHooks', 'containerHooks']);

export interface SharedMemoryInput {
  readonly command: CreateRequest['command'];
  readonly namespaces: NamespacePlan;
  readonly steps: readonly InitStep[];
  readonly hasStartHooks: boolean;
}

/** create: its child outlives the runtime. Time namespaces: the kernel refuses them to who shares memory. */
export function canShareMemory({ command, namespaces, steps, hasStartHooks }: SharedMemoryInput): boolean {
  if (command !== 'run' || hasStartHooks) return false;
  const { modes, intermediate, pidJoin } = namespaces;
  if (modes.time !== 'host' || modes.user !== 'host' || intermediate || pidJoin !== undefined) return false;
  return !steps.some(({ kind }) => needsParent.has(kind));
}

const CAP_SYS_PTRACE = 1n << 19n;

/**
 * exec: the child stands among the container's processes before it has executed its program. Not being dumpable keeps them
 * off, unless they hold CAP_SYS_PTRACE in the initial user namespace: then they must find a copy, not the runtime [CVE-2016-9962].
 */
export function canShareMemoryForExec(input: {
  readonly joinsTime: boolean;
  readonly foreignUserNamespace: boolean;
  /** Of the container and of the new process. */
  readonly bounding: readonly (CapabilityPlan | undefined)[];
}): boolean {
  if (input.joinsTime) return false;
  if (input.foreignUserNamespace) return true;
  return input.bounding.every((sets) => sets !== undefined && (sets.bounding & CAP_SYS_PTRACE) === 0n);
}
