/**
 * exec up to the plan: finds the container, holds its init by pidfd, reads what the process will be. Changes nothing.
 * The process starts from the configuration as it was at create, never from the bundle [spec runtime.md#lifecycle].
 */

import type { ExecRequest, GlobalOptions } from '../base/request.ts';
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { asksForLimits } from '../cgroup/plan-cgroup.ts';
import { runAskNamespaces } from '../handshake/run-start-gate.ts';
import type { ContainerNamespaces } from '../init/child-context.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { readLsmFacts } from '../kernel/read-lsm-facts.ts';
import { planKeptNamespaces } from '../namespaces/plan-kept-namespaces.ts';
import type { ExecPlan } from '../plan/container-plan.ts';
import { planExec } from '../plan/plan-exec.ts';
import { applyPreservedFds } from '../process/apply-preserved-fds.ts';
import { planExecProcess } from '../process/plan-exec-process.ts';
import { planPreservedFds } from '../process/plan-preserved-fds.ts';
import { usesNotify } from '../security/plan-seccomp-listener.ts';
import { checkProcess } from '../spec/check-process.ts';
import type { Config, Process } from '../spec/config-types.ts';
import { absolutePath, parseJsonText, readNamedJson } from '../spec/read-bundle.ts';
import { isInPidNamespace, readProcessStat } from '../state/read-process-facts.ts';
import { isComingOrGoing, readSavedConfig } from '../state/read-state.ts';
import { noSuchContainer, type StateDirectory } from '../state/state-directory.ts';
import type { StateRecord } from '../state/state-record.ts';
import { isInitAlive, type Status } from './check-status.ts';
import { observeContainer } from './observe-container.ts';
import { faultsError } from './prepare-container.ts';

export interface PreparedExec {
  readonly container: StateDirectory;
  readonly record: StateRecord;
  /** pidfd of the container's init, verified. */
  readonly init: Fd<'object'>;
  readonly initPid: number;
  /** Of an init that lets nobody open them; undefined: they are joined by the pidfd. */
  readonly namespaces: ContainerNamespaces | undefined;
  readonly plan: ExecPlan;
  /** Without the right to put it there the process may stay outside of the container's cgroup: it ends with init, as runc. */
  readonly cgroupIsOptional: boolean;
}

export function prepareExec(kernel: Kernel, globals: GlobalOptions, request: ExecRequest): PreparedExec {
  const preserved = planPreservedFds(request.preserveFds, { environment: [], pid: undefined });
  applyPreservedFds(kernel, preserved);
  const { container, record, status } = observeContainer(kernel, globals, request.id);
  checkExecutable(status, request.ignorePaused);
  const init = holdInit(kernel, record);
  if (init === undefined) throw stopped();
  const config = readConfig(kernel, container);
  const { process, pointer } = readProcess(kernel, config, request);
  const environment = usesNotify(config.linux?.seccomp) ? kernel.environ() : [];
  const { id, bundle, noNewKeyring = false, nestedUserNamespace = false } = record;
  const privileged = kernel.geteuid() === 0;
  const plan = planExec({
    ...{ id, bundle, config, process, pointer, preserved, noNewKeyring, environment, privileged, nestedUserNamespace },
    hasResctrl: record.resctrl !== undefined,
    readLsmFacts: () => readLsmFacts(kernel),
  });
  const ownsPids = record.init?.ownPidNamespace === true;
  const cgroupIsOptional = !privileged && globals.rootless !== 'false' && ownsPids && !asksForLimits(config.linux);
  const namespaces = askNamespaces(kernel, container, { status, config, privileged });
  return { container, record, init, initPid: record.init?.pid ?? 0, namespaces, plan, cgroupIsOptional };
}

interface WhoAsks {
  readonly status: Status;
  /** As it was at create. */
  readonly config: Config;
  /** The runtime is root. */
  readonly privileged: boolean;
}

/** By CLONE_NEW*. undefined: not needed, or init has been started meanwhile and can be joined as any other. */
export function askNamespaces(
  kernel: Kernel,
  container: StateDirectory,
  { status, config, privileged }: WhoAsks,
): ContainerNamespaces | undefined {
  if (privileged || status !== 'created') return undefined;
  const fds = runAskNamespaces(kernel, container.directory);
  if (fds === undefined) return undefined;
  const kept = planKeptNamespaces(config.linux?.namespaces);
  // Of a container that root has created.
  if (fds.length === 0) return undefined;
  if (fds.length !== kept.length) {
    throw new RuntimeError({ kind: 'bug', message: `init handed over ${fds.length} namespaces, not ${kept.length}` });
  }
  return new Map(kept.map(({ flag }, index) => [flag, fds[index] as Fd<'object'>]));
}

/** runc's words, which engines show. */
function checkExecutable(status: Status, ignorePaused: boolean): void {
  if (status === 'running' || status === 'created' || (status === 'paused' && ignorePaused)) return;
  const hint = '(use --ignore-paused to override)';
  const message =
    status === 'paused' ? `cannot exec in a paused container ${hint}` : `cannot exec in a ${status} container`;
  throw new RuntimeError({ kind: 'state', message });
}

/** undefined: it has ended. [order] the pidfd first, then the comparison: from there on the number cannot become another process. */
export function holdInit(kernel: Kernel, record: StateRecord): Fd<'object'> | undefined {
  const recorded = record.init;
  if (recorded === undefined) return undefined;
  const pidfd = orErrno(['ESRCH'], () => kernel.pidfdOpen(recorded.pid, 0));
  if ('errno' in pidfd) return undefined;
  const alive = isInitAlive(record, readProcessStat(kernel, recorded.pid));
  return alive && isInPidNamespace(kernel, recorded.pid, recorded.pidNamespace) ? pidfd : undefined;
}

function stopped(): RuntimeError {
  return new RuntimeError({ kind: 'state', message: 'cannot exec in a stopped container' });
}

/** Checked when it was saved. */
export function readConfig(kernel: Kernel, container: StateDirectory): Config {
  const path = `${container.directory.path}/config.json`;
  const text = readSavedConfig(kernel, container);
  if (text !== undefined) return parseJsonText(kernel, text, path) as Config;
  if (isComingOrGoing(kernel, container)) noSuchContainer(container.id);
  throw new RuntimeError({ kind: 'state', path, message: 'is missing: the record of the container is damaged' });
}

interface ReadProcess {
  readonly process: Process;
  readonly pointer: string;
}

function readProcess(kernel: Kernel, config: Config, request: ExecRequest): ReadProcess {
  if (request.processFile !== undefined) return readProcessFile(kernel, request.processFile);
  if (config.process === undefined) throw stopped();
  const process = planExecProcess(config.process, request);
  return { process, pointer: '/process' };
}

function readProcessFile(kernel: Kernel, path: string): ReadProcess {
  const file = readNamedJson(kernel, path);
  const shown = absolutePath(kernel, path);
  const checked = checkProcess(file.value);
  if (checked.faults !== undefined) throw faultsError(kernel, shown, file.text, checked.faults);
  return { process: checked.process, pointer: '' };
}
