/** checkConfig as a whole: all faults at once, no false ones from the holes that a fault leaves, never an exception. */
import { describe, expect, test } from 'vitest';
import { editJson } from '../testing/edit-json.ts';
import { fullConfig } from '../testing/full-config.ts';
import { parseJson } from '../testing/parse-json.ts';
import { checkConfig } from './check-config.ts';
import { defaultConfig, formatSpec, rootlessConfig } from './default-config.ts';
import { pointerToken } from './fault.ts';

const full = parseJson(fullConfig);

/** Every pointer of a value, the root's '' first. */
function pointersOf(value: unknown, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null) return [pointer];
  const inner = Object.entries(value).flatMap(([key, item]) => pointersOf(item, `${pointer}/${pointerToken(key)}`));
  return [pointer, ...inner];
}

const pointers = pointersOf(full);

test('valid configs are accepted as they are, without warnings', () => {
  for (const text of [fullConfig, formatSpec(defaultConfig), formatSpec(rootlessConfig({ euid: 1000, egid: 1000 }))]) {
    const value = parseJson(text);
    expect(checkConfig(value)).toEqual({ config: value, warnings: [] });
  }
});

test('faults of the schema and beyond it come at once, each at its place', () => {
  const value = editJson(fullConfig, {
    '/process/cwd': '"tmp"',
    '/process/env/0': '"PATH"',
    '/process/rlimits/0/hard': '0',
    '/mounts/0/type': '5',
    '/mounts/1/destination': '"/proc/self"',
    '/linux/namespaces/0/type': '"pids"',
    '/linux/namespaces/1/type': '"mount"',
    '/linux/sysctl': '{"vm.x":"1"}',
    '/linux/uidMappings/0/size': '11',
    '/linux/resources/hugepageLimits/0/pageSize': '"2kB"',
  });
  expect(checkConfig(value).faults?.map((fault) => fault.pointer)).toEqual([
    '/process/cwd',
    '/process/env/0',
    '/mounts/0/type',
    '/linux/namespaces/0/type',
    '/linux/resources/hugepageLimits/0/pageSize',
    '/process/rlimits/0/soft',
    '/linux/namespaces/2',
    '/linux/uidMappings/1/containerID',
    '/mounts/1/destination',
    '/linux/sysctl/vm.x',
  ]);
});

describe('a wrong value anywhere gives faults there only', () => {
  const wrong = ['null', '5', '-7', '"wrong"', '[]', '{}', 'true', '[null]', '18446744073709551616', '1.5'];
  test.each(pointers)('%s', (pointer) => {
    for (const value of wrong) {
      const result = checkConfig(editJson(fullConfig, { [pointer]: value }));
      for (const { pointer: at } of result.faults ?? []) {
        const isNear = at.startsWith(pointer) || pointer.startsWith(at);
        expect(isNear || isConsequence(pointer, at), `${pointer} = ${value} gives a fault at ${at}`).toBe(true);
      }
    }
  });

  test.each(pointers.slice(1))('%s removed', (pointer) => {
    expect(() => checkConfig(editJson(fullConfig, { [pointer]: undefined }))).not.toThrow();
  });
});

/** A valid change at one place can make another wrong: what is no fault of the checks. */
function isConsequence(edited: string, at: string): boolean {
  const related = [
    [
      '/linux/namespaces',
      /^\/(hostname|domainname|linux\/(netDevices|sysctl|timeOffsets|uidMappings|gidMappings|maskedPaths|readonlyPaths))/,
    ],
    ['/linux', /^\/(hostname|domainname)/],
    ['/process/rlimits', /^\/process\/rlimits/],
    ['/process/capabilities', /^\/process\/capabilities/],
    ['/process/scheduler/policy', /^\/process\/scheduler/],
    ['/linux/resources/memory', /^\/linux\/resources\/memory\/swap/],
    ['/linux/resources/cpu/quota', /^\/linux\/resources\/cpu\/burst/],
    ['/linux/seccomp', /^\/linux\/seccomp/],
    ['/linux/uidMappings', /^\/linux\/uidMappings/],
    ['/mounts', /^\/mounts/],
    ['/linux/memoryPolicy', /^\/linux\/memoryPolicy/],
  ] as const;
  return related.some(([from, to]) => edited.startsWith(from) && to.test(at));
}

test('a faulty list is not taken for an absent one', () => {
  const value = editJson(fullConfig, { '/linux/namespaces/4/type': '"utss"', '/linux/uidMappings': '5' });
  expect(checkConfig(value).faults?.map((fault) => fault.pointer)).toEqual([
    '/linux/namespaces/4/type',
    '/linux/uidMappings',
  ]);
});

test('near misses are suggested', () => {
  const value = editJson(fullConfig, {
    '/linux/namespaces/1/type': '"netwrok"',
    '/process/args': '"sh"',
    '/hostname': '5',
  });
  expect(checkConfig(value).faults?.map((fault) => fault.right)).toEqual([
    'write ["sh"]',
    'write "5"',
    'did you mean "network"?',
  ]);
});

test('hundreds of thousands of faults are survived', { timeout: 10_000 }, () => {
  const many = 100_000;
  const value = parseJson(fullConfig) as { process: { [key: string]: unknown } };
  value.process.env = Array.from({ length: many }, () => 'x');
  value.process.rlimits = Array.from({ length: many }, () => ({ type: 'RLIMIT_NOFILE', soft: 1, hard: 0 }));
  value.process.capabilities = { bounding: Array.from({ length: many }, (_, i) => `CAP_${i}`) };

  const { faults } = checkConfig(value);
  expect(faults?.length).toBe(1001);
  expect(faults?.at(-1)).toEqual({ pointer: '', what: `has ${many - 1000} more faults` });
  value.process.env = [];
  expect(checkConfig(value).faults?.length).toBe(2 * many - 1);
});

test('the value that was checked is left as it was', () => {
  const edits = { '/process/env/0': '"x"', '/mounts/0/type': '5', '/linux/namespaces/3': '{}', '/root': '{}' };
  const value = editJson(fullConfig, edits);
  expect(checkConfig(value).faults?.length).toBe(4);
  expect(value).toEqual(editJson(fullConfig, edits));
});
