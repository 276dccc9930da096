/**
 * Scheduling of the fake kernel, whose machine has two processors, one memory node, no utilization clamping, and whose
 * processes have every privilege. What Linux narrows is narrowed, what it refuses is refused.
 */
import type { Kernel, MemoryPolicyNow, SchedulingAttributes } from '../kernel/kernel.ts';
import { fail } from './fake-world.ts';

type SchedulingMethods =
  | 'schedSetattr'
  | 'schedGetattr'
  | 'schedSetaffinity'
  | 'schedGetaffinity'
  | 'ioprioSet'
  | 'ioprioGet'
  | 'setMempolicy'
  | 'getMempolicy';

const processors = 0b11;
const nodesOfMachine = 0b1;
const SCHED_ISO = 4;
const SCHED_DEADLINE = 6;
const UTIL_CLAMP = 0x60;
const MPOL_PREFERRED = 1;
const MPOL_LOCAL = 4;
const MPOL_FLAGS = 0xe000;
const ordinary = { policy: 0, flags: 0, nice: 0, priority: 0, runtime: 0, deadline: 0, period: 0 };

export function fakeScheduling(): Pick<Kernel, SchedulingMethods> {
  const attributes = new Map<number, SchedulingAttributes>();
  const affinity = new Map<number, number>();
  const ioPriority = new Map<number, number>();
  let policy: MemoryPolicyNow = { mode: 0, nodes: new Uint8Array(1024) };
  const affinityOf = (pid: number): number => affinity.get(pid) ?? processors;
  return {
    schedSetattr(pid, asked) {
      if (asked.policy === SCHED_ISO) fail('sched_setattr', 'EINVAL');
      if ((asked.flags & UTIL_CLAMP) !== 0) fail('sched_setattr', 'EOPNOTSUPP');
      if (asked.policy === SCHED_DEADLINE && affinityOf(pid) !== processors) fail('sched_setattr', 'EPERM');
      attributes.set(pid, asked);
    },
    schedGetattr: (pid) => attributes.get(pid) ?? ordinary,
    schedSetaffinity(pid, mask) {
      const kept = (mask[0] ?? 0) & processors;
      if (kept === 0) fail('sched_setaffinity', 'EINVAL');
      if (attributes.get(pid)?.policy === SCHED_DEADLINE && kept !== processors) fail('sched_setaffinity', 'EBUSY');
      affinity.set(pid, kept);
    },
    schedGetaffinity: (pid) => Uint8Array.of(affinityOf(pid), 0, 0, 0, 0, 0, 0, 0),
    ioprioSet(pid, priority) {
      ioPriority.set(pid, priority);
    },
    ioprioGet: (pid) => ioPriority.get(pid) ?? 0,
    setMempolicy(mode, nodes) {
      const kept = (nodes[0] ?? 0) & nodesOfMachine;
      if (nodes.length > 0 && kept === 0) fail('set_mempolicy', 'EINVAL');
      const isLocal = (mode & ~MPOL_FLAGS) === MPOL_PREFERRED && nodes.length === 0;
      const now = new Uint8Array(1024);
      now[0] = kept;
      policy = { mode: isLocal ? MPOL_LOCAL : mode, nodes: now };
    },
    getMempolicy: () => policy,
  };
}
