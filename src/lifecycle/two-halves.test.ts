/**
 * Parent and child of create, run and exec against each other on the fake kernel: both come to their end, say what the
 * protocol says, and whoever is left alone at any point ends with one clear error and leaves nothing behind.
 */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';
import {
  execRequest,
  fixtures,
  globals,
  hostFiles,
  hostLines,
  plainConfig,
  requestFor,
  runningFiles,
} from '../testing/containers.ts';
import type { Tree } from '../testing/fake-world.ts';
import { type Half, runHalf, runTwoHalves } from '../testing/run-two-halves.ts';
import { createContainer } from './create-container.ts';
import { execInContainer } from './exec-in-container.ts';
import { runContainer } from './run-container.ts';

const kinds = (half: Half): string[] => half.said.map((packet) => JSON.parse(packet).kind);
const go = ['{"kind":"go"}'];

/** fixture -> what the child says, what the parent answers. */
const dialogues: Readonly<Record<string, readonly [child: readonly string[], parent: readonly string[]]>> = {
  default: [['ready'], []],
  limits: [['ready'], []],
  'user namespace': [['mapIds', 'ready'], ['idsMapped']],
  'id-mapped mounts': [['ready'], []],
  terminal: [['ready'], []],
  hooks: [['runHooks', 'ready'], ['hooksDone']],
  'network devices': [['giveResources', 'ready'], ['resourcesGiven']],
  'working directory, host name, sysctl, user': [['ready'], []],
  scheduling: [['ready'], []],
  'scheduling in a user namespace': [
    ['mapIds', 'setScheduling', 'ready'],
    ['idsMapped', 'schedulingSet'],
  ],
};

interface Operation {
  readonly files: Tree;
  readonly run: (kernel: Kernel) => unknown;
}

const create = (name: string): Operation => {
  const config = fixtures[name] ?? plainConfig;
  return { files: hostFiles(config), run: (kernel) => createContainer(kernel, globals, requestFor(config)) };
};
const run = (name: string): Operation => {
  const config = fixtures[name] ?? plainConfig;
  const request = { ...requestFor(config), command: 'run' as const };
  return { files: hostFiles(config), run: (kernel) => runContainer(kernel, globals, request) };
};
const exec: Operation = {
  files: runningFiles(plainConfig),
  run: (kernel) => execInContainer(kernel, globals, execRequest),
};

test('every fixture has its dialogue', () => {
  expect(Object.keys(dialogues)).toEqual(Object.keys(fixtures));
});

describe.each(Object.entries(dialogues))('%s', (name, [childSays, parentSays]) => {
  test('create: the parent returns, the child waits at the gate', () => {
    const { parent, child } = runTwoHalves(create(name));
    expect([parent.end, child.end]).toEqual(['returned', 'blocked: the start gate']);
    expect([kinds(child), kinds(parent)]).toEqual([childSays, parentSays]);
    expect(parent.fake.world()).toContain('/tmp/pid 644 0:0 file 100');
  });

  test('create, then start: the child executes the program', () => {
    const { child } = runTwoHalves({ ...create(name), gate: go });
    expect(child.end).toBe('executed');
    expect(child.ended?.tail?.at(-1)?.[0]).toBe('execve');
  });

  test('run: no gate, the end of file is the good news', () => {
    const { parent, child } = runTwoHalves(run(name));
    expect([parent.end, child.end]).toEqual(['returned', 'executed']);
    expect([kinds(child), kinds(parent)]).toEqual([childSays, parentSays]);
  });

  test('the child dies after each of its packets but the last: one clear error, nothing left', () => {
    const whole = runTwoHalves(create(name));
    const before = runHalf({ ...create(name), run: () => {}, name: 'parent', inbox: [], peerEnded: true });
    for (let count = 0; count < whole.child.said.length; count++) {
      const inbox = whole.child.said.slice(0, count);
      const parent = runHalf({ ...create(name), name: 'parent', inbox, peerEnded: true, peerKilled: true });
      expect(parent.end, `after ${count}`).toMatch(/^failed: runt create failed: container init exited/);
      expect((parent.error as RuntimeError).fields.kind).toBe('kernel');
      expect(hostLines(parent.fake.world())).toEqual(hostLines(before.fake.world()));
      expect(parent.fake.children()).toEqual([]);
    }
  });

  test('the parent dies after each of its packets: the child ends and executes nothing', () => {
    const whole = runTwoHalves(create(name));
    for (let count = 0; count <= whole.parent.said.length; count++) {
      const inbox = whole.parent.said.slice(0, count);
      const child = runHalf({ ...create(name), name: 'child', inbox, peerEnded: true, peerKilled: true, gate: go });
      expect(child.end, `after ${count}`).toBe('exited 1');
    }
  });
});

test('run with no process but the first: the limit is written before the program is executed', () => {
  const config = { ...plainConfig, linux: { ...plainConfig.linux, resources: { pids: { limit: 0 } } } };
  const request = { ...requestFor(config), command: 'run' as const };
  const limits: string[] = [];
  const look = (kernel: Kernel): Kernel =>
    new Proxy(kernel, {
      get: (target, name: keyof Kernel) =>
        name !== 'write'
          ? target[name]
          : (fd: Parameters<Kernel['write']>[0], text: string) => {
              if (fd.path.endsWith('pids.max')) limits.push(text);
              target.write(fd, text);
            },
    });
  const { parent, child } = runTwoHalves({
    files: hostFiles(config),
    run: (kernel) => runContainer(look(kernel), globals, request),
  });
  expect([parent.end, child.end]).toEqual(['returned', 'executed']);
  expect([kinds(child), kinds(parent)]).toEqual([['giveLimits', 'ready'], ['limitsGiven']]);
  // The halves are repeated from the beginning with each packet.
  expect([...new Set(limits)]).toEqual(['0']);
});

describe('exec', () => {
  test('both halves end', () => {
    const { parent, child } = runTwoHalves(exec);
    expect([parent.end, child.end]).toEqual(['returned', 'executed']);
    expect([kinds(child), kinds(parent)]).toEqual([['ready'], []]);
    expect(child.ended?.tail?.at(-1)?.[2]).toBe('/bin/sh');
  });

  test('a child that dies is an error, and is reaped', () => {
    const parent = runHalf({ ...exec, name: 'parent', inbox: [], peerEnded: true, peerKilled: true });
    expect(parent.end).toMatch(/^failed: exec failed: /);
    expect((parent.error as RuntimeError).fields.exitCode).toBe(255);
    expect(parent.fake.children()).toEqual([]);
  });

  test('a child whose parent dies executes nothing', () => {
    const child = runHalf({ ...exec, name: 'child', inbox: [], peerEnded: true, peerKilled: true });
    expect(child.end).toBe('exited 1');
  });
});

test('a failure of the child reaches the caller whole', () => {
  const inbox = [
    '{"kind":"failed","error":{"kind":"spec","operation":"do it","path":"/x","errno":"EPERM","hint":"h"}}',
  ];
  const parent = runHalf({ ...create('default'), name: 'parent', inbox, peerEnded: true });
  expect(parent.error).toBeInstanceOf(RuntimeError);
  expect((parent.error as RuntimeError).fields).toEqual({
    kind: 'spec',
    operation: 'runt create failed: do it',
    path: '/x',
    errno: 'EPERM',
    hint: 'h',
  });
});
