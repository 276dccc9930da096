import { describe, expect, it } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import type { GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { O_CREAT, O_WRONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { noSuchContainer } from '../state/state-directory.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import type { Tree } from '../testing/fake-world.ts';
import { soundRecord } from '../testing/state-records.ts';
import { eachMatch } from './each-container.ts';
import { listContainers } from './list-containers.ts';

const globals: GlobalOptions = {
  root: undefined,
  log: undefined,
  logFormat: 'text',
  debug: false,
  cgroupManager: 'cgroupfs',
  rootless: 'auto',
};

function machine(ids: readonly string[]) {
  const containers = ids.map((id) => [id, { 'state.json': formatJson({ ...soundRecord, id }) }]);
  return createFakeKernel({ files: { run: { runt: Object.fromEntries(containers) } } });
}

function each(pattern: string, failing: readonly string[] = [], gone: readonly string[] = []) {
  const fake = machine(['web-1', 'web-2', 'web-3', 'db']);
  const acted: string[] = [];
  const warnings: string[] = [];
  let message = '';
  const act = (id: string) => {
    acted.push(id);
    if (gone.includes(id)) noSuchContainer(id);
    if (failing.includes(id)) throw new RuntimeError({ kind: 'state', message: `container not running: ${id}` });
  };
  try {
    const warn = (text: string) => warnings.push(text);
    eachMatch(fake.kernel, globals, { pattern, participle: 'killed' }, { act, warn });
  } catch (error) {
    message = (error as Error).message;
  }
  return { acted, warnings, message };
}

describe('containers that come and go while they are listed', () => {
  const list = (change: Partial<Kernel>, web: Tree = {}) => {
    const { kernel } = createFakeKernel({ files: { run: { runt: { web } } } });
    return listContainers({ ...kernel, ...change }, globals).problems;
  };
  it.each([
    ['is being made or deleted by who holds the lock', { flock: () => false }],
    ['was removed since it was opened', { fstat: () => ({ nlink: 0, uid: 0, mode: 0o40700 }) }],
  ])('one that %s is no container now', (_, change) => {
    expect(list(change as never)).toEqual([]);
  });
  it('one that is made just then, and not locked yet, is no container now', () => {
    const { kernel } = createFakeKernel({ files: { run: { runt: { web: {} } } } });
    const clockGettime: Kernel['clockGettime'] = () => [1, 0];
    expect(listContainers({ ...kernel, clockGettime }, globals)).toEqual({ containers: [], problems: [] });
  });
  it('one that was made just then is there', () => {
    const { kernel } = createFakeKernel({ files: { run: { runt: { web: {} } } } });
    const flock: Kernel['flock'] = (directory) => {
      const file = kernel.openat2(directory, 'state.json', O_WRONLY | O_CREAT, 0o600, 0);
      kernel.write(file, formatJson({ ...soundRecord, id: 'web' }));
      kernel.close(file);
      return true;
    };
    expect(listContainers({ ...kernel, flock }, globals).containers.map(({ id }) => id)).toEqual(['web']);
  });
  it('nobody holds the lock of the rest of a create that was killed', () => {
    expect(list({})).toEqual([expect.stringContaining('its create was interrupted before it wrote anything')]);
  });
  it('one that is deleted meanwhile is no failure of --regex', () => {
    expect(each('web', [], ['web-2'])).toMatchObject({ warnings: [], message: '' });
  });
});

describe('--regex', () => {
  it('acts on what matches, wherever in the id, in the order of the names', () => {
    expect(each('-[12]')).toEqual({ acted: ['web-1', 'web-2'], warnings: [], message: '' });
  });
  it('no match is no error', () => {
    expect(each('^nothing$')).toEqual({ acted: [], warnings: [], message: '' });
  });
  it('one failure is the error, and stops nothing', () => {
    expect(each('web', ['web-1'])).toEqual({
      acted: ['web-1', 'web-2', 'web-3'],
      warnings: [],
      message: 'container web-1: container not running: web-1',
    });
  });
  it('several failures have a line each', () => {
    expect(each('.', ['web-1', 'db'])).toEqual({
      acted: ['db', 'web-1', 'web-2', 'web-3'],
      warnings: ['container db: container not running: db', 'container web-1: container not running: web-1'],
      message: '2 of 4 containers that match "." could not be killed',
    });
  });
  it('a bad pattern touches nothing', () => {
    expect(each('(')).toMatchObject({ acted: [], message: expect.stringContaining('invalid regular expression "("') });
  });
  it('no state root is no container', () => {
    const { kernel } = createFakeKernel({ files: {} });
    const act = () => {
      throw new Error('there is none');
    };
    expect(() =>
      eachMatch(kernel, globals, { pattern: '.', participle: 'killed' }, { act, warn: () => {} }),
    ).not.toThrow();
  });
});

describe('list', () => {
  it('of many containers needs no more descriptors than of one', () => {
    const most = (count: number) => {
      const fake = machine(Array.from({ length: count }, (_, index) => `c${index}`));
      expect(listContainers(fake.kernel, globals).containers).toHaveLength(count);
      return fake.openDescriptors();
    };
    expect(most(50)).toBe(most(1));
  });
});
