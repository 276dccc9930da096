/**
 * The agent that answers the system calls of a filter with SCMP_ACT_NOTIFY: connected before anything is started, so that an
 * agent that is not there costs nothing, and told once the child has loaded the filter and sent its listener here. One state
 * for each connection, which is closed after it. [spec config-linux.md#containerprocessstate] [man seccomp_unotify.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { runConsoleSocket, sendDescriptor } from '../console/run-console-socket.ts';
import { formatHookState, type HookState } from '../hooks/format-hook-state.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { formatProcessState, type SeccompListener } from '../security/plan-seccomp-listener.ts';

export interface SeccompAgent {
  readonly socket: Fd<'object'>;
  readonly listener: SeccompListener;
}

const operation = 'tell the seccomp agent';

/** undefined: the filter has no listener. */
export function connectSeccompAgent(kernel: Kernel, listener: SeccompListener | undefined): SeccompAgent | undefined {
  if (listener === undefined) return undefined;
  return { listener, socket: runConsoleSocket(kernel, operation, listener.path) };
}

export interface FilteredProcess {
  readonly pid: number;
  /** Of the container. */
  readonly state: HookState;
}

/** Closes both descriptors. */
export function tellSeccompAgent(
  kernel: Kernel,
  agent: SeccompAgent | undefined,
  fds: readonly Fd<'object'>[],
  { pid, state }: FilteredProcess,
): void {
  const [descriptor] = fds;
  if (agent === undefined || descriptor === undefined) {
    throw new RuntimeError({ kind: 'bug', message: 'handshake: a listener that nobody asked for' });
  }
  const { ociVersion } = state;
  const text = formatProcessState({
    ociVersion,
    pid,
    metadata: agent.listener.metadata,
    state: formatHookState(state),
  });
  sendDescriptor(kernel, agent.socket, { flag: operation, descriptor, name: text });
  kernel.close(descriptor);
  kernel.close(agent.socket);
}
