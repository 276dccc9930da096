/** The order of exec's steps where it depends on who has which power. */
import { expect, test } from 'vitest';
import type { Config, NamespaceType, Process } from '../spec/config-types.ts';
import { defaultConfig } from '../spec/default-config.ts';
import { planExec } from './plan-exec.ts';

const process: Process = {
  cwd: '/',
  args: ['x'],
  scheduler: { policy: 'SCHED_FIFO', priority: 1 },
  execCPUAffinity: { initial: '0', final: '1' },
  rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 1 }],
};

const readLsmFacts = () => ({ apparmor: true, selinux: false });

function plan(types: readonly NamespaceType[], change: Partial<Config['linux']> = {}, bounding: string[] = []) {
  const first = { ...process, capabilities: { bounding } };
  const config: Config = {
    ...defaultConfig,
    process: first,
    linux: { namespaces: types.map((type) => ({ type })), ...change },
  };
  const preserved = { count: 0, listenCount: 0, env: [] };
  return planExec({
    id: 'a',
    bundle: '/b',
    config,
    process,
    pointer: '',
    preserved,
    noNewKeyring: true,
    privileged: true,
    nestedUserNamespace: false,
    hasResctrl: false,
    environment: [],
    readLsmFacts,
  });
}

test('without a user namespace the child binds itself first and sets its scheduling last, its maker neither', () => {
  const { joinerSteps, child } = plan(['mount', 'pid'], { memoryPolicy: { mode: 'MPOL_LOCAL' } });
  expect(joinerSteps?.map(({ kind }) => kind)).toEqual(['setLimits', 'joinContainer']);
  expect(child.steps.map(({ kind }) => kind)).toEqual([
    ...['setAffinity', 'dieWithParent', 'newSession', 'setMemoryPolicy', 'setScheduling'],
  ]);
  expect(child.process.affinity?.initial?.ranges).toEqual([[0, 0]]);
});

test('with a user namespace scheduling is set before its powers are all that is left', () => {
  const { joinerSteps, child } = plan(['mount', 'user']);
  expect(joinerSteps).toBeUndefined();
  expect(child.steps.map(({ kind }) => kind)).toEqual([
    ...['setLimits', 'setAffinity', 'setScheduling', 'joinContainer', 'becomeRoot', 'dieWithParent', 'newSession'],
  ]);
});

test.each([
  [['mount', 'pid'], ['CAP_KILL'], false],
  [['mount', 'pid'], ['CAP_KILL', 'CAP_SYS_PTRACE'], true],
  // Its powers end at its user namespace.
  [['mount', 'pid', 'user'], ['CAP_SYS_PTRACE'], false],
  // Nobody enters a pid namespace: the host's processes are in sight anyway.
  [['mount'], ['CAP_SYS_PTRACE'], false],
] as const)('namespaces %j, capabilities %j: traceable %s', (types, bounding, expected) => {
  expect(plan(types, {}, [...bounding]).isTraceable).toBe(expected);
});

test('another container in its pid namespace may have more', () => {
  const namespaces = [{ type: 'mount' as const }, { type: 'pid' as const, path: '/proc/7/ns/pid' }];
  expect(plan([], { namespaces }).isTraceable).toBe(true);
});
