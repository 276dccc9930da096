/** Which maps an id-mapped mount gets, and what is refused. */
import { expect, test } from 'vitest';
import type { Config, Mount } from '../spec/config-types.ts';
import { defaultConfig } from '../spec/default-config.ts';
import { planRootfs } from './plan-rootfs.ts';
import type { HostSource, RootfsPlan } from './rootfs-step.ts';

const mapping = [{ containerID: 0, hostID: 100000, size: 65536 }];
const other = [{ containerID: 5, hostID: 6, size: 7 }];
const bind: Mount = { destination: '/d', source: '/s', options: ['rbind'] };

function plan(mount: Partial<Mount>, linux: object = {}, mode: 'new' | 'host' = 'new'): RootfsPlan {
  const root = { path: 'rootfs' };
  const process = { ...defaultConfig.process, terminal: false } as NonNullable<Config['process']>;
  const config: Config = { ...defaultConfig, root, process, mounts: [{ ...bind, ...mount }], linux };
  const user = config.linux?.namespaces?.some(({ type }) => type === 'user') ? 'new' : 'host';
  return planRootfs({
    config,
    bundle: '/b',
    namespaces: { mount: mode, user, cgroup: 'new' },
    initialUserNamespace: true,
    privileged: true,
    noPivot: false,
    cgroupPath: undefined,
  });
}
const idMapOf = (mount: Partial<Mount>, linux: object = {}) => sourceOf(mount, linux)?.idMap;
const sourceOf = (mount: Partial<Mount>, linux: object = {}): HostSource | undefined =>
  plan(mount, linux).hostSources.find(({ hostPath }) => hostPath === '/s');

test('the maps of the mount itself, opened by the parent', () => {
  expect(sourceOf({ options: ['rbind', 'ridmap'], uidMappings: mapping, gidMappings: other })).toEqual({
    hostPath: '/s',
    recursive: true,
    pointer: '/mounts/0/source',
    device: undefined,
    idMap: { userNamespace: { kind: 'maps', uidMap: '0 100000 65536\n', gidMap: '5 6 7\n' }, recursive: true },
  });
});

test('mappings without the option are carried out all the same', () => {
  expect(idMapOf({ uidMappings: mapping, gidMappings: other })?.recursive).toBe(false);
});

test('the maps of the container’s new user namespace; those of the mount win', () => {
  const linux = { namespaces: [{ type: 'mount' }, { type: 'user' }], uidMappings: mapping, gidMappings: mapping };
  const idmap = { options: ['bind', 'idmap'] };
  const ofContainer = { kind: 'maps', uidMap: '0 100000 65536\n', gidMap: '0 100000 65536\n' };
  expect(idMapOf(idmap, linux)).toEqual({ userNamespace: ofContainer, recursive: false });
  const own = idMapOf({ ...idmap, uidMappings: other, gidMappings: other }, linux);
  expect(own?.userNamespace).toEqual({ kind: 'maps', uidMap: '5 6 7\n', gidMap: '5 6 7\n' });
  expect(idMapOf({ ...idmap, uidMappings: [], gidMappings: [] }, linux)?.userNamespace).toEqual(ofContainer);
});

test('a joined user namespace is taken as it is', () => {
  const linux = { namespaces: [{ type: 'mount' }, { type: 'user', path: '/ns/user' }] };
  expect(idMapOf({ options: ['bind', 'ridmap'] }, linux)).toEqual({
    userNamespace: { kind: 'join', path: '/ns/user', pointer: '/linux/namespaces/1' },
    recursive: true,
  });
});

test('in the host’s mount namespace, too', () => {
  const { hostSources } = plan({ options: ['bind', 'idmap'], uidMappings: mapping, gidMappings: mapping }, {}, 'host');
  expect(hostSources.map(({ hostPath }) => hostPath)).toEqual(['/s']);
});

test('without any mapping nothing is mapped, and the child opens the tree', () => {
  expect(plan({}).hostSources).toEqual([]);
  expect(plan({ uidMappings: [], gidMappings: [] }).hostSources).toEqual([]);
});

test('crun’s option', () => {
  const linux = {
    namespaces: [{ type: 'mount' }, { type: 'user' }],
    uidMappings: [
      { containerID: 0, hostID: 0, size: 1 },
      { containerID: 1, hostID: 2, size: 1000 },
    ],
    gidMappings: mapping,
  };
  const text = (option: string) => {
    const userNamespace = idMapOf({ options: ['bind', option] }, linux)?.userNamespace;
    return userNamespace?.kind === 'maps' ? [userNamespace.uidMap, userNamespace.gidMap] : userNamespace;
  };
  expect(text('idmap=uids=0-1-10#10-11-10;gids=0-100-10')).toEqual(['0 1 10\n10 11 10\n', '0 100 10\n']);
  expect(text('idmap=gids=@0-5-10;uids=@1-3-10')).toEqual(['1 4 10\n', '0 100005 10\n']);
  expect(text('idmap=')).toEqual(['0 0 1\n1 2 1000\n', '0 100000 65536\n']);
  expect(idMapOf({ options: ['rbind', 'ridmap=uids=0-1-1;gids=0-1-1'] })?.recursive).toBe(true);
});

test.each([
  ['uids=0-1-10', 'both uids= and gids='],
  ['uids=0-1;gids=0-1-1', '"0-1"'],
  ['uids=0-1-1;gids=0--1-1', '"0--1-1"'],
  ['uids=0-1-0;gids=0-1-1', 'size must not be 0'],
  ['uids=0-1-1;uids=0-1-1', 'uids=0-1-1'],
  ['users=0-1-1', 'uids=...;gids=...'],
  ['uids=0-1-10#5-100-1;gids=0-1-1', 'overlap'],
  ['uids=0-4294967290-10;gids=0-1-1', 'last id'],
  ['uids=@0-1-1;gids=0-1-1', 'user namespace holds all'],
])('idmap=%s is refused', (text, why) => {
  const mount = { options: ['bind', `idmap=${text}`] };
  expect(() => plan(mount)).toThrow(why);
  expect(() => plan(mount)).toThrow('/mounts/0/options/1');
});

test('only bind mounts can be id-mapped, and not without maps', () => {
  expect(() => plan({ type: 'tmpfs', options: ['idmap'] })).toThrow('only supported for bind mounts');
  expect(() => plan({ options: ['remount', 'bind', 'idmap'] })).toThrow('only supported for bind mounts');
  expect(() => plan({ options: ['bind', 'idmap'] })).toThrow('/mounts/0/uidMappings');
});
