import { expect, test } from 'vitest';
import { defaultConfig, formatSpec, rootlessConfig } from './default-config.ts';

test('the text is indented with tabs and ends without newline', () => {
  const text = formatSpec(defaultConfig);
  expect(text.split('\n').slice(0, 8)).toEqual([
    '{',
    '\t"ociVersion": "1.3.0",',
    '\t"process": {',
    '\t\t"terminal": true,',
    '\t\t"user": {',
    '\t\t\t"uid": 0,',
    '\t\t\t"gid": 0',
    '\t\t},',
  ]);
  expect(text.endsWith('\n}')).toBe(true);
  expect(JSON.parse(text)).toEqual(defaultConfig);
});

test('the keys stand in the order of Go programs', () => {
  expect(Object.keys(defaultConfig)).toEqual(['ociVersion', 'process', 'root', 'hostname', 'mounts', 'linux']);
  expect(Object.keys(defaultConfig.linux ?? {})).toEqual(['resources', 'namespaces', 'maskedPaths', 'readonlyPaths']);
  const order = ['terminal', 'user', 'args', 'env', 'cwd', 'capabilities', 'rlimits', 'noNewPrivileges'];
  expect(Object.keys(defaultConfig.process ?? {})).toEqual(order);
});

test('capabilities of the default are not inheritable [CVE-2022-29162]', () => {
  expect(Object.keys(defaultConfig.process?.capabilities ?? {})).toEqual(['bounding', 'effective', 'permitted']);
});

test('rootless: own user namespace, host network, bound /sys, no limits', () => {
  const { linux, mounts } = rootlessConfig({ euid: 1000, egid: 100 });
  expect(Object.keys(linux ?? {})).toEqual([
    'uidMappings',
    'gidMappings',
    'namespaces',
    'maskedPaths',
    'readonlyPaths',
  ]);
  expect(linux?.namespaces?.map(({ type }) => type)).toEqual(['pid', 'ipc', 'uts', 'mount', 'cgroup', 'user']);
  expect(linux?.uidMappings).toEqual([{ containerID: 0, hostID: 1000, size: 1 }]);
  expect(linux?.gidMappings).toEqual([{ containerID: 0, hostID: 100, size: 1 }]);
  expect(mounts?.find(({ destination }) => destination === '/sys')?.options).toEqual([
    'rbind',
    'nosuid',
    'noexec',
    'nodev',
    'ro',
  ]);
  expect(mounts?.flatMap(({ options }) => options ?? []).filter((option) => option.startsWith('gid='))).toEqual([]);
});
