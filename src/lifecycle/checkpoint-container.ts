/**
 * checkpoint: criu saves the processes of a running container into files; then the container is removed, unless it is to go on.
 * The container's lock is taken only to remove it: a dump may wait long for whoever fetches its pages, and `delete --force` must
 * be able to end that. [man runc-checkpoint.8] [criu.org/RPC]
 */
import type { CheckpointRequest, GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { openCgroup, readCgroupProcesses } from '../cgroup/read-cgroup.ts';
import { type CgroupTree, readCgroupFacts } from '../cgroup/read-cgroup-facts.ts';
import type { CriuRequest, ExternalMount } from '../checkpoint/criu-messages.ts';
import { type MountInfo, parseMountInfo } from '../checkpoint/parse-mount-info.ts';
import { checkMountNamespace, listExternalNamespaces, planExternalKey } from '../checkpoint/plan-criu-namespaces.ts';
import { checkCriuFlags, dumpLog, planDumpOptions } from '../checkpoint/plan-criu-options.ts';
import { listExternalDestinations, planDumpMounts } from '../checkpoint/plan-external-mounts.ts';
import { readStandardStreams, writeDescriptors } from '../checkpoint/read-descriptors.ts';
import type { Notification } from '../checkpoint/run-criu-session.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, Fd } from '../kernel/fd.ts';
import { O_PATH, O_RDONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { readPlaceInRoot } from '../rootfs/apply-mount-points.ts';
import type { Config } from '../spec/config-types.ts';
import { parseJsonText } from '../spec/read-bundle.ts';
import { isSameProcessAlive } from '../state/read-process-facts.ts';
import { readSavedConfig } from '../state/read-state.ts';
import { lockIfThere, type StateDirectory } from '../state/state-directory.ts';
import type { StateRecord } from '../state/state-record.ts';
import {
  explainCriuFailure,
  type OpenedDirectories,
  openCriuDirectories,
  requireParentImages,
} from './criu-directories.ts';
import { type CriuProcess, endCriu, findCriu, plainLaunch, runCriu, startCriu } from './criu-process.ts';
import { destroyContainer } from './destroy-container.ts';
import { failed } from './failed.ts';
import { observeContainer } from './observe-container.ts';

export function checkpointContainer(
  kernel: Kernel,
  globals: GlobalOptions,
  request: CheckpointRequest,
  warn: (message: string) => void,
): void {
  failed('runt checkpoint failed', undefined, () => {
    checkCriuFlags(request);
    const { container, record, status } = observeContainer(kernel, globals, request.id);
    if ((status !== 'running' && status !== 'paused') || record.init === undefined) {
      throw new RuntimeError({ kind: 'state', message: `Container cannot be checkpointed in ${status} state` });
    }
    const config = readConfig(kernel, container);
    checkMountNamespace(config);
    const statusFd = openStatusFd(kernel, request);
    const criu = findCriu(kernel, { memoryTracking: request.preDump, lazyPages: request.lazyPages });
    const directories = openCriuDirectories(kernel, request, true);
    requireParentImages(kernel, directories.images, request.parentPath);
    const { init } = record;
    const dump = planDump(kernel, request, { record, config, pid: init.pid, directories });
    try {
      const process = startCriu(kernel, criu, plainLaunch);
      endingOnFailure(kernel, process, () => requireSame(kernel, init));
      runCriu(kernel, process, dump, (notification) => {
        // criu knows the number only, and ends what it has dumped after our answer (rule B16).
        requireSame(kernel, init);
        tellReady(kernel, notification, statusFd);
      });
    } catch (error) {
      throw explainCriuFailure(kernel, directories, dumpLog, error);
    }
    if (request.leaveRunning || request.preDump) return;
    // Somebody else may have seen its end before us and removed it: a `run` that waits, a `delete`.
    if (!lockIfThere(kernel, container)) return;
    destroyContainer(kernel, container, record, { processes: 'kill' }).forEach(warn);
  });
}

/** The number may have become another process since the record was compared with it. */
function requireSame(kernel: Kernel, init: NonNullable<StateRecord['init']>): void {
  if (isSameProcessAlive(kernel, init)) return;
  throw new RuntimeError({ kind: 'state', message: 'container not running: its init has ended meanwhile' });
}

/** The criu that has been started is ended when it cannot be asked. */
function endingOnFailure(kernel: Kernel, criu: CriuProcess, act: () => void): void {
  try {
    act();
  } catch (error) {
    endCriu(kernel, criu);
    throw error;
  }
}

/** As it was at create. */
function readConfig(kernel: Kernel, container: StateDirectory): Config {
  const path = `${container.directory.path}/config.json`;
  const text = readSavedConfig(kernel, container);
  if (text !== undefined) return parseJsonText(kernel, text, path) as Config;
  throw new RuntimeError({ kind: 'state', path, message: 'is missing: the record of the container is damaged' });
}

/** [man fcntl.2] */
const F_GETFL = 3;
const O_ACCMODE = 3;

/** --status-fd: a descriptor of our caller, told when the pages can be fetched. Only a lazy dump has something to tell. */
function openStatusFd(kernel: Kernel, { lazyPages, statusFd }: CheckpointRequest): Fd<'object'> | undefined {
  if (!lazyPages || statusFd === undefined) return undefined;
  const fd = new Fd<'object'>(statusFd, '--status-fd');
  let problem: Partial<{ message: string; errno: string; syscall: string }> = { message: 'not writable' };
  try {
    if ((kernel.fcntl(fd, F_GETFL, 0) & O_ACCMODE) !== O_RDONLY) return fd;
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    problem = { syscall: 'fcntl', errno: error.fields.errno ?? 'EBADF' };
  }
  throw new RuntimeError({ kind: 'usage', operation: `invalid --status-fd argument ${statusFd}`, ...problem });
}

/** go-runc waits for one byte; a reader that is gone does not stop the dump. */
function tellReady(kernel: Kernel, { script }: Notification, statusFd: Fd<'object'> | undefined): void {
  if (script !== 'status-ready' || statusFd === undefined || !statusFd.isOpen) return;
  kernel.writeSomeOrErrno(statusFd, Uint8Array.of(0));
  kernel.close(statusFd);
}

interface DumpInput {
  readonly record: StateRecord;
  readonly config: Config;
  readonly pid: number;
  readonly directories: OpenedDirectories;
}

/** Looks at the container, and writes beside the images what restore must know of its streams. */
function planDump(kernel: Kernel, request: CheckpointRequest, input: DumpInput): CriuRequest {
  const { record, config, pid, directories } = input;
  const tree = readCgroupFacts(kernel);
  const external = listExternalNamespaces(config).map((each) =>
    planExternalKey(each, kernel.readlinkat(cwdFd, `/proc/${pid}/ns/${each.name}`)),
  );
  if (!request.preDump) {
    writeDescriptors(
      kernel,
      directories.images,
      readStandardStreams(kernel, [pid, ...otherProcesses(kernel, tree, record)]),
    );
  }
  const options = planDumpOptions(request, {
    config,
    directories: { images: directories.images.number, work: directories.work?.number },
    pid,
    root: record.rootfs,
    freezer: record.cgroup && `${tree.facts.mountPoint ?? ''}${record.cgroup.path}`,
    // A pre-dump saves memory only.
    externalMounts: request.preDump ? [] : readExternalMounts(kernel, config, pid),
    external,
  });
  return { type: request.preDump ? 'PRE_DUMP' : 'DUMP', options };
}

function otherProcesses(kernel: Kernel, { root }: CgroupTree, record: StateRecord): readonly number[] {
  const cgroup = root && record.cgroup && openCgroup(kernel, root, record.cgroup);
  if (cgroup === undefined) return [];
  const pids = readCgroupProcesses(kernel, cgroup);
  kernel.close(cgroup);
  return pids;
}

function readExternalMounts(kernel: Kernel, config: Config, pid: number): readonly ExternalMount[] {
  const mounts = readMountInfo(kernel, `/proc/${pid}/mountinfo`);
  const flags = O_PATH | O_DIRECTORY;
  const root = kernel.openat2<'host' | 'root'>(cwdFd as Fd<'host' | 'root'>, `/proc/${pid}/root`, flags, 0, 0);
  const resolved = readPlaces(kernel, root as Fd<'root'>, config);
  kernel.close(root);
  return planDumpMounts({ config, mounts, resolved });
}

/** Destinations of binds -> where links of the image lead them; those that are not there are left out. */
export function readPlaces(kernel: Kernel, root: Fd<'root'>, config: Config): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const destination of listExternalDestinations(config)) {
    const place = readPlaceInRoot(kernel, root, destination);
    if (place !== undefined) places.set(destination, place);
  }
  return places;
}

const mountInfoLimitBytes = 16 * 1024 * 1024;

export function readMountInfo(kernel: Kernel, path: string): readonly MountInfo[] {
  const file = kernel.openat2(cwdFd, path, O_RDONLY, 0, 0);
  const text = kernel.readAll(file, mountInfoLimitBytes);
  kernel.close(file);
  return parseMountInfo(text);
}
