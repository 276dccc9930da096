/** Who may share the runtime's memory, case by case. */
import { describe, expect, test } from 'vitest';
import { planNamespaces } from '../namespaces/plan-namespaces.ts';
import type { Config } from '../spec/config-types.ts';
import {
  canShareMemory,
  canShareMemoryForExec,
  canStandStillForExec,
  type SharedMemoryInput,
} from './plan-shared-memory.ts';

function input(
  change: Partial<SharedMemoryInput> = {},
  types: readonly string[] = ['pid', 'mount'],
): SharedMemoryInput {
  const config = {
    ociVersion: '1.3.0',
    root: { path: 'rootfs' },
    linux: {
      namespaces: types.map((type) => ({ type })),
      uidMappings: [{ containerID: 0, hostID: 1, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: 1, size: 1 }],
    },
  } as unknown as Config;
  return {
    listens: false,
    command: 'run',
    namespaces: planNamespaces(config, true),
    steps: [{ kind: 'newSession' }],
    hasStartHooks: false,
    memoryLimitBytes: undefined,
    ...change,
  };
}

describe('run', () => {
  test.each<[string, SharedMemoryInput, boolean]>([
    ['the default', input(), true],
    ['create, whose child outlives it', input({ command: 'create' }), false],
    ['startContainer hooks', input({ hasStartHooks: true }), false],
    ['hooks of the runtime', input({ steps: [{ kind: 'runtimeHooks' }] }), false],
    ['createContainer hooks', input({ steps: [{ kind: 'containerHooks' }] }), false],
    ['a question to the parent', input({ steps: [{ kind: 'awaitParent' }] }), false],
    ['a user namespace', input({}, ['pid', 'mount', 'user']), false],
    ['a time namespace', input({}, ['pid', 'mount', 'time']), false],
    ['a tiny memory limit', input({ memoryLimitBytes: 128 << 10 }), false],
    ['a small memory limit, under which a copy would not start', input({ memoryLimitBytes: 256 << 10 }), true],
    ['a comfortable memory limit', input({ memoryLimitBytes: 64 << 20 }), true],
    ['a memory limit of none', input({ memoryLimitBytes: -1 }), true],
    ['a large memory limit', input({ memoryLimitBytes: 1n << 60n }), true],
  ])('%s', (_name, given, expected) => {
    expect(canShareMemory(given)).toBe(expected);
  });
});

describe('exec', () => {
  test.each([
    [
      'the container’s pid namespace',
      { listens: false, joinsTime: false, joinsPid: true, foreignUserNamespace: false },
      false,
    ],
    [
      'a user namespace keeps its processes off',
      { listens: false, joinsTime: false, joinsPid: true, foreignUserNamespace: true },
      true,
    ],
    [
      'the host’s pid namespace',
      { listens: false, joinsTime: false, joinsPid: false, foreignUserNamespace: false },
      true,
    ],
    ['an agent', { listens: true, joinsTime: false, joinsPid: false, foreignUserNamespace: true }, false],
    ['a time namespace', { listens: false, joinsTime: true, joinsPid: false, foreignUserNamespace: true }, false],
  ])('%s', (_name, given, expected) => {
    expect(canShareMemoryForExec({ ...given, needsParent: false })).toBe(expected);
    expect(canShareMemoryForExec({ ...given, needsParent: true })).toBe(false);
  });
});

test.each([
  [false, false, true],
  [true, false, false],
  [false, true, false],
])('exec: an agent %s, a question to the parent %s: stands still %s', (listens, needsParent, expected) => {
  expect(canStandStillForExec({ listens, needsParent })).toBe(expected);
});
