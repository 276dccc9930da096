import { describe, expect, test } from 'vitest';
import { CLONE_NEWCGROUP, CLONE_NEWPID, CLONE_NEWTIME, CLONE_NEWUSER } from '../kernel/flags.ts';
import type { Config, NamespaceType } from '../spec/config-types.ts';
import { type NamespaceMode, namespaceFlags, planNamespaces } from './plan-namespaces.ts';

const types = Object.keys(namespaceFlags) as NamespaceType[];
const modes: readonly NamespaceMode[] = ['new', 'join', 'host'];

function configOf(chosen: readonly NamespaceMode[]): Config {
  const namespaces = types.flatMap((type, i) =>
    chosen[i] === 'host' ? [] : chosen[i] === 'join' ? [{ type, path: `/ns/${type}` }] : [{ type }],
  );
  return { ociVersion: '1.3.0', root: { path: 'rootfs' }, linux: { namespaces } };
}

function* combinations(): Generator<readonly NamespaceMode[]> {
  for (let n = 0; n < 3 ** types.length; n++) {
    yield types.map((_, i) => modes[Math.floor(n / 3 ** i) % 3] as NamespaceMode);
  }
}

test('all 6561 combinations: everything asked for happens once, in a possible order', () => {
  for (const chosen of combinations()) {
    for (const privileged of [true, false]) {
      const plan = planNamespaces(configOf(chosen), privileged);
      const name = types.map((type, i) => `${type}:${chosen[i]}`).join(' ');
      const joined = [...plan.joins, ...(plan.pidJoin ? [plan.pidJoin] : [])].map(({ type }) => type);
      const wantedJoins = types.filter((_, i) => chosen[i] === 'join');
      expect([...joined].sort(), name).toEqual([...wantedJoins].sort());
      let created = plan.cloneFlags;
      if (plan.unshareCgroup) created |= CLONE_NEWCGROUP;
      const wantedNew = types
        .filter((_, i) => chosen[i] === 'new')
        .reduce((sum, type) => sum | namespaceFlags[type], 0);
      expect(created, name).toBe(wantedNew);
      expect(plan.cloneFlags & CLONE_NEWCGROUP, name).toBe(0);
      // What a new user namespace owns is made after it, and what is joined is joined before it.
      const user = plan.modes.user;
      if (user === 'new' && plan.joins.length > 0) expect(plan.intermediate, name).toBe(true);
      if (user === 'join' && (plan.cloneFlags & ~CLONE_NEWUSER) !== 0) expect(plan.intermediate, name).toBe(true);
      if (plan.intermediate) expect(plan.pidJoin, name).toBeUndefined();
      else
        expect(
          plan.joins.some(({ type }) => type === 'pid'),
          name,
        ).toBe(false);
      const userAt = plan.joins.findIndex(({ type }) => type === 'user');
      if (userAt >= 0) expect(userAt, name).toBe(privileged ? plan.joins.length - 1 : 0);
      const mountAt = plan.joins.findIndex(({ type }) => type === 'mount');
      const early = plan.joins.findIndex(({ type }) => type === 'network');
      if (mountAt >= 0 && early >= 0) expect(mountAt, name).toBeGreaterThan(early);
    }
  }
});

describe('details', () => {
  test('the common container is one clone3', () => {
    const plan = planNamespaces(
      configOf(types.map((type) => (type === 'user' || type === 'time' ? 'host' : 'new'))),
      true,
    );
    expect(plan).toMatchObject({ joins: [], intermediate: false, pidJoin: undefined, unshareCgroup: true });
    expect(plan.cloneFlags & CLONE_NEWPID).toBe(CLONE_NEWPID);
  });

  test('an empty path means new, as Go programs write it', () => {
    const config: Config = {
      ociVersion: '1.3.0',
      root: { path: 'rootfs' },
      linux: { namespaces: [{ type: 'pid', path: '' }] },
    };
    expect(planNamespaces(config, true).modes.pid).toBe('new');
  });

  test('a join names its entry', () => {
    const config: Config = {
      ociVersion: '1.3.0',
      root: { path: 'rootfs' },
      linux: { namespaces: [{ type: 'uts' }, { type: 'network', path: '/run/netns/a' }] },
    };
    expect(planNamespaces(config, true).joins).toMatchObject([
      { pointer: '/linux/namespaces/1', path: '/run/netns/a' },
    ]);
  });

  test('offsets are written before the first process enters the time namespace', () => {
    const config: Config = {
      ociVersion: '1.3.0',
      root: { path: 'rootfs' },
      linux: { namespaces: [{ type: 'time' }], timeOffsets: { monotonic: { secs: 86400, nanosecs: 5 }, boottime: {} } },
    };
    const plan = planNamespaces(config, true);
    expect(plan.timeOffsets).toBe('monotonic 86400 5\nboottime 0 0\n');
    expect(plan.cloneFlags & CLONE_NEWTIME).toBe(0);
  });

  test('a duplicate is refused with its pointer', () => {
    const config: Config = {
      ociVersion: '1.3.0',
      root: { path: 'rootfs' },
      linux: { namespaces: [{ type: 'uts' }, { type: 'uts' }] },
    };
    expect(() => planNamespaces(config, true)).toThrow('/linux/namespaces/1');
  });
});
