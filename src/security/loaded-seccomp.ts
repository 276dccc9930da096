/** A filter as the exec tail loads it. Types only. [man seccomp.2] */

export interface LoadedSeccomp {
  /** Array of struct sock_filter in host byte order. */
  readonly program: Uint8Array;
  /** SECCOMP_FILTER_FLAG_* without NEW_LISTENER. */
  readonly flags: number;
  /** It hands system calls to an agent: the kernel makes a listener, which the tail sends to whoever waits for it. */
  readonly listens: boolean;
}
