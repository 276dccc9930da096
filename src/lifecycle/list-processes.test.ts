import { describe, expect, it } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import type { GlobalOptions } from '../base/request.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import { soundRecord } from '../testing/state-records.ts';
import { listProcesses, showProcessTable } from './list-processes.ts';

const globals: GlobalOptions = {
  root: undefined,
  log: undefined,
  logFormat: 'text',
  debug: false,
  cgroupManager: 'cgroupfs',
  rootless: 'auto',
};

/** The container's cgroup is made through the fake kernel, so that it has a cgroup's files; then its inode is in the record. */
function container(change: object = {}) {
  const make = (inode: number) => {
    const record = { ...soundRecord, cgroup: { path: '/web', inode, createdParents: [] }, ...change };
    return createFakeKernel({
      files: {
        run: { runt: { web: { 'state.json': formatJson(record) } } },
        sys: { fs: { cgroup: { web: { 'cgroup.procs': '7\n0\n8\n7\n', sub: { 'cgroup.procs': '9\n' } } } } },
      },
    });
  };
  return make;
}

describe('ps', () => {
  it.each([
    ['a cgroup that is gone', { cgroup: { path: '/gone', inode: 1, createdParents: [] } }],
    ['a cgroup of somebody else at the same path', { cgroup: { path: '/web', inode: 999999, createdParents: [] } }],
    ['a container that is being made', { phase: 'creating', init: undefined, cgroup: undefined }],
  ])('%s: no processes', (_, change) => {
    expect(listProcesses(container(change)(1).kernel, globals, 'web')).toEqual([]);
  });

  it('a container without a cgroup is said to be one', () => {
    const { kernel } = container({ cgroupManager: 'disabled', cgroup: undefined })(1);
    expect(() => listProcesses(kernel, globals, 'web')).toThrow(
      'list the processes: container web has no cgroup, so its processes are not known',
    );
  });

  it('a container that is not there', () => {
    expect(() => listProcesses(container()(1).kernel, globals, 'other')).toThrow('container does not exist');
  });

  it('the table asks for a ps that the host has', () => {
    const { kernel } = container()(1);
    expect(() => showProcessTable(kernel, globals, { id: 'web', args: [] })).toThrow(
      'list the processes: exec: "ps": executable file not found in $PATH',
    );
  });
});
