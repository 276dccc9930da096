/** listenFds: LISTEN_FDS of our environment or 0. */
export interface PreservedFds {
  /** Descriptors 3 .. 3+count-1 go to the container, everything above is closed. */
  readonly count: number;
  /** LISTEN_FDS=N and LISTEN_PID=1 for the container's environment. */
  readonly env: readonly string[];
}
/** environment: kernel.environ(). exec passes no LISTEN_FDS on: listenFds false. Throws kind 'usage'. */
export declare function planPreservedFds(
  preserveFds: number,
  options: { readonly environment: readonly string[]; readonly listenFds: boolean },
): PreservedFds;
