/**
 * start: opens the gate of a created container, learns from the end of file that its program runs, and runs the poststart
 * hooks. A start that is killed half-way can be repeated. [spec runtime.md#start]
 */
import type { GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { runReceive } from '../handshake/run-channel.ts';
import { runOpenGate, startSocketName } from '../handshake/run-start-gate.ts';
import { formatHookState } from '../hooks/format-hook-state.ts';
import { runHooksInBundle } from '../hooks/run-hooks-in-bundle.ts';
import type { Fd } from '../kernel/fd.ts';
import { SIGKILL } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { planExec } from '../plan/plan-exec.ts';
import { planPreservedFds } from '../process/plan-preserved-fds.ts';
import type { Config } from '../spec/config-types.ts';
import { parseJsonText } from '../spec/read-bundle.ts';
import { readSavedConfig, readState } from '../state/read-state.ts';
import { lockContainer, requireContainer, type StateDirectory, unlockContainer } from '../state/state-directory.ts';
import type { StateRecord } from '../state/state-record.ts';
import { startFailure } from './await-child.ts';
import type { Status } from './check-status.ts';
import { observeStatus } from './observe-container.ts';

export function startContainer(kernel: Kernel, globals: GlobalOptions, id: string): void {
  const container = requireContainer(kernel, globals, id);
  // [order] the lock before the status: of two starts the second finds the container running.
  lockContainer(kernel, container);
  const record = readState(kernel, container);
  const status = observeStatus(kernel, container, record);
  const init = record.init;
  if (status !== 'created' || init === undefined) throw refusal(status);
  const connection = runOpenGate(kernel, container.directory);
  if (connection !== undefined) awaitProgram(kernel, container, record, connection);
  // Nobody listens though init lives: a start was killed after it opened the gate. This one finishes its work.
  else if (observeStatus(kernel, container, record) !== 'created') throw refusal('stopped');
  kernel.unlinkatOrErrno(container.directory, startSocketName, 0);
  const hooks = record.hooks?.poststart;
  if (hooks === undefined || hooks.length === 0) return;
  // [order] before the hooks: they may call us about this container, and would wait for ever.
  unlockContainer(kernel, container);
  runPoststart(kernel, record, init.pid);
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

/** Reads until the end of file, which close-on-exec makes of a successful execve. */
function awaitProgram(kernel: Kernel, container: StateDirectory, record: StateRecord, connection: Fd<'object'>): void {
  const received = runReceive(kernel, connection);
  if (received === undefined) return;
  throw startFailure(received.packet, () => planAgain(kernel, container, record));
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
  const given = {
    id,
    bundle,
    config,
    process,
    pointer: '/process',
    preserved,
    noNewKeyring: true,
    privileged: true,
    nestedUserNamespace: false,
    hasResctrl: false,
  };
  // Labels were given at create.
  const { child } = planExec({ ...given, readLsmFacts: () => ({ apparmor: true, selinux: true }) });
  return { plan: child, filtered: config.linux?.seccomp !== undefined };
}

/** [spec runtime.md#lifecycle] a failing poststart hook stops the container. */
function runPoststart(kernel: Kernel, record: StateRecord, pid: number): void {
  const { ociVersion, id, bundle, annotations } = record;
  const pidfd = kernel.pidfdOpen(pid, 0);
  try {
    const state = formatHookState({ ociVersion, id, status: 'running', pid, bundle, annotations });
    runHooksInBundle(kernel, bundle, { name: 'poststart', hooks: record.hooks?.poststart, state });
  } catch (error) {
    kernel.pidfdSendSignal(pidfd, SIGKILL);
    throw error;
  }
}
