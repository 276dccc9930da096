/**
 * mounts add and mounts remove (crun's): a mount for a container that runs, and away with it. Sources are opened on the host,
 * destinations inside the container's root, which may be hostile and swap paths meanwhile: what is attached is attached to a
 * descriptor, what is taken off is a mount that `mounts add` has made, known by its identity and not by its path.
 * One at a time, by a lock of their own: the container's is held only to look at it and to write down what was done.
 * [man open_tree.2, move_mount.2, umount.2] [spec config.md#mounts]
 */
import type { GlobalOptions, MountsRequest } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { LOCK_EX, O_NONBLOCK, O_RDONLY, S_IFMT, S_IFREG } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { readLsmFacts } from '../kernel/read-lsm-facts.ts';
import { planLateMounts } from '../rootfs/plan-late-mounts.ts';
import { checkConfig } from '../spec/check-config.ts';
import { cleanPath } from '../spec/check-mounts.ts';
import type { Config, Mount } from '../spec/config-types.ts';
import type { Fault } from '../spec/fault.ts';
import { absolutePath, readNamedJson } from '../spec/read-bundle.ts';
import { openMountsLock } from '../state/mount-records.ts';
import { readState } from '../state/read-state.ts';
import { lockContainer, requireContainer, type StateDirectory, unlockContainer } from '../state/state-directory.ts';
import { addMounts } from './add-mounts.ts';
import type { EnteredContainer } from './enter-mounts.ts';
import { failed } from './failed.ts';
import { observeStatus } from './observe-container.ts';
import { faultsError } from './prepare-container.ts';
import { askNamespaces, holdInit, readConfig } from './prepare-exec.ts';
import { removeMounts } from './remove-mounts.ts';

/** Returns warnings. */
export function changeMounts(kernel: Kernel, globals: GlobalOptions, request: MountsRequest): readonly string[] {
  return failed(`mounts ${request.action} failed`, 1, () => {
    const container = requireContainer(kernel, globals, request.id);
    lockContainer(kernel, container);
    const entered = requireRunning(kernel, container);
    // [order] not while we are inside: a file system of the container's own may keep us there for ever, and no delete from us.
    const turn = openMountsLock(kernel, container);
    unlockContainer(kernel, container);
    kernel.flock(turn, LOCK_EX);
    if (request.action === 'remove') {
      removeMounts(kernel, container, entered, readDestinations(kernel, request));
      return [];
    }
    const { mounts, bundle, placeOf, warnings } = readMounts(kernel, request, entered);
    const { config } = entered;
    // [order] asked while /sys is still the host's.
    const selinux = config.linux?.mountLabel !== undefined && readLsmFacts(kernel).selinux;
    const privileged = kernel.geteuid() === 0;
    return namingPlaces(placeOf, () => {
      const plan = planLateMounts({ config, mounts, bundle, selinux, privileged });
      addMounts(kernel, container, entered, plan);
      return [...warnings, ...plan.warnings.map((warning) => inPlace(placeOf, warning))];
    });
  });
}

function requireRunning(kernel: Kernel, container: StateDirectory): EnteredContainer & { readonly bundle: string } {
  const record = readState(kernel, container);
  const status = observeStatus(kernel, container, record);
  const refuse = (message: string): never => {
    throw new RuntimeError({ kind: 'state', message });
  };
  if (status === 'paused') return refuse('the container is paused: resume it first');
  const init = status === 'running' || status === 'created' ? holdInit(kernel, record) : undefined;
  if (init === undefined) return refuse(`container not running: ${container.id} (it is ${status})`);
  const config = readConfig(kernel, container);
  if (!config.linux?.namespaces?.some(({ type }) => type === 'mount')) {
    return refuse('the container has no mount namespace of its own: its mounts are the host’s');
  }
  const namespaces = askNamespaces(kernel, container, { status, config, privileged: kernel.geteuid() === 0 });
  return { init, namespaces, config, bundle: record.bundle };
}

interface ReadMounts {
  readonly mounts: readonly Mount[];
  readonly placeOf: PlaceOf;
  /** What relative sources start from. */
  readonly bundle: string;
  readonly warnings: readonly string[];
}

function readMounts(
  kernel: Kernel,
  request: MountsRequest,
  entered: EnteredContainer & { readonly bundle: string },
): ReadMounts {
  const [first = '', destination] = request.operands;
  if (destination === undefined) {
    const { value, text } = readNamedJson(kernel, first);
    const checked = checkMountList(entered.config, value);
    const file = absolutePath(kernel, first);
    if (checked.faults.length > 0) throw faultsError(kernel, file, text, checked.faults);
    const placeOf = (pointer: string): string => `${file}: ${pointer}`;
    const warnings = checked.warnings.map((warning) => inPlace(placeOf, warning));
    return { mounts: value as Mount[], bundle: entered.bundle, placeOf, warnings };
  }
  if (!destination.startsWith('/')) {
    throw new RuntimeError({ kind: 'usage', path: destination, message: 'the destination must be an absolute path' });
  }
  const isBind = request.options.some((option) => option === 'bind' || option === 'rbind');
  const options = isBind ? request.options : ['rbind', ...request.options];
  const mounts: Mount[] = [{ destination, source: absolutePath(kernel, first), type: 'bind', options }];
  const placeOf = (pointer: string): string | undefined =>
    pointer.startsWith('/0/options') || pointer.startsWith('/0/uidMappings') ? '--options' : undefined;
  const { faults, warnings } = checkMountList(entered.config, mounts);
  const [fault] = faults;
  if (fault === undefined) {
    return { mounts, bundle: entered.bundle, placeOf, warnings: warnings.map((warning) => inPlace(placeOf, warning)) };
  }
  const path = placeOf(fault.pointer) ?? (fault.pointer.startsWith('/0/destination') ? destination : first);
  const hint = fault.right === undefined ? {} : { hint: fault.right };
  throw new RuntimeError({ kind: 'usage', path, message: fault.what, ...hint });
}

/** What the caller wrote, for a pointer into the list of mounts. undefined: the message tells it already. */
type PlaceOf = (pointer: string) => string | undefined;

const prefix = '/mounts';

/** The planners name places of config.json; the caller wrote a list of its own, or arguments. */
function namingPlaces<T>(placeOf: PlaceOf, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.fields.pointer?.startsWith(prefix) !== true) throw error;
    const { pointer, ...others } = error.fields;
    const place = placeOf(pointer.slice(prefix.length));
    throw new RuntimeError(place === undefined ? others : { ...others, pointer: place });
  }
}

/** warning: "POINTER: what". */
function inPlace(placeOf: PlaceOf, warning: string): string {
  const end = warning.indexOf(': ');
  const place = placeOf(warning.slice(prefix.length, end));
  return place === undefined ? warning.slice(end + 2) : `${place}${warning.slice(end)}`;
}

/** As in the container's own config.json; pointers of faults are those of the list, warnings name config.json's. */
function checkMountList(config: Config, mounts: unknown): { faults: readonly Fault[]; warnings: readonly string[] } {
  const checked = checkConfig({ ...config, mounts });
  const ofMounts = ({ pointer }: Fault): boolean => pointer === '/mounts' || pointer.startsWith('/mounts/');
  if (checked.faults === undefined) {
    return {
      faults: [],
      warnings: checked.warnings.filter(ofMounts).map(({ pointer, what }) => `${pointer}: ${what}`),
    };
  }
  const faults = checked.faults
    .filter(ofMounts)
    .map((fault) => ({ ...fault, pointer: fault.pointer.slice(prefix.length) }));
  return { faults, warnings: [] };
}

function readDestinations(kernel: Kernel, request: MountsRequest): readonly string[] {
  const [operand = ''] = request.operands;
  if (operand.startsWith('/') && !holdsList(kernel, operand)) return [cleanPath(operand)];
  const { value } = readNamedJson(kernel, operand);
  const list: readonly unknown[] = Array.isArray(value) ? value : [undefined];
  return list.map((mount, index) => {
    const destination = (mount as Partial<Mount> | null | undefined)?.destination;
    if (typeof destination === 'string' && destination.startsWith('/')) return cleanPath(destination);
    throw new RuntimeError({ kind: 'spec', path: operand, message: `/${index}/destination: must be an absolute path` });
  });
}

/** A file of the host that begins like a list of mounts: crun's form. Anything else is a destination in the container. */
function holdsList(kernel: Kernel, path: string): boolean {
  const file: Fd | string = kernel.openat2OrErrno(cwdFd, path, O_RDONLY | O_NONBLOCK, 0, 0);
  if (typeof file === 'string') return false;
  try {
    if ((kernel.fstat(file).mode & S_IFMT) !== S_IFREG) return false;
    const [byte = 0] = kernel.read(file, 1);
    return byte === 91;
  } finally {
    kernel.close(file);
  }
}
