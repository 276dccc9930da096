/**
 * Which of the caller's descriptors the container's process keeps beyond 0, 1, 2: those of socket activation (LISTEN_FDS, when
 * LISTEN_PID names us), then the N of --preserve-fds. All others are closed. Pure. [man sd_listen_fds.3] [man runc.8]
 */
import { RuntimeError } from '../base/runtime-error.ts';

export interface PreservedFds {
  /** Descriptors 3 .. 3+count-1 go to the container, everything above is closed. */
  readonly count: number;
  /** How many of them, at the front, come from LISTEN_FDS. */
  readonly listenCount: number;
  /** For the container's environment: LISTEN_FDS=N and LISTEN_PID=1, or nothing. */
  readonly env: readonly string[];
}

export interface PreservedFdsOptions {
  /** kernel.environ(). */
  readonly environment: readonly string[];
  /** kernel.getpid(); undefined for exec, which passes no LISTEN_FDS on. */
  readonly pid: number | undefined;
}

/** More descriptors than a process can have with any usual RLIMIT_NOFILE. */
const maximumFds = 1048576;

/** Throws kind 'usage'. */
export function planPreservedFds(preserveFds: number, options: PreservedFdsOptions): PreservedFds {
  if (!Number.isInteger(preserveFds) || preserveFds < 0 || preserveFds > maximumFds) {
    throw new RuntimeError({ kind: 'usage', message: `--preserve-fds: ${preserveFds} is not from 0 to ${maximumFds}` });
  }
  const listenCount = options.pid === undefined ? 0 : countListenFds(options.environment, options.pid);
  return {
    count: listenCount + preserveFds,
    listenCount,
    env: listenCount === 0 ? [] : [`LISTEN_FDS=${listenCount}`, 'LISTEN_PID=1'],
  };
}

function countListenFds(environment: readonly string[], pid: number): number {
  const count = findValue(environment, 'LISTEN_FDS=');
  // Meant for another process: the protocol says to ignore it.
  if (count === undefined || count === '' || findValue(environment, 'LISTEN_PID=') !== String(pid)) return 0;
  const number = Number(count);
  if (Number.isInteger(number) && number >= 0 && number <= maximumFds) return number;
  throw new RuntimeError({
    kind: 'usage',
    message: `environment: LISTEN_FDS=${JSON.stringify(count.slice(0, 40))} is not from 0 to ${maximumFds}`,
  });
}

function findValue(environment: readonly string[], prefix: string): string | undefined {
  for (const entry of environment) if (entry.startsWith(prefix)) return entry.slice(prefix.length);
  return undefined;
}
