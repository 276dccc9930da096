/** What an ordinary user's runtime plans otherwise than root's: who opens, who limits, who joins. */
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../kernel/host-facts.ts';
import type { Config, Linux, Process } from '../spec/config-types.ts';
import { rootlessConfig } from '../spec/default-config.ts';
import { createRequest } from '../testing/containers.ts';
import { planContainer } from './plan-container.ts';
import { planExec } from './plan-exec.ts';

const user: HostFacts = {
  euid: 1000,
  egid: 100,
  architecture: 'x86_64',
  cgroup: { mountPoint: '/sys/fs/cgroup', hybrid: false },
  bootId: 'b',
  initialUserNamespace: true,
};
const preserved = { count: 0, listenCount: 0, env: [] };
const config: Config = rootlessConfig(user);
const process = { ...(config.process as Process), terminal: false };
const linux = config.linux as Linux;
const nowhere = { delegated: undefined, filtersDevices: false };

function plan(change: Partial<Linux> = {}, facts: HostFacts = user, request = createRequest) {
  return planContainer({
    request,
    config: { ...config, process, linux: { ...linux, ...change } },
    bundle: '/bundle',
    facts,
    cgroupManager: 'cgroupfs',
    rootlessCgroups: nowhere,
    preserved,
  });
}
const kinds = (steps: readonly { readonly kind: string }[]) => steps.map(({ kind }) => kind);

describe('create', () => {
  test('the child sets its own limits, opens its own trees, and waits until its record and maps are written', () => {
    const planned = plan();
    expect(kinds(planned.child.steps).slice(0, 4)).toEqual(['setLimits', 'awaitParent', 'becomeRoot', 'dieWithParent']);
    expect(planned.child.steps[2]).toEqual({ kind: 'becomeRoot', setgroups: 'deny' });
    expect(planned.rootfs.hostSources).toEqual([]);
    expect(kinds(planned.rootfs.beforePivot)).toContain('bindDevice');
    expect(planned).toMatchObject({ cgroup: undefined, sharesMemory: false, idMaps: { setgroups: 'deny', tools: {} } });
  });

  test('init keeps its namespaces for an exec that may not open them; root’s does not, nor one that is started at once', () => {
    const types = (linux.namespaces ?? []).map(({ type }) => type);
    const step = plan().child.steps.find(({ kind }) => kind === 'keepNamespaces');
    expect(step?.kind === 'keepNamespaces' && step.kept).toHaveLength(types.length);
    expect(step).toMatchObject({ kept: expect.arrayContaining([{ file: 'user', flag: 0x10000000 }]) });
    const steps = kinds(plan().child.steps);
    expect(steps.indexOf('keepNamespaces')).toBeGreaterThan(steps.indexOf('unshareCgroup'));
    expect(kinds(plan({}, { ...user, euid: 0 }).child.steps)).not.toContain('keepNamespaces');
    const run = { ...createRequest, command: 'run' as const };
    expect(kinds(plan({}, user, run).child.steps)).not.toContain('keepNamespaces');
  });

  test('with a range of groups those of the caller stay until the tail', () => {
    const planned = plan({ gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }] });
    expect(planned.child.steps).toContainEqual({ kind: 'becomeRoot', setgroups: 'keep' });
  });

  test('time offsets are set by the child, as root of its user namespace', () => {
    const namespaces = [...(linux.namespaces ?? []), { type: 'time' as const }];
    const planned = plan({ namespaces, timeOffsets: { boottime: { secs: 5, nanosecs: 0 } } });
    expect(planned.namespaces.timeOffsets).toBeUndefined();
    const steps = kinds(planned.child.steps);
    expect(steps.indexOf('enterTimeNamespace')).toBe(steps.indexOf('becomeRoot') + 1);
  });

  test('joined namespaces: all through one process that has joined the user namespace first', () => {
    const namespaces = (['pid', 'network', 'user', 'mount'] as const).map((type) => ({ type, path: `/ns/${type}` }));
    const { uidMappings: _uids, gidMappings: _gids, ...rest } = linux;
    const planned = planContainer({
      request: createRequest,
      config: { ...config, process, linux: { ...rest, namespaces } },
      bundle: '/bundle',
      facts: user,
      cgroupManager: 'cgroupfs',
      rootlessCgroups: nowhere,
      preserved,
    });
    expect(planned.namespaces).toMatchObject({ intermediate: true, pidJoin: undefined, limitsBeforeJoins: true });
    expect(planned.namespaces.joins.map(({ type }) => type)).toEqual(['user', 'network', 'mount', 'pid']);
    expect(kinds(planned.child.steps)).not.toContain('setLimits');
  });

  test('without a user namespace: refused in the words of runc', () => {
    const namespaces = (linux.namespaces ?? []).filter(({ type }) => type !== 'user');
    const { uidMappings: _uids, gidMappings: _gids, ...rest } = linux;
    const given = {
      request: createRequest,
      bundle: '/bundle',
      facts: user,
      cgroupManager: 'cgroupfs',
      preserved,
    } as const;
    expect(() => planContainer({ ...given, config: { ...config, process, linux: { ...rest, namespaces } } })).toThrow(
      'rootless container requires user namespaces',
    );
  });

  test('root of a user namespace opens trees itself, and finds out whether setgroups is denied', () => {
    const planned = plan({}, { ...user, euid: 0, initialUserNamespace: false });
    expect(planned.child.steps).toContainEqual({ kind: 'becomeRoot', setgroups: 'read' });
    expect(planned.rootfs.hostSources.length).toBeGreaterThan(0);
    expect(planned.idMaps).not.toHaveProperty('tools');
  });
});

describe('exec', () => {
  const exec = (privileged: boolean, nestedUserNamespace = false, types = linux.namespaces ?? []) =>
    planExec({
      ...{ id: 'a', bundle: '/b', config: { ...config, linux: { ...linux, namespaces: types } }, process, pointer: '' },
      ...{ preserved, noNewKeyring: true, privileged, nestedUserNamespace },
      readLsmFacts: () => ({ apparmor: false, selinux: false }),
      hasResctrl: false,
    });

  test('an ordinary user’s goes through a process that has joined the user namespace; root’s does not need one', () => {
    expect(exec(false).joinerSteps?.map(({ kind }) => kind)).toEqual(['setLimits', 'joinContainer']);
    expect(exec(true).joinerSteps).toBeUndefined();
    expect(kinds(exec(false).child.steps)).toContain('becomeRoot');
  });

  test('in a nested user namespace of the runtime’s own setgroups is tried', () => {
    const types = (linux.namespaces ?? []).filter(({ type }) => type !== 'user');
    expect(kinds(exec(true, true, types).child.steps)).toContain('becomeRoot');
    expect(kinds(exec(true, false, types).child.steps)).not.toContain('becomeRoot');
  });
});
