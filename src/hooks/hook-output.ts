/**
 * Where hooks write: crun's annotations name files of the host to which their output is appended. Without them the end of it is
 * kept for the error of a hook that fails. [man open.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_NOFOLLOW } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { F_SETFL, O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

export const hookStdoutAnnotation = 'run.oci.hooks.stdout';
export const hookStderrAnnotation = 'run.oci.hooks.stderr';

export interface HookOutput {
  readonly stdout?: Fd;
  readonly stderr?: Fd;
}

const none: HookOutput = Object.freeze({});

/** Relative names begin in `directory`, which is the bundle. The caller closes them (closeHookOutput). */
export function openHookOutput(
  kernel: Kernel,
  annotations: { readonly [key: string]: string } | undefined,
  directory: Fd | undefined,
): HookOutput {
  const stdout = annotations?.[hookStdoutAnnotation];
  const stderr = annotations?.[hookStderrAnnotation];
  if (stdout === undefined && stderr === undefined) return none;
  const open = (name: string, path: string) => openFile(kernel, name, path, directory ?? cwdFd);
  return {
    ...(stdout !== undefined && { stdout: open(hookStdoutAnnotation, stdout) }),
    ...(stderr !== undefined && { stderr: open(hookStderrAnnotation, stderr) }),
  };
}

export function closeHookOutput(kernel: Kernel, { stdout, stderr }: HookOutput): void {
  if (stdout !== undefined) kernel.close(stdout);
  if (stderr !== undefined) kernel.close(stderr);
}

/**
 * Of a directory that the container may write to as well, it could make a FIFO that nobody reads, or a link to another file of the
 * host. A link is only followed where the kernel makes them: /dev/stderr.
 */
function openFile(kernel: Kernel, annotation: string, path: string, directory: Fd): Fd {
  const followed = path.startsWith('/dev/') || path.startsWith('/proc/') ? 0 : O_NOFOLLOW;
  const flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | followed;
  const file = kernel.openat2OrErrno(directory, path, flags, 0o644, 0);
  if (typeof file !== 'string') {
    kernel.fcntl(file, F_SETFL, O_APPEND);
    return file;
  }
  const hint = hints[file];
  throw new RuntimeError({
    kind: 'spec',
    operation: 'open the file for the output of hooks',
    pointer: `/annotations/${annotation}`,
    path,
    syscall: 'openat2',
    errno: file,
    ...(hint === undefined ? {} : { hint }),
  });
}

const hints: { readonly [errno: string]: string } = {
  ELOOP: 'it is a symbolic link: write the path that it leads to',
  ENXIO: 'it is a FIFO that nobody reads, or a socket',
};
