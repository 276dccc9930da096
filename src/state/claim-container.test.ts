import { describe, expect, it } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import { LOCK_EX, LOCK_NB, LOCK_UN, O_CREAT, O_WRONLY } from '../kernel/flags.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import type { Tree } from '../testing/fake-world.ts';
import { soundRecord } from '../testing/state-records.ts';
import { claimContainer } from './claim-container.ts';
import { readState } from './read-state.ts';
import { listContainerIds, openContainer, openStateRoot, removeContainerDirectory } from './state-directory.ts';
import { writeState } from './write-state.ts';

const globals = { root: undefined };
const withState = (record: object): Tree => ({ run: { runt: { web: { 'state.json': formatJson(record) } } } });
const creating = { ...soundRecord, phase: 'creating', init: undefined };

describe('claimContainer', () => {
  it('makes the root and the directory; what is written is read back', () => {
    const { kernel, world, openDescriptors } = createFakeKernel({ files: {} });
    const before = world();
    const container = claimContainer(kernel, globals, 'web');
    writeState(kernel, container, { ...soundRecord, phase: 'creating' });
    writeState(kernel, container, soundRecord);
    expect(readState(kernel, container)).toEqual(soundRecord);
    expect(openContainer(kernel, globals, 'web')?.id).toBe('web');
    removeContainerDirectory(kernel, container);
    expect(openContainer(kernel, globals, 'web')).toBeUndefined();
    expect(world().filter((line) => !before.includes(line))).toEqual(['/run/runt 700 0:0 dir']);
    expect(openDescriptors()).toBeLessThan(10);
  });

  it.each([
    ['a container has it', withState(soundRecord), 'container with given ID already exists: web'],
    ['somebody is creating it', withState(creating), 'container with given ID already exists: web'],
    [
      'its creator is dead',
      withState({ ...creating, runtime: { pid: 50, startTime: 1 } }),
      'container with given ID already exists: web is an interrupted create - hint: run: runt delete web',
    ],
    [
      'its creator died in another boot',
      withState({ ...creating, bootId: 'other' }),
      'container with given ID already exists: web is an interrupted create - hint: run: runt delete web',
    ],
    [
      'nothing was written and nobody holds the lock',
      { run: { runt: { web: {} } } },
      'container with given ID already exists: web is an interrupted create - hint: run: runt delete web',
    ],
  ])('%s', (_, files, message) => {
    const { kernel } = createFakeKernel({ files: files as Tree });
    expect(() => claimContainer(kernel, globals, 'web')).toThrow(expect.objectContaining({ message }));
  });
});

describe('the state root', () => {
  it.each(['', '/'])('refuses %j', (root) => {
    expect(() => openStateRoot(createFakeKernel({ files: {} }).kernel, { root })).toThrow('--root');
  });
  it('refuses one that others may write to', () => {
    const { kernel } = createFakeKernel({ files: { run: { runt: {} } } });
    const directory = openStateRoot(kernel, globals);
    if (directory === undefined) throw new Error('no root');
    kernel.fchmod(directory, 0o777);
    expect(() => openStateRoot(kernel, globals)).toThrow('owned by uid 0, mode 0777: refusing');
  });
  it('lists directories only, in order', () => {
    const { kernel } = createFakeKernel({ files: { run: { runt: { b: {}, a: {}, file: 'x' } } } });
    const root = openStateRoot(kernel, globals);
    expect(root === undefined ? [] : listContainerIds(kernel, root)).toEqual(['a', 'b']);
  });
});

// Between mkdir(2) and flock(2) of a create nobody has the lock, and the directory is some microseconds old.
describe('a container that is being made just now', () => {
  const empty: Tree = { run: { runt: { web: {} } } };
  it('is no interrupted create', () => {
    const { kernel } = createFakeKernel({ files: empty });
    const now = { ...kernel, clockGettime: () => [1, 0] } as typeof kernel;
    expect(() => claimContainer(now, globals, 'web')).toThrow(/^container with given ID already exists: web$/);
  });
  it('leaves its reader without the lock, which may stay for hours', () => {
    const { kernel } = createFakeKernel({ files: empty });
    const operations: number[] = [];
    const flock: typeof kernel.flock = (directory, operation) => {
      operations.push(operation);
      if (operations.length > 1) return true;
      const file = kernel.openat2(directory, 'state.json', O_WRONLY | O_CREAT, 0o600, 0);
      kernel.write(file, formatJson(soundRecord));
      kernel.close(file);
      return true;
    };
    const container = openContainer(kernel, globals, 'web');
    if (container === undefined) throw new Error('not there');
    expect(readState({ ...kernel, flock }, container)).toEqual(soundRecord);
    expect(operations).toEqual([LOCK_EX | LOCK_NB, LOCK_UN]);
  });
});
