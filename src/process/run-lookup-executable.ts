/**
 * Finds the program of args[0] as execvp(3) would, inside the container and before the start, so that a missing program is an
 * error of create. Runs after pivot_root and after the working directory was entered: plain paths are the container's.
 * Engines map the texts to exit codes 126 and 127, so runc's words stand in them. [spec config.md#process] [man execve.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd } from '../kernel/fd.ts';
import { AT_EACCESS, S_IFDIR, S_IFMT, X_OK } from '../kernel/flags.ts';
import type { Kernel, Stat } from '../kernel/kernel.ts';
import type { ProcessPlan } from './process-plan.ts';

/** The path for execve(2). Throws what engines grep, with the pointer of args[0]. */
export function runLookupExecutable(kernel: Kernel, plan: ProcessPlan): string {
  const name = plan.args[0] as string;
  if (name.includes('/')) {
    const fault = findFault(kernel, name, plan);
    if (fault !== undefined) throw failure(plan, fault);
    return name;
  }
  return searchPath(kernel, name, plan);
}

function searchPath(kernel: Kernel, name: string, plan: ProcessPlan): string {
  const directories = plan.searchPath === '' || name === '' ? [] : plan.searchPath.split(':');
  for (const directory of directories) {
    const path = directory.endsWith('/') ? directory + name : `${directory === '' ? '.' : directory}/${name}`;
    if (findFault(kernel, path, plan) !== undefined) continue;
    // A program of the working directory that only happens to lie in PATH is refused, as in runc: it is rarely meant.
    if (!path.startsWith('/'))
      throw failure(plan, { text: 'cannot run executable found relative to current directory' });
    return path;
  }
  throw failure(plan, { text: 'executable file not found in $PATH' });
}

interface Fault {
  /** Between `exec: "x": ` and the errno's sentence. */
  readonly text?: string;
  readonly errno?: string;
}

/** undefined: this can be executed by the container's user, as far as mode bits tell. */
function findFault(kernel: Kernel, path: string, plan: ProcessPlan): Fault | undefined {
  const stat = kernel.statxOrErrno(cwdFd, path, 0);
  if (typeof stat === 'string') return { text: `stat ${path}`, errno: stat };
  if ((stat.mode & S_IFMT) === S_IFDIR) return { errno: 'EISDIR' };
  // Asked as root: knows of noexec mounts and read-only security modules, and that not even root executes a file without x.
  const errno = kernel.faccessat2(cwdFd, path, X_OK, AT_EACCESS);
  if (errno !== undefined && errno !== 'ENOSYS') return { errno };
  return isExecutableBy(stat, plan) ? undefined : { errno: 'EACCES' };
}

/**
 * The container's user is not in force yet (its credentials are set in the exec tail, and taking them on and off would clear
 * the parent-death signal), so its permission is read from the mode bits; access lists and directories are execve's to refuse.
 */
function isExecutableBy(stat: Stat, plan: ProcessPlan): boolean {
  if (plan.uid === 0) return (stat.mode & 0o111) !== 0;
  if (stat.uid === plan.uid) return (stat.mode & 0o100) !== 0;
  const isInGroup = stat.gid === plan.gid || plan.additionalGids.includes(stat.gid);
  return (stat.mode & (isInGroup ? 0o010 : 0o001)) !== 0;
}

function failure(plan: ProcessPlan, fault: Fault): RuntimeError {
  const name = JSON.stringify(plan.args[0]);
  return new RuntimeError({
    kind: 'spec',
    pointer: `${plan.pointer}/args/0`,
    message: fault.text === undefined ? `exec: ${name}` : `exec: ${name}: ${fault.text}`,
    ...(fault.errno === undefined ? {} : { errno: fault.errno }),
  });
}
