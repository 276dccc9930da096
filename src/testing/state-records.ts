/** A sound state record for tests: the container 'web' whose init is process 100 of the fake kernel's /proc. */
import type { StateRecord } from '../state/state-record.ts';

export const soundRecord: StateRecord = {
  version: 1,
  phase: 'created',
  id: 'web',
  ociVersion: '1.3.0',
  bundle: '/bundle',
  rootfs: '/bundle/rootfs',
  created: '2026-11-24T19:34:25.000000001Z',
  owner: 0,
  bootId: '11111111-2222-3333-4444-555555555555',
  runtime: { pid: 50, startTime: 12345 },
  init: { pid: 100, startTime: 12400, pidNamespace: 4026532000, ownPidNamespace: true },
  cgroupManager: 'cgroupfs',
  terminal: false,
};

/** The same with the cgroup /web, inode 7777. */
export const recordWithCgroup: StateRecord = {
  ...soundRecord,
  cgroup: { path: '/web', inode: 7777, createdParents: [] },
};
