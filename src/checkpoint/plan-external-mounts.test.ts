/** Which mounts are the host's, at dump by the kernel's list, at restore by the configuration. */
import { describe, expect, test } from 'vitest';
import type { Config } from '../spec/config-types.ts';
import { plainConfig } from '../testing/containers.ts';
import { parseMountInfo } from './parse-mount-info.ts';
import { listExternalDestinations, planDumpMounts, planRestoreMounts } from './plan-external-mounts.ts';

const info = `100 99 0:50 /b/rootfs / rw - tmpfs tmpfs rw
101 100 0:60 / /proc rw master:7 shared:8 - proc proc rw
102 100 0:61 / /dev rw - tmpfs tmpfs rw
103 100 8:1 /vol /data ro - ext4 /dev/sda1 rw
104 103 0:70 / /data/sub rw - tmpfs tmpfs rw
105 103 0:71 / /data/own rw - tmpfs tmpfs rw
106 104 0:72 / /data/sub/deep rw - tmpfs tmpfs rw
107 100 8:1 /x /run/my\\040place rw - ext4 /dev/sda1 rw
108 101 0:6 /null /proc/keys ro - devtmpfs devtmpfs rw
109 101 0:62 / /proc/acpi ro - tmpfs tmpfs ro
110 102 0:6 /zero /dev/zero rw - devtmpfs devtmpfs rw
cut off`;
const mounts = parseMountInfo(info);

const config: Config = {
  ...plainConfig,
  mounts: [
    { destination: '/proc', type: 'proc' },
    { destination: '/data/', type: 'none', source: '/vol', options: ['rbind', 'ro'] },
    { destination: '/data/own', type: 'tmpfs' },
    { destination: '/var/run/my place', type: 'bind', source: 'x' },
    { destination: '/gone', type: 'bind', source: '/gone' },
    { destination: '/data', type: 'none', options: ['remount', 'bind', 'ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' },
  ],
  linux: {
    ...plainConfig.linux,
    devices: [{ path: '/dev/zero', type: 'c', major: 1, minor: 5 }],
    maskedPaths: ['/proc/keys', '/proc/acpi', '/proc/kcore'],
  },
};
const resolved = new Map([['/var/run/my place', '/run/my place']]);

test('parseMountInfo: escapes, optional fields, a line that is cut off', () => {
  expect(mounts).toHaveLength(11);
  expect(mounts[1]).toEqual({ id: 101, parent: 100, root: '/', mountPoint: '/proc', fsType: 'proc' });
  expect(mounts[7]?.mountPoint).toBe('/run/my place');
});

describe('planDumpMounts', () => {
  const planned = new Map(planDumpMounts({ config, mounts, resolved }).map(({ key, value }) => [key, value]));
  test('binds where they are, with what a recursive one brought along, but not what the configuration mounts there', () => {
    expect([...planned].filter(([key]) => key.startsWith('/data'))).toEqual([
      ['/data', '/data'],
      ['/data/sub', '/data/sub'],
      ['/data/sub/deep', '/data/sub/deep'],
    ]);
    expect(planned.get('/run/my place')).toBe('/run/my place');
  });
  test('masked files have one name, masked directories are saved, what is not there is left out', () => {
    expect(planned.get('/proc/keys')).toBe('/dev/null');
    expect(planned.has('/proc/acpi')).toBe(false);
    expect(planned.has('/proc/kcore')).toBe(false);
    expect(planned.has('/gone')).toBe(false);
    expect(planned.has('/proc')).toBe(false);
  });
  test('devices that were bound', () => {
    expect(planned.get('/dev/zero')).toBe('/dev/zero');
    expect(planned.has('/dev/null')).toBe(false);
  });
});

describe('planRestoreMounts', () => {
  const hostMounts = parseMountInfo(
    '1 0 8:1 / / rw - ext4 a rw\n2 1 0:70 / /vol/sub rw - tmpfs t rw\n3 1 0:71 / /volume rw - tmpfs t rw\n',
  );
  const input = { config, bundle: '/bundle', resolved, hostMounts, cgroupPath: '/sys/fs/cgroup/web' };
  const planned = new Map(planRestoreMounts(input).map(({ key, value }) => [key, value]));
  test('sources of binds, under the written and the real destination', () => {
    expect(planned.get('/data')).toBe('/vol');
    expect(planned.get('/data/sub')).toBe('/vol/sub');
    expect(planned.has('/dataume')).toBe(false);
    expect(planned.get('/var/run/my place')).toBe('/bundle/x');
    expect(planned.get('/run/my place')).toBe('/bundle/x');
    expect(planned.get('/dev/null')).toBe('/dev/null');
  });
  test('the cgroup directory is bound only without a cgroup namespace', () => {
    expect(planned.has('/sys/fs/cgroup')).toBe(false);
    const namespaces = (config.linux?.namespaces ?? []).filter(({ type }) => type !== 'cgroup');
    const without: Config = { ...config, linux: { ...config.linux, namespaces } };
    const again = planRestoreMounts({ ...input, config: without });
    expect(again).toContainEqual({ key: '/sys/fs/cgroup', value: '/sys/fs/cgroup/web' });
    expect(listExternalDestinations(without)).toContain('/sys/fs/cgroup');
    expect(listExternalDestinations(config)).not.toContain('/sys/fs/cgroup');
  });
});
