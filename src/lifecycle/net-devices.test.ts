/** Network devices on the fake kernel: what the container gets, what the host keeps, and that a failed create gives all back. */
import { describe, expect, test } from 'vitest';
import type { Kernel } from '../kernel/kernel.ts';
import type { Linux } from '../spec/config-types.ts';
import { globals, hostFiles, plainConfig, requestFor } from '../testing/containers.ts';
import type { FakeKernel } from '../testing/fake-kernel.ts';
import type { FakeLink } from '../testing/fake-netlink.ts';
import { type Half, runHalf, runTwoHalves } from '../testing/run-two-halves.ts';
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

describe('back out of a namespace that others are in', () => {
  const netns = '/run/netns/net';
  const config = {
    ...plainConfig,
    linux: {
      ...plainConfig.linux,
      namespaces: [
        ...(plainConfig.linux?.namespaces ?? []).filter(({ type }) => type !== 'network'),
        { type: 'network' as const, path: netns },
      ],
      netDevices: { eth1: { name: 'net1' } },
    },
  };
  const files = { ...hostFiles(config), run: { netns: { net: 'net:[2]' } } };
  const failed = '{"kind":"failed","error":{"kind":"kernel","operation":"pivot","errno":"EINVAL"}}';

  /** create fails after the device was moved; `hostile` acts in the namespace before the n-th request of the way back. */
  function fail(at: number, hostile: (container: FakeLink[]) => void) {
    const run = (kernel: Kernel, fake: FakeKernel) => {
      let packets = 0;
      let requests = 0;
      const recvmsg: Kernel['recvmsg'] = (fd, maximumBytes) => {
        packets += 1;
        return kernel.recvmsg(fd, maximumBytes);
      };
      const write: Kernel['write'] = (fd, data) => {
        if (packets === 2 && fd.path.startsWith('netlink')) requests += 1;
        if (requests === at && fd.path.startsWith('netlink')) hostile(fake.networks.get('net:[2]') ?? []);
        kernel.write(fd, data);
      };
      createContainer({ ...kernel, recvmsg, write }, globals, requestFor(config));
    };
    return runHalf({ files, run, name: 'parent', inbox: ['{"kind":"giveResources"}', failed], peerEnded: true });
  }
  const impostor = { name: 'net1', identity: 666, up: false, master: 0, immutable: false, addresses: [] };
  const exchange = (container: FakeLink[]): void => {
    const at = container.findIndex(({ identity }) => identity === 9003);
    if (at >= 0) container.splice(at, 1, { ...impostor, index: container[at]?.index ?? 0 });
  };
  const names = (half: Half, namespace: string) => half.fake.networks.get(namespace)?.map(({ name }) => name);

  test('untouched: it comes back', () => {
    const half = fail(0, () => {});
    expect(half.end).not.toContain('not undone');
    expect(network(half.fake.world())).toEqual(untouched);
    expect(half.fake.descriptors().filter((name) => /net|sysfs/.test(name))).toEqual([]);
  });

  // Before the look, between the look and the move, and after it.
  test.each([1, 2, 3, 4])('another in its place before request %i: nothing of theirs gets a name of the host', (at) => {
    const half = fail(at, exchange);
    const taken = half.fake.networks.get('net:[2]')?.some(({ identity }) => identity === 666) ?? false;
    expect(taken).toBe(true);
    expect(names(half, 'net:[1]')).toEqual(['lo', 'eth0', 'br0']);
    expect(half.end).toMatch(/not undone: move the network devices back: .*eth1.*it is not where it was put/);
  });

  test('gone: said', () => {
    const half = fail(1, (container) => container.splice(2));
    expect(half.end).toMatch(/not undone: .*it is not where it was put/);
  });
});
