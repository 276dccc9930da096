/** Typed flag values of checkpoint and restore -> their requests. What a value means is decided by checkpoint/plan-criu-flags.ts. */
import type { CheckpointRequest, CriuFlags, RestoreRequest } from '../base/request.ts';
import type { FlagValues } from './flag-parsers.ts';
import { isSet, list, text } from './flag-values.ts';

function criuFlags(values: FlagValues): CriuFlags {
  return {
    imagePath: text(values, 'image-path'),
    workPath: text(values, 'work-path'),
    tcpEstablished: isSet(values, 'tcp-established'),
    extUnixSk: isSet(values, 'ext-unix-sk'),
    shellJob: isSet(values, 'shell-job'),
    fileLocks: isSet(values, 'file-locks'),
    autoDedup: isSet(values, 'auto-dedup'),
    lazyPages: isSet(values, 'lazy-pages'),
    manageCgroupsMode: text(values, 'manage-cgroups-mode'),
    emptyNs: list(values, 'empty-ns'),
    networkLock: text(values, 'network-lock'),
  };
}

export function checkpointRequest(id: string, values: FlagValues): CheckpointRequest {
  const statusFd = Number(text(values, 'status-fd') ?? -1);
  return {
    ...criuFlags(values),
    command: 'checkpoint',
    id,
    parentPath: text(values, 'parent-path'),
    leaveRunning: isSet(values, 'leave-running'),
    preDump: isSet(values, 'pre-dump'),
    tcpSkipInFlight: isSet(values, 'tcp-skip-in-flight'),
    linkRemap: isSet(values, 'link-remap'),
    // -1 is runc's default, and what scripts give for "none".
    statusFd: statusFd < 0 || statusFd > 1048576 ? undefined : statusFd,
    pageServer: text(values, 'page-server'),
  };
}

export function restoreRequest(id: string, values: FlagValues): RestoreRequest {
  return {
    ...criuFlags(values),
    command: 'restore',
    id,
    bundle: text(values, 'bundle') ?? '.',
    consoleSocket: text(values, 'console-socket'),
    pidFile: text(values, 'pid-file'),
    detach: isSet(values, 'detach'),
    noSubreaper: isSet(values, 'no-subreaper'),
    noPivot: isSet(values, 'no-pivot'),
    tcpClose: isSet(values, 'tcp-close'),
    lsmProfile: text(values, 'lsm-profile'),
    lsmMountContext: text(values, 'lsm-mount-context'),
  };
}
