/** Flags -> criu's options, one row for each; namespaces; and what is refused. */
import { describe, expect, test } from 'vitest';
import type { CheckpointRequest, CriuFlags, RestoreRequest } from '../base/request.ts';
import type { Config, Namespace } from '../spec/config-types.ts';
import { plainConfig } from '../testing/containers.ts';
import { checkpointRequest, restoreRequest } from '../testing/criu-requests.ts';
import type { CriuOptions } from './criu-messages.ts';
import { parseProcessCgroup } from './parse-process-cgroup.ts';
import {
  checkMountNamespace,
  listExternalNamespaces,
  planExternalKey,
  planJoinedNamespaces,
} from './plan-criu-namespaces.ts';
import { checkCriuFlags, planDumpOptions, planRestoreOptions } from './plan-criu-options.ts';

const dump = (flags: Partial<CheckpointRequest>, config: Config = plainConfig) =>
  planDumpOptions(
    { ...checkpointRequest, ...flags },
    {
      config,
      directories: { images: 7, work: undefined },
      pid: 100,
      root: '/bundle/rootfs',
      freezer: '/sys/fs/cgroup/web',
      externalMounts: [],
      external: [],
    },
  );

const restore = (flags: Partial<RestoreRequest>, cgroup = true) =>
  planRestoreOptions(
    { ...restoreRequest, ...flags },
    {
      config: plainConfig,
      directories: { images: 7, work: 8 },
      root: '/run/runt/web',
      externalMounts: [],
      inheritFds: [],
      joinNamespaces: [],
      cgroupRoots: cgroup ? [{ controller: '', path: '/web' }] : undefined,
    },
  );

test('a dump without flags', () => {
  expect(dump({})).toEqual({
    imagesDirFd: 7,
    logLevel: 4,
    logFile: 'dump.log',
    root: '/bundle/rootfs',
    pid: 100,
    notifyScripts: true,
    orphanPtsMaster: true,
    manageCgroups: true,
    manageCgroupsMode: 6,
    freezeCgroup: '/sys/fs/cgroup/web',
    emptyNamespaces: 0x40000000,
    configFile: '/etc/criu/runc.conf',
    externalMounts: [],
    external: [],
    leaveRunning: false,
    tcpSkipInFlight: false,
    linkRemap: false,
    shellJob: false,
    extUnixSk: false,
    tcpEstablished: false,
    fileLocks: false,
    autoDedup: false,
    lazyPages: false,
  });
});

test('a restore without flags', () => {
  expect(restore({})).toMatchObject({
    imagesDirFd: 7,
    workDirFd: 8,
    logFile: 'restore.log',
    root: '/run/runt/web',
    evasiveDevices: true,
    restoreSibling: true,
    manageCgroupsMode: 6,
    cgroupRoots: [{ controller: '', path: '/web' }],
    tcpClose: false,
  });
  expect(restore({})).not.toHaveProperty('lsmProfile');
});

describe('each flag is one option', () => {
  const alike: readonly (readonly [Partial<CriuFlags>, Partial<CriuOptions>])[] = [
    [{ shellJob: true }, { shellJob: true }],
    [{ extUnixSk: true }, { extUnixSk: true }],
    [{ tcpEstablished: true }, { tcpEstablished: true }],
    [{ fileLocks: true }, { fileLocks: true }],
    [{ autoDedup: true }, { autoDedup: true }],
    [{ lazyPages: true }, { lazyPages: true }],
    [{ manageCgroupsMode: 'soft' }, { manageCgroupsMode: 3 }],
    [{ manageCgroupsMode: 'full' }, { manageCgroupsMode: 4 }],
    [{ manageCgroupsMode: 'strict' }, { manageCgroupsMode: 5 }],
    [{ manageCgroupsMode: 'ignore' }, { manageCgroupsMode: 0 }],
    [{ manageCgroupsMode: '' }, { manageCgroupsMode: 6 }],
    [{ emptyNs: ['network'] }, { emptyNamespaces: 0x40000000 }],
    [{ networkLock: 'iptables' }, { networkLock: 1 }],
    [{ networkLock: 'nftables' }, { networkLock: 2 }],
    [{ networkLock: 'skip' }, { networkLock: 3 }],
  ];
  test.each(alike)('%j in both', (flags, options) => {
    expect(dump(flags)).toMatchObject(options);
    expect(restore(flags)).toMatchObject(options);
  });
  test.each<[Partial<CheckpointRequest>, Partial<CriuOptions>]>([
    [{ leaveRunning: true }, { leaveRunning: true }],
    [{ tcpSkipInFlight: true }, { tcpSkipInFlight: true }],
    [{ linkRemap: true }, { linkRemap: true }],
    [{ parentPath: '../pre' }, { parentImage: '../pre', trackMemory: true }],
    [{ pageServer: '10.0.0.1:27' }, { pageServer: { address: '10.0.0.1', port: 27 } }],
    [{ pageServer: '[fe80::1]:65535' }, { pageServer: { address: 'fe80::1', port: 65535 } }],
  ])('%j of checkpoint', (flags, options) => {
    expect(dump(flags)).toMatchObject(options);
  });
  test.each<[Partial<RestoreRequest>, Partial<CriuOptions>]>([
    [{ tcpClose: true }, { tcpClose: true }],
    [{ lsmProfile: 'apparmor:web' }, { lsmProfile: 'apparmor:web' }],
    [{ lsmProfile: 'selinux:a:b:c:s0' }, { lsmProfile: 'selinux:a:b:c:s0' }],
    [{ lsmMountContext: 'a:b:c' }, { lsmMountContext: 'a:b:c' }],
  ])('%j of restore', (flags, options) => {
    expect(restore(flags)).toMatchObject(options);
  });
});

test('without a cgroup of its own criu leaves cgroups alone, unless it is told otherwise', () => {
  expect(restore({}, false)).toMatchObject({ manageCgroupsMode: 0, cgroupRoots: [] });
  expect(restore({ manageCgroupsMode: 'full' }, false)).toMatchObject({ manageCgroupsMode: 4 });
});

test('the annotation org.criu.config', () => {
  const withFile = (file: string) => dump({}, { ...plainConfig, annotations: { 'org.criu.config': file } });
  expect(withFile('/etc/mine.conf')).toHaveProperty('configFile', '/etc/mine.conf');
  expect(withFile('')).not.toHaveProperty('configFile');
});

describe('refused before anything is looked at', () => {
  test.each<[Partial<CheckpointRequest>, string]>([
    [{ parentPath: '/abs' }, '--parent-path must be relative'],
    [{ manageCgroupsMode: 'default' }, 'invalid manage-cgroups-mode value: default'],
    [{ manageCgroupsMode: 'toString' }, 'invalid manage-cgroups-mode value'],
    [{ networkLock: 'none' }, 'invalid network-lock value: none'],
    [{ emptyNs: ['network', 'pid'] }, 'namespace "pid" is not supported'],
    [{ pageServer: '10.0.0.1' }, 'Use --page-server ADDRESS:PORT to specify page server'],
    [{ pageServer: ':27' }, 'Use --page-server ADDRESS:PORT'],
    [{ pageServer: 'fe80::1:27' }, 'Use --page-server ADDRESS:PORT'],
    [{ pageServer: 'a:0' }, 'Invalid port number'],
    [{ pageServer: 'a:65536' }, 'Invalid port number'],
    [{ pageServer: 'a:x' }, 'Invalid port number'],
  ])('checkpoint %j', (flags, message) => {
    expect(() => checkCriuFlags({ ...checkpointRequest, ...flags })).toThrow(message);
  });
  test.each(['web', 'smack:web', 'apparmor:', ':x'])('restore --lsm-profile %s', (lsmProfile) => {
    expect(() => checkCriuFlags({ ...restoreRequest, lsmProfile })).toThrow(`invalid LSM profile: ${lsmProfile}`);
  });
  test('none of the defaults', () => {
    checkCriuFlags(checkpointRequest);
    checkCriuFlags(restoreRequest);
  });
});

describe('namespaces', () => {
  const withNamespaces = (namespaces: readonly Namespace[]): Config => ({
    ...plainConfig,
    linux: { ...plainConfig.linux, namespaces: [...namespaces] },
  });
  const config = withNamespaces([
    { type: 'mount' },
    { type: 'network', path: '/run/netns/a' },
    { type: 'ipc', path: '/proc/1/ns/ipc' },
    { type: 'pid', path: '/proc/2/ns/pid' },
    { type: 'uts', path: '' },
  ]);

  test('network and pid by path are external, others are joined', () => {
    const external = listExternalNamespaces(config);
    expect(external.map(({ key, path }) => [key, path])).toEqual([
      ['extRootNetNS', '/run/netns/a'],
      ['extRootPidNS', '/proc/2/ns/pid'],
    ]);
    expect(planExternalKey(external[0] as never, 'net:[4026531840]')).toBe('net[4026531840]:extRootNetNS');
    expect(() => planExternalKey(external[0] as never, '/tmp/x')).toThrow('not a namespace');
    expect(planJoinedNamespaces(config)).toEqual([{ namespace: 'ipc', file: '/proc/1/ns/ipc' }]);
  });
  test.each(['cgroup', 'mount'] as const)('criu joins no %s namespace', (type) => {
    expect(() => planJoinedNamespaces(withNamespaces([{ type, path: '/x' }]))).toThrow(
      `/linux/namespaces/0/path: criu cannot restore a container into an existing ${type} namespace`,
    );
  });
  test('a mount namespace is needed', () => {
    expect(() => checkMountNamespace(plainConfig)).not.toThrow();
    expect(() => checkMountNamespace(withNamespaces([{ type: 'pid' }]))).toThrow('without a mount namespace');
  });
});

test('cgroup roots of a unified and of a hybrid host', () => {
  expect(parseProcessCgroup('0::/web\n')).toEqual([{ controller: '', path: '/web' }]);
  expect(parseProcessCgroup('4:cpu,cpuacct:/x\n1:name=systemd:/a:b\n0::/\nrubbish\n')).toEqual([
    { controller: 'cpu', path: '/x' },
    { controller: 'cpuacct', path: '/x' },
    { controller: 'name=systemd', path: '/a:b' },
    { controller: '', path: '/' },
  ]);
});
