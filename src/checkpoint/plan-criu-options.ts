/**
 * (flags, configuration, what was opened) -> criu's options, for dump and for restore: one table of what each flag means. What
 * needs a look at the container (mounts, inodes) comes in as data. Pure. [man runc-checkpoint.8] [man runc-restore.8]
 */
import type { CheckpointRequest, CriuFlags, RestoreRequest } from '../base/request.ts';
import type { Config } from '../spec/config-types.ts';
import { type CriuOptions, cgroupModes, type ExternalMount } from './criu-messages.ts';
import {
  planCgroupMode,
  planEmptyNamespaces,
  planLsmProfile,
  planNetworkLock,
  planPageServer,
  planParentPath,
} from './plan-criu-flags.ts';

export const dumpLog = 'dump.log';
export const restoreLog = 'restore.log';

/** criu's own: everything that helps to see why it failed. */
const logLevel = 4;
const defaultConfigFile = '/etc/criu/runc.conf';

/** Descriptors of ours. */
export interface CriuDirectories {
  readonly images: number;
  readonly work: number | undefined;
}

export interface DumpFacts {
  readonly config: Config;
  readonly directories: CriuDirectories;
  readonly pid: number;
  /** Host path of the container's root. */
  readonly root: string;
  /** Host path of its cgroup; undefined without one. */
  readonly freezer: string | undefined;
  readonly externalMounts: readonly ExternalMount[];
  readonly external: readonly string[];
}

export function planDumpOptions(request: CheckpointRequest, facts: DumpFacts): CriuOptions {
  const parentImage = planParentPath(request.parentPath);
  const pageServer = planPageServer(request.pageServer);
  return {
    ...planAlike(request, facts.config, facts.directories, facts.freezer !== undefined),
    logFile: dumpLog,
    root: facts.root,
    pid: facts.pid,
    leaveRunning: request.leaveRunning,
    tcpSkipInFlight: request.tcpSkipInFlight,
    linkRemap: request.linkRemap,
    externalMounts: facts.externalMounts,
    external: facts.external,
    ...(facts.freezer !== undefined && { freezeCgroup: facts.freezer }),
    ...(parentImage !== undefined && { parentImage, trackMemory: true }),
    ...(pageServer !== undefined && { pageServer }),
  };
}

export interface RestoreFacts {
  readonly config: Config;
  readonly directories: CriuDirectories;
  /** A mount point in criu's mount namespace. */
  readonly root: string;
  readonly externalMounts: readonly ExternalMount[];
  /** By criu's own numbers. */
  readonly inheritFds: readonly { readonly key: string; readonly fd: number }[];
  readonly joinNamespaces: readonly { readonly namespace: string; readonly file: string }[];
  /** undefined without a cgroup of its own. */
  readonly cgroupRoots: readonly { readonly controller: string; readonly path: string }[] | undefined;
}

export function planRestoreOptions(request: RestoreRequest, facts: RestoreFacts): CriuOptions {
  const lsmProfile = planLsmProfile(request.lsmProfile);
  const { lsmMountContext } = request;
  return {
    ...planAlike(request, facts.config, facts.directories, facts.cgroupRoots !== undefined),
    logFile: restoreLog,
    root: facts.root,
    evasiveDevices: true,
    restoreSibling: true,
    externalMounts: facts.externalMounts,
    inheritFds: facts.inheritFds,
    joinNamespaces: facts.joinNamespaces,
    cgroupRoots: facts.cgroupRoots ?? [],
    tcpClose: request.tcpClose,
    ...(lsmProfile !== undefined && { lsmProfile }),
    ...(lsmMountContext !== undefined && lsmMountContext !== '' && { lsmMountContext }),
  };
}

function planAlike(
  flags: CriuFlags,
  config: Config,
  { images, work }: CriuDirectories,
  hasCgroup: boolean,
): CriuOptions {
  const networkLock = planNetworkLock(flags.networkLock);
  const mode = planCgroupMode(flags.manageCgroupsMode);
  const configFile = planConfigFile(config);
  return {
    imagesDirFd: images,
    logLevel,
    notifyScripts: true,
    orphanPtsMaster: true,
    manageCgroups: true,
    // Who asked for no cgroup must not get back the one that the images tell of.
    manageCgroupsMode: hasCgroup || mode !== cgroupModes.default ? mode : cgroupModes.ignore,
    shellJob: flags.shellJob,
    extUnixSk: flags.extUnixSk,
    tcpEstablished: flags.tcpEstablished,
    fileLocks: flags.fileLocks,
    autoDedup: flags.autoDedup,
    lazyPages: flags.lazyPages,
    emptyNamespaces: planEmptyNamespaces(flags.emptyNs),
    ...(work !== undefined && { workDirFd: work }),
    ...(configFile !== undefined && { configFile }),
    ...(networkLock !== undefined && { networkLock }),
  };
}

/** The annotation org.criu.config names criu's configuration file, or, when empty, says that there is none. */
function planConfigFile(config: Config): string | undefined {
  const given = config.annotations?.['org.criu.config'];
  if (given === undefined) return defaultConfigFile;
  return given === '' ? undefined : given;
}

/** Refuses flags before anything is looked at or made. */
export function checkCriuFlags(request: CheckpointRequest | RestoreRequest): void {
  planCgroupMode(request.manageCgroupsMode);
  planNetworkLock(request.networkLock);
  planEmptyNamespaces(request.emptyNs);
  if (request.command === 'restore') planLsmProfile(request.lsmProfile);
  else {
    planParentPath(request.parentPath);
    planPageServer(request.pageServer);
  }
}
