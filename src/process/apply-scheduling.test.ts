/** What is set, what is compared with what was asked for, and what is said when either goes wrong. */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Process } from '../spec/config-types.ts';
import { fakeScheduling } from '../testing/fake-scheduling.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { applyAffinity, withAffinity } from './apply-affinity.ts';
import { applyMemoryPolicy } from './apply-memory-policy.ts';
import { applyScheduling } from './apply-scheduling.ts';
import { planMemoryPolicy } from './plan-memory-policy.ts';
import { type PlannedCpus, planAffinity, planAllCpus, planScheduling, type SchedulingPlan } from './plan-scheduling.ts';

const process = (properties: Partial<Process>): Process => ({ cwd: '/', args: ['x'], ...properties });
const planned = (properties: Partial<Process>): SchedulingPlan =>
  planScheduling(process(properties), '/process') as SchedulingPlan;
const machine = (methods: Partial<Kernel> = {}) => stubKernel({ ...fakeScheduling(), ...methods });
const refusing = (syscall: string, errno: string) => (): never => {
  throw new RuntimeError({ kind: 'kernel', syscall, errno });
};

test('what is not given is 0', () => {
  const { kernel, calls } = machine();
  applyScheduling(kernel, 7, planned({ scheduler: { policy: 'SCHED_BATCH' } }));
  const attributes = { policy: 3, flags: 0, nice: 0, priority: 0, runtime: 0, deadline: 0, period: 0 };
  expect(calls[0]).toEqual(['schedSetattr', 7, attributes]);
});

test('flags are summed, 64-bit values arrive whole', () => {
  const { scheduler } = planned({
    scheduler: {
      policy: 'SCHED_DEADLINE',
      flags: ['SCHED_FLAG_RESET_ON_FORK', 'SCHED_FLAG_DL_OVERRUN', 'SCHED_FLAG_DL_OVERRUN'],
      runtime: 2n ** 62n,
      deadline: 2n ** 62n,
    },
  });
  expect(scheduler?.attributes).toMatchObject({ policy: 6, flags: 5, runtime: 2n ** 62n });
});

test('I/O priority: class and level in one number', () => {
  const { kernel, calls } = machine();
  applyScheduling(kernel, 0, planned({ ioPriority: { class: 'IOPRIO_CLASS_IDLE', priority: 4 } }));
  expect(calls).toEqual([
    ['ioprioSet', 0, (3 << 13) | 4],
    ['ioprioGet', 0],
  ]);
});

test('exec takes from the container what its own process does not name', () => {
  const container = process({
    scheduler: { policy: 'SCHED_IDLE' },
    ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 1 },
    execCPUAffinity: { final: '2' },
  });
  const own = process({ ioPriority: { class: 'IOPRIO_CLASS_RT', priority: 2 } });
  const plan = planScheduling(own, '', container);
  expect([plan?.scheduler?.pointer, plan?.ioPriority?.pointer]).toEqual(['/process/scheduler', '/ioPriority']);
  expect(planAffinity(own, '', container)?.final?.pointer).toBe('/process/execCPUAffinity/final');
  // Given and empty: left to the kernel, as the specification wants it.
  expect(planAffinity(process({ execCPUAffinity: { final: '' } }), '', container)).toBeUndefined();
  expect(planScheduling(process({}), '')).toBeUndefined();
});

describe('what the kernel kept', () => {
  const ordinary = { policy: 0, flags: 0, nice: 0, priority: 0, runtime: 0, deadline: 0, period: 0 };
  const deadline = { policy: 'SCHED_DEADLINE', runtime: 2000, deadline: 3000 } as const;
  test.each([
    [{ policy: 'SCHED_FIFO', priority: 3 }, { policy: 0 }, 'policy'],
    [{ policy: 'SCHED_FIFO', priority: 3 }, { policy: 1, priority: 2 }, 'priority'],
    [{ policy: 'SCHED_OTHER', nice: 3 }, { nice: 2 }, 'nice value'],
    [{ policy: 'SCHED_OTHER', flags: ['SCHED_FLAG_RESET_ON_FORK'] }, {}, 'SCHED_FLAG_RESET_ON_FORK'],
    [deadline, { policy: 6, runtime: 2000, deadline: 3001, period: 3000 }, 'runtime or deadline'],
    [deadline, { policy: 6, runtime: 2000, deadline: 3000, period: 4000 }, 'period'],
  ] as const)('%j as %j is an error', (scheduler, now, word) => {
    const { kernel } = machine({ schedSetattr: () => {}, schedGetattr: () => ({ ...ordinary, ...now }) });
    expect(() => applyScheduling(kernel, 0, planned({ scheduler }))).toThrow(
      `set the scheduling policy ${scheduler.policy}: /process/scheduler: the kernel kept another ${word}`,
    );
  });
  test.each([
    [
      { policy: 'SCHED_IDLE', nice: 3 },
      { policy: 5, nice: 0 },
    ],
    // Linux 6.12 tells the time slice of ordinary processes there.
    [{ policy: 'SCHED_OTHER' }, { runtime: 2800000 }],
    [deadline, { policy: 6, runtime: 2000, deadline: 3000, period: 3000 }],
    [{ policy: 'SCHED_FIFO', flags: ['SCHED_FLAG_KEEP_POLICY'] }, { policy: 3 }],
    [{ policy: 'SCHED_OTHER', nice: 3, flags: ['SCHED_FLAG_KEEP_PARAMS'] }, { nice: 9 }],
  ] as const)('%j as %j is what was asked for', (scheduler, now) => {
    const { kernel } = machine({ schedSetattr: () => {}, schedGetattr: () => ({ ...ordinary, ...now }) });
    expect(() => applyScheduling(kernel, 0, planned({ scheduler }))).not.toThrow();
  });
  test('another I/O priority is an error', () => {
    const { kernel } = machine({ ioprioGet: () => 2 << 13 });
    const plan = planned({ ioPriority: { class: 'IOPRIO_CLASS_RT', priority: 1 } });
    expect(() => applyScheduling(kernel, 0, plan)).toThrow(
      /IOPRIO_CLASS_RT 1: \/process\/ioPriority: .*class 2, priority 0/,
    );
  });
});

test.each([
  ['EPERM', { policy: 'SCHED_RR', priority: 1 }, /CAP_SYS_NICE.*real-time budget/],
  ['EPERM', { policy: 'SCHED_DEADLINE' }, /all processors/],
  ['EPERM', { policy: 'SCHED_OTHER', nice: -1 }, /nice value below/],
  ['EBUSY', { policy: 'SCHED_DEADLINE' }, /not that much time left/],
  ['EINVAL', { policy: 'SCHED_ISO' }, /does not implement/],
  ['EINVAL', { policy: 'SCHED_DEADLINE' }, /sched_deadline_period_min_us/],
  ['EINVAL', { policy: 'SCHED_OTHER' }, /invalid argument \(EINVAL from sched_setattr\(2\)\)$/],
  ['EOPNOTSUPP', { policy: 'SCHED_OTHER', flags: ['SCHED_FLAG_UTIL_CLAMP_MAX'] }, /CONFIG_UCLAMP_TASK/],
] as const)('%s for %j says why', (errno, scheduler, words) => {
  const { kernel } = machine({ schedSetattr: refusing('sched_setattr', errno) });
  expect(() => applyScheduling(kernel, 0, planned({ scheduler }))).toThrow(words);
});

describe('processors', () => {
  const cpus = (text: string): PlannedCpus =>
    planAffinity(process({ execCPUAffinity: { final: text } }), '')?.final as PlannedCpus;
  test('those that do not exist are left out, none is an error', () => {
    const { kernel } = machine();
    applyAffinity(kernel, cpus('1-4000'));
    expect(kernel.schedGetaffinity(0)[0]).toBe(2);
    expect(() => applyAffinity(kernel, cpus('2'))).toThrow(
      /processors 2: \/execCPUAffinity\/final: .*EINVAL.*none of them/,
    );
  });
  test('more than was asked for is an error', () => {
    const { kernel } = machine({ schedSetaffinity: () => {} });
    expect(() => applyAffinity(kernel, cpus('0'))).toThrow(/the kernel lets it run on others too/);
  });
  test('the initial ones are given back, also after a failure', () => {
    const { kernel } = machine();
    expect(withAffinity(kernel, cpus('0'), () => kernel.schedGetaffinity(0)[0])).toBe(1);
    expect(kernel.schedGetaffinity(0)[0]).toBe(3);
    expect(() =>
      withAffinity(kernel, cpus('0'), () => {
        throw new Error('x');
      }),
    ).toThrow('x');
    expect(kernel.schedGetaffinity(0)[0]).toBe(3);
  });
  test('none asked for: no call', () => {
    const { kernel, calls } = machine();
    expect(withAffinity(kernel, undefined, () => 5)).toBe(5);
    expect(calls).toEqual([]);
    expect(planAllCpus('')).toBeUndefined();
    expect(planAllCpus('0-1')?.ranges).toEqual([[0, 65535]]);
  });
});

describe('memory policy', () => {
  const apply = (kernel: Kernel, policy: Parameters<typeof planMemoryPolicy>[0]) =>
    applyMemoryPolicy(kernel, planMemoryPolicy(policy) as never);
  test('mode, flags and nodes in numbers', () => {
    const { kernel, calls } = machine();
    apply(kernel, { mode: 'MPOL_BIND', nodes: '0,2', flags: ['MPOL_F_STATIC_NODES', 'MPOL_F_NUMA_BALANCING'] });
    expect(calls[0]).toEqual(['setMempolicy', 2 | 0x8000 | 0x2000, Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0)]);
  });
  test.each([{ mode: 'MPOL_DEFAULT' }, { mode: 'MPOL_PREFERRED' }, { mode: 'MPOL_LOCAL' }] as const)(
    '%j has no nodes',
    (policy) => {
      const { kernel, calls } = machine();
      apply(kernel, policy);
      expect(calls[0]?.[2]).toHaveLength(0);
    },
  );
  test('another policy, or no node, is an error', () => {
    const kept = (mode: number, node: number) =>
      machine({ setMempolicy: () => {}, getMempolicy: () => ({ mode, nodes: Uint8Array.of(node) }) }).kernel;
    const bind = { mode: 'MPOL_BIND', nodes: '0-1' } as const;
    expect(() => apply(kept(2, 1), bind)).not.toThrow();
    for (const other of [kept(3, 1), kept(2, 0), kept(2, 4), kept(2 | 0x4000, 1)]) {
      expect(() => apply(other, bind)).toThrow('/linux/memoryPolicy: the kernel kept another policy');
    }
  });
  test.each([
    ['ENOSYS', { mode: 'MPOL_LOCAL' }, /has no NUMA \(CONFIG_NUMA\)/],
    ['EINVAL', { mode: 'MPOL_BIND', nodes: '9' }, /MPOL_BIND on the nodes 9: .*none of the nodes/],
    ['EINVAL', { mode: 'MPOL_WEIGHTED_INTERLEAVE', nodes: '0' }, /older than 6\.9/],
  ] as const)('%s for %j says why', (errno, policy, words) => {
    const { kernel } = machine({ setMempolicy: refusing('set_mempolicy', errno) });
    expect(() => apply(kernel, policy)).toThrow(words);
  });
});
