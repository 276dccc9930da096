/** Network devices on the fake kernel: what the container gets, what the host keeps, and that a failed create gives all back. */
import { describe, expect, test } from 'vitest';
import type { Kernel } from '../kernel/kernel.ts';
import type { Linux } from '../spec/config-types.ts';
import { globals, hostFiles, plainConfig, requestFor } from '../testing/containers.ts';
import { runHalf, runTwoHalves } from '../testing/run-two-halves.ts';
import { createContainer } from './create-container.ts';
import { runContainer } from './run-container.ts';

const withDevices = (netDevices: NonNullable<Linux['netDevices']>) => ({
  ...plainConfig,
  linux: { ...plainConfig.linux, netDevices },
});
const create = (netDevices: NonNullable<Linux['netDevices']>) => {
  const config = withDevices(netDevices);
  return {
    files: hostFiles(config),
    run: (kernel: Kernel) => createContainer(kernel, globals, requestFor(config)),
  };
};
const network = (world: readonly string[]) => world.filter((line) => line.startsWith('net:'));
const untouched = network(
  runHalf({ ...create({}), run: () => {}, name: 'parent', inbox: [], peerEnded: true }).fake.world(),
);

describe.each(['create', 'run'] as const)('%s', (command) => {
  test('moved, renamed, permanent global addresses kept, up', () => {
    const config = withDevices({ eth0: { name: 'c%d' }, eth1: { name: 'net1' } });
    const request = { ...requestFor(config), command };
    const run = (kernel: Kernel) =>
      command === 'create' ? createContainer(kernel, globals, request) : runContainer(kernel, globals, request);
    const { parent } = runTwoHalves({ files: hostFiles(config), run });
    expect(parent.end).toBe('returned');
    expect(parent.fake.network()).toEqual([
      'net:[2] 1 lo down master 0 ',
      'net:[2] 2 taken down master 0 ',
      // The number 2 was taken: the kernel's own choice would be another too.
      'net:[2] 3 c0 up master 0 10.1.0.2/16 128',
      'net:[2] 4 net1 up master 0 ',
    ]);
    expect(network(parent.fake.world())).toEqual(['net:[1] 1 lo up master 0 ', 'net:[1] 4 br0 up master 0 ']);
    expect(parent.fake.descriptors().filter((name) => name.includes('net'))).toEqual([]);
  });
});

test('two devices may exchange their names', () => {
  const { parent } = runTwoHalves(create({ eth0: { name: 'eth1' }, eth1: { name: 'eth0' } }));
  expect(parent.end).toBe('returned');
  expect(
    parent.fake
      .network()
      .slice(2)
      .map((line) => line.split(' ')[2]),
  ).toEqual(['eth1', 'eth0']);
});

describe('refused, and the host is as before', () => {
  test.each([
    ['a device that is not there', { eth0: {}, eth9: {} }, '/linux/netDevices/eth9: there is no such device'],
    ['a name that is taken', { eth0: {}, eth1: { name: 'taken' } }, 'already has a device with the name taken'],
    ['the loopback', { eth0: {}, lo: { name: 'x' } }, 'cannot leave its network namespace'],
    ['a bridge, after another was moved', { br0: {}, eth0: {}, eth1: {} }, 'cannot leave its network namespace'],
    // Sorted by name, br0 would be first: the ones that moved before it must come back.
    ['the last of three', { eth0: {}, eth1: {}, lo: { name: 'x' } }, 'cannot leave its network namespace'],
  ])('%s', (_name, netDevices, message) => {
    const { parent } = runTwoHalves(create(netDevices as NonNullable<Linux['netDevices']>));
    expect(parent.end).toContain(message);
    expect(network(parent.fake.world())).toEqual(untouched);
    expect(parent.fake.network()).toHaveLength(2);
  });

  test('a child that fails after the devices were moved: they come back, with their names and addresses', () => {
    const { files, run } = create({ eth0: { name: 'c%d' }, eth1: {} });
    const failed = '{"kind":"failed","error":{"kind":"kernel","operation":"pivot","errno":"EINVAL"}}';
    const half = runHalf({ files, run, name: 'parent', inbox: ['{"kind":"giveResources"}', failed], peerEnded: true });
    expect(half.end).toContain('pivot');
    expect(network(half.fake.world())).toEqual(untouched);
    expect(half.fake.trace.join('\n')).toContain('netlink socket in net:[2]');
  });
});
