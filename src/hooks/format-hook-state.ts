/** The container's state as a hook reads it on its standard input. Pure. [spec runtime.md#state] */
import { formatJson } from '../base/format-json.ts';

export interface HookState {
  readonly ociVersion: string;
  readonly id: string;
  /**
   * prestart to startContainer: created, because the specification counts a container as created after step 2 of the lifecycle, and
   * its conformance suite asks for it (runc says creating); poststart: running; poststop: stopped.
   */
  readonly status: 'created' | 'running' | 'stopped';
  /** As seen from the pid namespace in which the hook runs; left out when stopped. */
  readonly pid: number | undefined;
  /** Absolute. */
  readonly bundle: string;
  readonly annotations: { readonly [key: string]: string } | undefined;
}

export function formatHookState(state: HookState): string {
  const { ociVersion, id, status, pid, bundle, annotations } = state;
  return formatJson({ ociVersion, id, status, pid, bundle, annotations });
}
