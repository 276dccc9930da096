/**
 * What only the parent can do for a child, because the child's user namespace lacks the power or because it is the runtime's
 * part by the specification: id maps, limits, runtime hooks. [man user_namespaces.7] [spec config.md#posix-platform-hooks]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { applyCgroupOwner } from '../cgroup/apply-cgroup-owner.ts';
import type { CgroupOwner } from '../cgroup/cgroup-plan.ts';
import { mappedUid } from '../cgroup/plan-cgroup-owner.ts';
import { formatHookState } from '../hooks/format-hook-state.ts';
import { runHooksInBundle } from '../hooks/run-hooks-in-bundle.ts';
import { openProcessDirectory } from '../init/open-procfs.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_RDONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applyIdMaps } from '../namespaces/apply-id-maps.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';
import { applyOomScore } from '../process/apply-oom-score.ts';
import { applyProcessLimits } from '../process/apply-process-limits.ts';
import { applyScheduling } from '../process/apply-scheduling.ts';
import { runMappingTools } from './run-mapping-tools.ts';

/** The child waits in its user namespace for this. */
export function applyParentSetup(kernel: Kernel, plan: ContainerPlan, pid: number): void {
  if (plan.namespaces.modes.user === 'host') return; // It only waited for its record to be on disk.
  const { oomScoreAdj, rlimits, pointer } = plan.child.process;
  const isPrivileged = kernel.geteuid() === 0;
  const hasScore = oomScoreAdj !== undefined && isPrivileged;
  if (plan.idMaps !== undefined || hasScore) {
    const directory = openProcessDirectory(kernel, pid);
    if (plan.idMaps !== undefined) applyIdMaps(kernel, directory, plan.idMaps);
    if (hasScore) applyOomScore(kernel, directory, oomScoreAdj, pointer);
    kernel.close(directory);
  }
  if (plan.idMaps?.tools !== undefined) runMappingTools(kernel, pid, plan.idMaps.tools);
  // An ordinary user's child has set its own: the runtime has no power that it lacks.
  if (isPrivileged) applyProcessLimits(kernel, pid, rlimits);
}

export function applyMappedOwner(kernel: Kernel, plan: ContainerPlan, pid: number, cgroup: Fd<'cgroup'>): void {
  const owner = plan.cgroup?.owner;
  if (owner?.kind !== 'mapped') return;
  const uid = readOwner(kernel, owner, pid);
  if (uid !== undefined) applyCgroupOwner(kernel, cgroup, uid);
}

/** Of a user namespace that is joined the map is known now that the child is in it. undefined: nobody, or an id without a host's id. */
export function readOwner(kernel: Kernel, owner: CgroupOwner | undefined, pid: number): number | undefined {
  if (owner?.kind !== 'mapped') return owner?.uid;
  const directory = openProcessDirectory(kernel, pid);
  const file = kernel.openat2(directory, 'uid_map', O_RDONLY, 0, 0);
  const uid = mappedUid(kernel.readAll(file, 65536), owner.containerUid);
  kernel.close(file);
  kernel.close(directory);
  return uid;
}

/** The child waits for this right before it is ready. */
export function applyParentScheduling(kernel: Kernel, plan: ContainerPlan, pid: number): void {
  const { scheduling } = plan.child.process;
  if (scheduling !== undefined) applyScheduling(kernel, pid, scheduling);
}

/** [order] prestart before createRuntime [spec config.md#posix-platform-hooks]. */
export function runRuntimeHooks(kernel: Kernel, plan: ContainerPlan, pid: number): void {
  const { annotations } = plan.child.hookState;
  const state = formatHookState({ ...plan.child.hookState, status: 'created', pid });
  runHooksInBundle(kernel, plan.bundle, { name: 'prestart', hooks: plan.hooks.prestart, state, annotations });
  runHooksInBundle(kernel, plan.bundle, { name: 'createRuntime', hooks: plan.hooks.createRuntime, state, annotations });
}

/** memory.events of a cgroup that was made for this container: any oom_kill is about it. */
export function isOutOfMemory(kernel: Kernel, cgroup: Fd<'cgroup'>): boolean {
  return hasMemoryEvent(kernel, cgroup, 'oom_kill');
}

/** An error of a child whose memory limit was reached: the kernel says ENOMEM, but also ENOSPC, or nothing at all. */
export function explainShortMemory(kernel: Kernel, cgroup: Fd<'cgroup'>, error: unknown): unknown {
  if (!(error instanceof RuntimeError) || error.fields.kind !== 'kernel' || error.fields.hint !== undefined)
    return error;
  if (!hasMemoryEvent(kernel, cgroup, 'max')) return error;
  return error.with({
    hint: 'the memory limit (/linux/resources/memory/limit) was reached meanwhile: it may be too low',
  });
}

/** The counter of memory.events is not 0. False when systemd was faster and has removed the cgroup, even since the open (ENODEV). */
export function hasMemoryEvent(kernel: Kernel, cgroup: Fd<'cgroup'>, event: 'oom_kill' | 'max'): boolean {
  const file = kernel.openat2OrErrno(cgroup, 'memory.events', O_RDONLY, 0, 0);
  if (typeof file === 'string') return false;
  const text = orErrno(['ENODEV'], () => kernel.readAll(file, 4096));
  kernel.close(file);
  if (typeof text !== 'string') return false;
  return text.split('\n').some((line) => line.startsWith(`${event} `) && line !== `${event} 0`);
}
