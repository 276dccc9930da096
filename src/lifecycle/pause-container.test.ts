import { describe, expect, it } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import type { StateRecord } from '../state/state-record.ts';
import { globals } from '../testing/containers.ts';
import { createFakeKernel, type FakeOptions } from '../testing/fake-kernel.ts';
import { recordWithCgroup } from '../testing/state-records.ts';
import { pauseContainer, resumeContainer } from './pause-container.ts';
import { showState } from './show-state.ts';
import { startContainer } from './start-container.ts';

const cgroup = { name: 'web', inode: 7777 };

function world(record: StateRecord = recordWithCgroup, options: Partial<FakeOptions> = {}, gate = false) {
  const state = { 'state.json': formatJson(record), ...(gate && { 'start.sock': '' }) };
  const fake = createFakeKernel({ files: { run: { runt: { web: state } } }, cgroup, ...options });
  const messageOf = (run: (kernel: typeof fake.kernel) => void): string => {
    try {
      run(fake.kernel);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  return {
    fake,
    pause: () => messageOf((kernel) => pauseContainer(kernel, globals, 'web')),
    resume: () => messageOf((kernel) => resumeContainer(kernel, globals, 'web')),
    start: () => messageOf((kernel) => startContainer(kernel, globals, 'web')),
    status: () => showState(fake.kernel, globals, 'web').status,
    writes: () => fake.trace.filter((line) => line.startsWith('write(')),
  };
}

describe.each([
  ['running', false],
  ['created', true],
] as const)('a %s container', (status, gate) => {
  it('is paused, and is what it was when it is resumed', () => {
    const { pause, resume, status: now, writes } = world(undefined, {}, gate);
    expect(now()).toBe(status);
    expect([pause(), now()]).toEqual(['', 'paused']);
    expect(pause()).toBe('container not running: web (it is paused)');
    expect([resume(), now()]).toEqual(['', status]);
    expect(resume()).toBe(`container not paused: web (it is ${status})`);
    expect(writes()).toEqual(['write(<cgroup.freeze>, "1")', 'write(<cgroup.freeze>, "0")']);
  });
});

it('a paused container that was not started is not started', () => {
  const { pause, start } = world(undefined, {}, true);
  pause();
  expect(start()).toBe('cannot start a container in the paused state');
});

it.each([
  ['stopped', { ...recordWithCgroup, bootId: 'other' }, 'container not running: web (it is stopped)'],
  ['without a cgroup', { ...recordWithCgroup, cgroup: undefined }, '--cgroup-manager=disabled'],
  [
    'whose cgroup is another one by now',
    { ...recordWithCgroup, cgroup: { path: '/web', inode: 1, createdParents: [] } },
    'its cgroup /web is gone',
  ],
] as const)('%s: nothing is frozen', (_, record, message) => {
  const { cgroup: given, ...rest } = record;
  const { pause, writes } = world(given === undefined ? rest : { ...rest, cgroup: given });
  expect(pause()).toContain(message);
  expect(writes()).toEqual([]);
});

it('whichever call fails, a container is frozen only when pause says so', () => {
  for (let at = 1; ; at += 1) {
    const { fake, pause } = world(undefined, { fault: { at, errno: 'EIO', sticky: false } });
    const message = pause();
    const isFrozen = fake.world().some((line) => line.startsWith('/sys/fs/cgroup/web/cgroup.freeze 755 0:0 file 1'));
    expect(isFrozen, JSON.stringify(fake.fired())).toBe(message === '');
    if (fake.fired() === undefined) break;
  }
});
