/** run.oci.delegate-cgroup on the fake kernel: what is made, in which order, for whom, and that a failure leaves nothing. */
import { describe, expect, test } from 'vitest';
import type { Kernel } from '../kernel/kernel.ts';
import type { Config } from '../spec/config-types.ts';
import { createRequest, globals, hostFiles, hostLines, plainConfig } from '../testing/containers.ts';
import { type Half, runHalf, runTwoHalves, sweepParent } from '../testing/run-two-halves.ts';
import { createContainer } from './create-container.ts';

const annotation = 'run.oci.delegate-cgroup';

function trialOf(value: string, change: Partial<NonNullable<Config['linux']>> = {}) {
  const linux = { ...plainConfig.linux, ...change };
  const config: Config = { ...plainConfig, linux, annotations: { [annotation]: value } };
  const run = (kernel: Kernel) => createContainer(kernel, globals, createRequest);
  return { files: hostFiles(config), run };
}
const create = (value: string, change = {}): Half => runTwoHalves(trialOf(value, change)).parent;
const lineOf = (half: Half, path: string): string | undefined =>
  half.fake.world().find((line) => line.startsWith(`/sys/fs/cgroup/web/${path} `));

test('the process is moved, then every controller is given; limits stay above', () => {
  const half = create('payload', { resources: { memory: { limit: 1 << 24 } } });
  expect(half.end).toBe('returned');
  expect(lineOf(half, 'payload/cgroup.procs')).toContain('100');
  const controllers = lineOf(half, 'cgroup.subtree_control');
  for (const name of ['cpu', 'memory', 'pids']) expect(controllers).toContain(name);
  expect(lineOf(half, 'memory.max')).toContain('16777216');
  expect(lineOf(half, 'payload/memory.max')).toContain('max');
  const { trace } = half.fake;
  const moved = trace.indexOf('write(<cgroup.procs>, "100")');
  expect(moved).toBeGreaterThan(0);
  // Above the container's cgroup they were given before, below it afterwards.
  expect(
    trace.findIndex((line, index) => index > moved && line.startsWith('write(<cgroup.subtree_control>')),
  ).toBeGreaterThan(0);
});

test('the child waits for it with its cgroup namespace made', () => {
  const { child } = runTwoHalves(trialOf('a/b'));
  const asked = child.fake.trace.findIndex((line) => line.includes('giveResources'));
  const made = child.fake.trace.findIndex((line) => line.startsWith('unshare('));
  expect(made).toBeGreaterThan(0);
  expect(asked).toBeGreaterThan(made);
});

test('a path of several names', () => {
  expect(lineOf(create('/a//b/'), 'a/b/cgroup.procs')).toContain('100');
});

test('without the annotation, or with an empty one, nothing is asked or made', () => {
  for (const value of ['', '/']) {
    const { parent, child } = runTwoHalves(trialOf(value));
    expect(parent.end).toBe('returned');
    expect(child.said.map((packet) => JSON.parse(packet).kind)).toEqual(['ready']);
  }
});

describe('every call of create fails in turn', () => {
  const trial = trialOf('a/b');
  const whole = runTwoHalves(trial);
  const before = runHalf({ ...trial, run: () => {}, name: 'parent', inbox: [], peerEnded: true });

  test.each([
    { errno: 'EIO', sticky: false },
    { errno: 'EPERM', sticky: true },
  ])('%o', (fault) => {
    let failures = 0;
    for (const { half, call } of sweepParent(trial, whole.child.said, fault)) {
      if (half.end === 'returned') continue;
      failures += 1;
      if (half.end.includes('not undone')) continue;
      expect(hostLines(half.fake.world()), call).toEqual(hostLines(before.fake.world()));
    }
    expect(failures).toBeGreaterThan(20);
  });
});
