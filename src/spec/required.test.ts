/** Every property that the specification calls REQUIRED: without it there is one fault, at its place, that says it is missing. */
import { expect, test } from 'vitest';
import { editJson } from '../testing/edit-json.ts';
import { fullConfig } from '../testing/full-config.ts';
import { checkConfig } from './check-config.ts';

const required = [
  ...['/ociVersion', '/root', '/root/path', '/mounts/0/destination', '/process/cwd', '/process/args'],
  ...['/process/consoleSize/height', '/process/consoleSize/width'],
  ...['/process/rlimits/0/type', '/process/rlimits/0/soft', '/process/rlimits/0/hard'],
  ...['/process/scheduler/policy', '/process/ioPriority/class', '/process/ioPriority/priority'],
  ...['/process/user/uid', '/process/user/gid'],
  ...['/hooks/prestart/0/path', '/hooks/createRuntime/0/path', '/hooks/poststop/0/path'],
  ...['/linux/namespaces/0/type'],
  ...['/linux/uidMappings/0/containerID', '/linux/uidMappings/0/hostID', '/linux/uidMappings/0/size'],
  ...['/linux/devices/0/type', '/linux/devices/0/path', '/linux/devices/0/major', '/linux/devices/0/minor'],
  ...['/linux/resources/devices/0/allow'],
  ...['/linux/resources/blockIO/weightDevice/0/major', '/linux/resources/blockIO/weightDevice/0/minor'],
  ...[
    '/linux/resources/blockIO/throttleReadBpsDevice/0/major',
    '/linux/resources/blockIO/throttleReadBpsDevice/0/rate',
  ],
  ...[
    '/linux/resources/blockIO/throttleWriteIOPSDevice/0/minor',
    '/linux/resources/blockIO/throttleWriteIOPSDevice/0/rate',
  ],
  ...['/linux/resources/hugepageLimits/0/pageSize', '/linux/resources/hugepageLimits/0/limit'],
  ...['/linux/resources/network/priorities/0/name', '/linux/resources/network/priorities/0/priority'],
  ...['/linux/memoryPolicy/mode', '/linux/personality/domain', '/linux/seccomp/defaultAction'],
  ...['/linux/seccomp/syscalls/0/names', '/linux/seccomp/syscalls/0/action'],
  ...['/linux/seccomp/syscalls/0/args/0/index', '/linux/seccomp/syscalls/0/args/0/value'],
  ...['/linux/seccomp/syscalls/0/args/0/op'],
];

// [shows config.md#root/3 config.md#root/4 config.md#mounts/2 config.md#process/3 config.md#process/4 config.md#process/5 config.md#posix-process/1 config.md#posix-process/4 config.md#posix-process/6 config.md#linux-process/5..7 config.md#posix-platform-user/1 config.md#posix-platform-user/2 config.md#posix-platform-hooks/1 config.md#posix-platform-hooks/6 config-linux.md#namespaces/1 config-linux.md#user-namespace-mappings/1..3 config-linux.md#devices/2 config-linux.md#devices/3 config-linux.md#devices/5 config-linux.md#allowed-device-list/2 config-linux.md#block-io/1 config-linux.md#block-io/3..6 config-linux.md#huge-page-limits/1 config-linux.md#huge-page-limits/2 config-linux.md#network/1 config-linux.md#network/2 config-linux.md#memory-policy/1 config-linux.md#seccomp/1 config-linux.md#seccomp/9 config-linux.md#seccomp/11 config-linux.md#seccomp/13..15 config-linux.md#personality/1]
test.each(required)('%s', (pointer) => {
  const faults = checkConfig(editJson(fullConfig, { [pointer]: undefined })).faults ?? [];
  expect(faults.map((fault) => fault.pointer)).toContain(pointer);
  expect(faults.find((fault) => fault.pointer === pointer)?.what).toMatch(/is missing|must/);
});

// [shows config.md#process/6 config.md#process/7 config.md#posix-platform-hooks/2 config.md#posix-platform-hooks/3 config.md#posix-platform-hooks/7 config.md#posix-platform-hooks/8 config.md#annotations/1..3 config.md#annotations/25 config-linux.md#namespaces/3 config-linux.md#block-io/2 config-linux.md#rdma/1 config-linux.md#intelrdt/5..7 config-linux.md#seccomp/10 config-linux.md#masked-paths/1 config-linux.md#readonly-paths/1]
test.each([
  ['/root/path', '""'],
  ['/process/args', '[]'],
  ['/process/cwd', '"tmp"'],
  ['/mounts/0/destination', '""'],
  ['/hooks/prestart/0/path', '"bin/x"'],
  ['/hooks/poststop/0/path', '"bin/x"'],
  ['/hooks/createRuntime/0/timeout', '0'],
  ['/hooks/createRuntime/0/timeout', '-1'],
  ['/linux/seccomp/syscalls/0/names', '[]'],
  ['/linux/maskedPaths/0', '"proc/kcore"'],
  ['/linux/readonlyPaths/0', '"proc/sys"'],
  ['/linux/namespaces/0/path', '"proc/1/ns/pid"'],
  ['/annotations', '{"":"x"}'],
  ['/annotations/a', '5'],
  ['/annotations', '["a"]'],
  ['/linux/resources/rdma/mlx5_1', '{}'],
  ['/linux/resources/blockIO/weightDevice/0', '{"major":8,"minor":0}'],
  ['/linux/intelRdt/memBwSchema', '"L3:0=1"'],
  ['/linux/intelRdt/memBwSchema', '"MB:0=1\\nMB:0=2"'],
  ['/linux/intelRdt/schemata/0', '"L3:0=f\\nL3:1=f"'],
  ['/linux/intelRdt/l3CacheSchema', '"L3:0=f\\nL3:1=f"'],
])('%s = %s is refused', (pointer, value) => {
  const { faults } = checkConfig(editJson(fullConfig, { [pointer]: value }));
  expect(faults?.some((fault) => fault.pointer.startsWith(pointer))).toBe(true);
});
