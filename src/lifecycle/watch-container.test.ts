import { describe, expect, it } from 'vitest';
import type { GlobalOptions } from '../base/request.ts';
import { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { containerWithCgroup } from '../testing/container-with-cgroup.ts';
import { soundRecord } from '../testing/state-records.ts';
import { type ContainerEvent, watchContainer } from './watch-container.ts';

const globals: GlobalOptions = {
  root: undefined,
  log: undefined,
  logFormat: 'text',
  debug: false,
  cgroupManager: 'cgroupfs',
  rootless: 'auto',
};

function events(change: object, statsOnly = true, replaced: Partial<Kernel> = {}) {
  const fake = containerWithCgroup(change);
  const told: ContainerEvent[] = [];
  const warnings: string[] = [];
  let message = '';
  try {
    const output = {
      reader: new Fd<'object'>(1, 'stdout'),
      emit: (event: ContainerEvent) => told.push(event) > 0,
      warn: (text: string) => warnings.push(text),
    };
    watchContainer({ ...fake.kernel, ...replaced }, globals, { id: 'web', statsOnly, intervalMs: 5000 }, output);
  } catch (error) {
    message = (error as Error).message;
  }
  return { message, told, warnings };
}

describe('events', () => {
  it('--stats tells once', () => {
    expect(events({})).toMatchObject({
      message: '',
      told: [{ type: 'stats', id: 'web', stats: { pids: { current: 0, limit: 0 } } }],
      warnings: [],
    });
  });

  it('says that it can tell no OOM kills, and ends with the container', () => {
    expect(events({}, false)).toEqual({
      message: '',
      told: [],
      warnings: ['the memory controller is off for container web: no oom events will be told'],
    });
  });

  it.each([
    ['of another boot', { bootId: 'other' }],
    ['that has ended', { init: { ...soundRecord.init, startTime: 1 } }],
    ['that is being made', { phase: 'creating', init: undefined }],
    ['whose cgroup is somebody else’s', { cgroup: { path: '/web', inode: 999999, createdParents: [] } }],
  ])('a container %s is not running', (_, change) => {
    expect(events(change)).toMatchObject({ message: 'container with id web is not running', told: [] });
  });

  it('a container that ends while it is looked at: no zeros', () => {
    const isGone = { statxOrErrno: () => 'ENOENT' as const };
    expect(events({}, true, isGone)).toEqual({
      message: 'container with id web is not running',
      told: [],
      warnings: [],
    });
    expect(events({}, false, isGone)).toMatchObject({ message: '', told: [] });
  });

  it('a container without a cgroup has no statistics', () => {
    expect(events({ cgroup: undefined, cgroupManager: 'disabled' }).message).toContain(
      'container web has no cgroup, so there are no statistics',
    );
  });
});
