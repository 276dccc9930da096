import { describe, expect, it } from 'vitest';
import type { GlobalOptions } from '../base/request.ts';
import { cwdFd } from '../kernel/fd.ts';
import { O_WRONLY } from '../kernel/flags.ts';
import { containerWithCgroup } from '../testing/container-with-cgroup.ts';
import { listProcesses, showProcessTable } from './list-processes.ts';

const globals: GlobalOptions = {
  root: undefined,
  log: undefined,
  logFormat: 'text',
  debug: false,
  cgroupManager: 'cgroupfs',
  rootless: 'auto',
};

describe('ps', () => {
  it('lists what is in the cgroup, without processes of other pid namespaces', () => {
    const { kernel } = containerWithCgroup();
    const file = kernel.openat2(cwdFd, '/sys/fs/cgroup/web/cgroup.procs', O_WRONLY, 0, 0);
    kernel.write(file, '7\n0\n8\n7\n');
    expect(listProcesses(kernel, globals, 'web')).toEqual([7, 8]);
  });

  it.each([
    ['a cgroup that is gone', { cgroup: { path: '/gone', inode: 1, createdParents: [] } }],
    ['a cgroup of somebody else at the same path', { cgroup: { path: '/web', inode: 999999, createdParents: [] } }],
    ['a container that is being made', { phase: 'creating', init: undefined, cgroup: undefined }],
  ])('%s: no processes', (_, change) => {
    expect(listProcesses(containerWithCgroup(change).kernel, globals, 'web')).toEqual([]);
  });

  it('a container without a cgroup is said to be one', () => {
    const { kernel } = containerWithCgroup({ cgroupManager: 'disabled', cgroup: undefined });
    expect(() => listProcesses(kernel, globals, 'web')).toThrow(
      'list the processes: container web has no cgroup, so its processes are not known',
    );
  });

  it('a container that is not there', () => {
    expect(() => listProcesses(containerWithCgroup().kernel, globals, 'other')).toThrow('container does not exist');
  });

  it('the table asks for a ps that the host has', () => {
    const { kernel } = containerWithCgroup();
    expect(() => showProcessTable(kernel, globals, { id: 'web', args: [] })).toThrow(
      'list the processes: exec: "ps": executable file not found in $PATH',
    );
  });
});
