import { expect, test } from 'vitest';
import { editJson } from '../testing/edit-json.ts';
import { fullConfig } from '../testing/full-config.ts';
import { checkCarriedOut } from './check-carried-out.ts';
import type { Config } from './config-types.ts';
import { defaultConfig, formatSpec } from './default-config.ts';

const refusedPointers = (text: string, edits: { [pointer: string]: string | undefined } = {}): string[] =>
  checkCarriedOut(editJson(text, edits) as Config).map((fault) => fault.pointer);

test('everything for Linux is carried out', () => {
  expect(refusedPointers(fullConfig)).toEqual([]);
});

test('the default config and values that ask for nothing are accepted', () => {
  const text = formatSpec(defaultConfig);
  expect(refusedPointers(text)).toEqual([]);
  const nothing = {
    '/process/apparmorProfile': '""',
    '/process/selinuxLabel': '""',
    '/process/execCPUAffinity': '{"initial":"","final":""}',
    '/linux/netDevices': '{}',
    '/linux/timeOffsets': '{}',
    '/linux/mountLabel': '"label"',
    '/mounts/0/uidMappings': '[]',
    '/linux/seccomp': '{"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/s"}',
  };
  expect(refusedPointers(text, nothing)).toEqual([]);
});

test('configs of other platforms are refused', () => {
  expect(refusedPointers(formatSpec(defaultConfig), { '/freebsd': '{}', '/vm': '{"kernel":{"path":"/k"}}' })).toEqual([
    '/freebsd',
    '/vm',
  ]);
});
