/** checkpoint and restore of the container 'web' without flags. */
import type { CheckpointRequest, CriuFlags, RestoreRequest } from '../base/request.ts';

const flags: CriuFlags = {
  imagePath: '/images',
  workPath: undefined,
  tcpEstablished: false,
  extUnixSk: false,
  shellJob: false,
  fileLocks: false,
  autoDedup: false,
  lazyPages: false,
  manageCgroupsMode: undefined,
  emptyNs: [],
  networkLock: undefined,
};

export const checkpointRequest: CheckpointRequest = {
  ...flags,
  command: 'checkpoint',
  id: 'web',
  parentPath: undefined,
  leaveRunning: false,
  preDump: false,
  tcpSkipInFlight: false,
  linkRemap: false,
  statusFd: undefined,
  pageServer: undefined,
};

export const restoreRequest: RestoreRequest = {
  ...flags,
  command: 'restore',
  id: 'web',
  bundle: '/bundle',
  consoleSocket: undefined,
  pidFile: '/tmp/pid',
  detach: true,
  noSubreaper: false,
  noPivot: false,
  tcpClose: false,
  lsmProfile: undefined,
  lsmMountContext: undefined,
};
