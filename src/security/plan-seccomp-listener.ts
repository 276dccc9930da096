/**
 * Who is given the listener of a filter with SCMP_ACT_NOTIFY, and what it is told. The socket: crun's annotation, crun's
 * environment variable, else listenerPath. A profile without that action has no listener, whatever else it says.
 * [spec config-linux.md#seccomp] [spec config-linux.md#containerprocessstate] [man seccomp_unotify.2]
 */
import { formatJson } from '../base/format-json.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Seccomp } from '../spec/config-types.ts';

export interface SeccompListener {
  /** Absolute. */
  readonly path: string;
  readonly metadata?: string;
}

export const receiverAnnotation = 'run.oci.seccomp.receiver';
export const receiverVariable = 'RUN_OCI_SECCOMP_RECEIVER';

/** Some rule hands system calls to an agent. */
export function usesNotify(seccomp: Seccomp | undefined): boolean {
  const rules = seccomp?.syscalls;
  return rules?.some(({ action }) => action === 'SCMP_ACT_NOTIFY') ?? false;
}

export interface SeccompListenerInput {
  readonly seccomp: Seccomp | undefined;
  readonly annotations: { readonly [key: string]: string } | undefined;
  /** Of the runtime; empty where the profile does not ask. */
  readonly environment: readonly string[];
}

/** undefined: the filter has no listener. */
export function planSeccompListener(input: SeccompListenerInput): SeccompListener | undefined {
  const { seccomp } = input;
  if (seccomp === undefined || !usesNotify(seccomp)) return undefined;
  const { path, source } = findReceiver(input, seccomp);
  if (path === undefined || path === '') {
    throw new RuntimeError({
      kind: 'spec',
      pointer: '/linux/seccomp/listenerPath',
      message: 'is missing: /linux/seccomp/syscalls use SCMP_ACT_NOTIFY',
      hint: 'write the path of the socket that the agent listens on',
    });
  }
  if (path[0] !== '/') {
    // create, start and exec need not have the same working directory.
    throw new RuntimeError({
      kind: 'spec',
      ...source,
      message: `must be an absolute path (got ${JSON.stringify(path)})`,
    });
  }
  const metadata = seccomp.listenerMetadata;
  return metadata === undefined || metadata === '' ? { path } : { path, metadata };
}

interface Receiver {
  readonly path: string | undefined;
  /** For errors. */
  readonly source: { readonly pointer: string } | { readonly path: string };
}

function findReceiver({ annotations, environment }: SeccompListenerInput, seccomp: Seccomp): Receiver {
  const annotated = annotations?.[receiverAnnotation];
  if (annotated !== undefined) return { path: annotated, source: { pointer: `/annotations/${receiverAnnotation}` } };
  const prefix = `${receiverVariable}=`;
  const variable = environment.find((entry) => entry.startsWith(prefix));
  if (variable !== undefined) return { path: variable.slice(prefix.length), source: { path: `$${receiverVariable}` } };
  return { path: seccomp.listenerPath, source: { pointer: '/linux/seccomp/listenerPath' } };
}

export interface ProcessState {
  readonly ociVersion: string;
  /** Of the process that loaded the filter, as the runtime sees it. */
  readonly pid: number;
  readonly metadata: string | undefined;
  /** formatHookState */
  readonly state: string;
}

/** The specification's "container process state"; one descriptor comes with it. */
export function formatProcessState({ ociVersion, pid, metadata, state }: ProcessState): string {
  const head = formatJson({ ociVersion, fds: ['seccompFd'], pid, metadata });
  return `${head.slice(0, -1)},"state":${state}}`;
}
