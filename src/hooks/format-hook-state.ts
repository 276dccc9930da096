export interface HookState {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: 'creating' | 'created' | 'running' | 'stopped';
  /** In the pid namespace of whoever runs the hook; left out when stopped. */
  readonly pid: number | undefined;
  readonly bundle: string;
  readonly annotations: { readonly [key: string]: string } | undefined;
}
export declare function formatHookState(state: HookState): string;
