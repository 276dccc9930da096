/**
 * start: opens the gate of a created container, learns from the end of file that its program runs, and runs the poststart
 * hooks. A start that is killed half-way can be repeated. [spec runtime.md#start]
 */

import type { GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { runOpenGate, startSocketName } from '../handshake/run-start-gate.ts';
import { formatHookState, type HookState } from '../hooks/format-hook-state.ts';
import { runHooksInBundle } from '../hooks/run-hooks-in-bundle.ts';
import type { Fd } from '../kernel/fd.ts';
import { SIGKILL } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { planExec } from '../plan/plan-exec.ts';
import { findNotifyAddress } from '../plan/plan-notify-socket.ts';
import { planPreservedFds } from '../process/plan-preserved-fds.ts';
import { receiverVariable } from '../security/plan-seccomp-listener.ts';
import type { Config } from '../spec/config-types.ts';
import { parseJsonText } from '../spec/read-bundle.ts';
import { readSavedConfig, readState } from '../state/read-state.ts';
import {
  lockContainer,
  lockIfThere,
  requireContainer,
  type StateDirectory,
  unlockContainer,
} from '../state/state-directory.ts';
import type { StateRecord } from '../state/state-record.ts';
import { awaitExec } from './await-child.ts';
import { awaitEnd } from './await-end.ts';
import type { Status } from './check-status.ts';
import { destroyContainer } from './destroy-container.ts';
import { afterFailedHook } from './failed-hook.ts';
import { bindNotifySocket, connectManager, type NotifyRelay, relayReadiness } from './notify-relay.ts';
import { observeStatus } from './observe-container.ts';
import { holdInit } from './prepare-exec.ts';
import { connectSeccompAgent, type SeccompAgent, tellSeccompAgent } from './seccomp-agent.ts';

export function startContainer(
  kernel: Kernel,
  globals: GlobalOptions,
  id: string,
  warn: (text: string) => void = () => {},
): void {
  const container = requireContainer(kernel, globals, id);
  // [order] the lock before the status: of two starts the second finds the container running.
  lockContainer(kernel, container);
  const record = readState(kernel, container);
  const status = observeStatus(kernel, container, record);
  const init = record.init;
  if (status !== 'created' || init === undefined) throw refusal(status);
  // [spec runtime.md#lifecycle]: a container whose hook fails is destroyed. Meanwhile a delete may have done it.
  const destroy = () =>
    lockIfThere(kernel, container) ? destroyContainer(kernel, container, record, { processes: 'kill' }) : [];
  afterFailedHook(() => startCreated(kernel, container, record, { pid: init.pid, warn }), warn, destroy);
}

function startCreated(
  kernel: Kernel,
  container: StateDirectory,
  record: StateRecord,
  { pid, warn }: { readonly pid: number; readonly warn: (text: string) => void },
): void {
  const agent = connectSeccompAgent(kernel, record.seccompListener);
  const notify = record.notifySocket === true ? prepareNotify(kernel, container) : undefined;
  const hasHooks = (record.hooks?.poststart?.length ?? 0) > 0;
  // [order] before the gate: the program may end at once, and its number then means another process.
  const init = hasHooks || notify !== undefined || agent !== undefined ? holdInit(kernel, record) : undefined;
  const connection = runOpenGate(kernel, container.directory);
  if (connection !== undefined) awaitProgram(kernel, container, record, { connection, agent, init, pid });
  // Nobody listens though init lives: a start was killed after it opened the gate. This one finishes its work.
  else if (observeStatus(kernel, container, record) !== 'created') throw refusal('stopped');
  kernel.unlinkatOrErrno(container.directory, startSocketName, 0);
  if (!hasHooks && notify === undefined) return;
  // [order] before the hooks: they may call us about this container, and would wait for ever. And before the wait for its being
  // up: that may take as long as the service takes, and may have to be ended by delete.
  unlockContainer(kernel, container);
  if (hasHooks) runPoststart(kernel, record, init, pid);
  // Of one that had ended before, nothing will be said.
  if (notify !== undefined && init !== undefined) relayReadiness(kernel, notify, { pidfd: init, pid }, warn);
}

/** undefined: nobody waits for the container to be up. */
function prepareNotify(kernel: Kernel, container: StateDirectory): NotifyRelay | undefined {
  const address = findNotifyAddress(kernel.environ());
  if (address === undefined) return undefined;
  const manager = connectManager(kernel, address);
  const socket = bindNotifySocket(kernel, container);
  return socket === undefined ? undefined : { manager, socket };
}

/** runc's words, which engines show. */
function refusal(status: Status): RuntimeError {
  const messages: { readonly [status in Status]?: string } = {
    stopped: 'cannot start a container that has stopped',
    running: 'cannot start an already running container',
  };
  const message = messages[status] ?? `cannot start a container in the ${status} state`;
  return new RuntimeError({ kind: 'state', message });
}

interface Starting {
  readonly connection: Fd<'object'>;
  readonly agent: SeccompAgent | undefined;
  /** Its pidfd. */
  readonly init: Fd<'object'> | undefined;
  readonly pid: number;
}

/** Reads until the end of file, which close-on-exec makes of a successful execve. */
function awaitProgram(
  kernel: Kernel,
  container: StateDirectory,
  record: StateRecord,
  { connection, agent, init, pid }: Starting,
): void {
  try {
    awaitExec(
      kernel,
      connection,
      () => planAgain(kernel, container, record),
      (fds) =>
        killUnless(kernel, init, () =>
          tellSeccompAgent(kernel, agent, fds, { pid, state: stateOf(record, 'created', pid) }),
        ),
    );
  } catch (error) {
    // A child that says that it could not execute is ending; who is told of it may delete the container at once, without --force.
    const ending = init ?? holdInit(kernel, record);
    if (ending !== undefined) awaitEnd(kernel, ending);
    throw error;
  }
}

function stateOf(
  { ociVersion, id, bundle, annotations }: StateRecord,
  status: HookState['status'],
  pid: number,
): HookState {
  return { ociVersion, id, status, pid, bundle, annotations };
}

/** From the saved configuration: only to find which part of the exec tail failed. */
function planAgain(kernel: Kernel, container: StateDirectory, record: StateRecord) {
  const text = readSavedConfig(kernel, container) ?? '{}';
  const config = parseJsonText(kernel, text, `${container.directory.path}/config.json`) as Config;
  const { process } = config;
  if (process === undefined)
    throw new RuntimeError({ kind: 'bug', message: 'a container without process was started' });
  const preserved = planPreservedFds(0, { environment: [], pid: undefined });
  const { id, bundle } = record;
  const environment =
    record.seccompListener === undefined ? [] : [`${receiverVariable}=${record.seccompListener.path}`];
  const given = {
    id,
    bundle,
    config,
    process,
    pointer: '/process',
    preserved,
    noNewKeyring: true,
    environment,
    privileged: true,
    nestedUserNamespace: false,
    hasResctrl: false,
  };
  // Labels were given at create.
  const { child } = planExec({ ...given, readLsmFacts: () => ({ apparmor: true, selinux: true }) });
  return { plan: child, filtered: config.linux?.seccomp !== undefined };
}

/** [spec runtime.md#lifecycle] a failing poststart hook stops the container. */
function runPoststart(kernel: Kernel, record: StateRecord, init: Fd<'object'> | undefined, pid: number): void {
  killUnless(kernel, init, () => {
    const state = formatHookState(stateOf(record, 'running', pid));
    runHooksInBundle(kernel, record.bundle, {
      name: 'poststart',
      hooks: record.hooks?.poststart,
      state,
      annotations: record.annotations,
    });
  });
}

/** What the container cannot be without. A program that has ended by itself meanwhile is no failure. */
function killUnless(kernel: Kernel, init: Fd<'object'> | undefined, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (init !== undefined) {
      kernel.pidfdSendSignal(init, SIGKILL);
      awaitEnd(kernel, init);
    }
    throw error;
  }
}
