/** Where the standard streams of a container lead, and the list of them beside the images. [man proc_pid_fd.5] */
import { formatJson } from '../base/format-json.ts';
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { O_NOFOLLOW } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { O_CREAT, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { descriptorsName } from './parse-descriptors.ts';

const limitBytes = 65536;

/**
 * Of the first of the processes that has a pipe there, else of the first of them at all: init may have closed or turned away its
 * own, while its children still write to the pipe.
 */
export function readStandardStreams(kernel: Kernel, pids: readonly number[]): readonly string[] {
  return [0, 1, 2].map((number) => {
    const links = pids.map((pid) => readLink(kernel, `/proc/${pid}/fd/${number}`));
    return links.find((link) => link?.startsWith('pipe:') === true) ?? links.find((link) => link !== undefined) ?? '';
  });
}

/** undefined: the descriptor or the process is not there. */
function readLink(kernel: Kernel, path: string): string | undefined {
  const link = orErrno(['ENOENT', 'ESRCH', 'EACCES'], () => kernel.readlinkat(cwdFd, path));
  return typeof link === 'string' ? link : undefined;
}

export function writeDescriptors(kernel: Kernel, images: Fd<'host'>, streams: readonly string[]): void {
  const file = kernel.openat2(images, descriptorsName, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600, 0);
  kernel.write(file, formatJson(streams));
  kernel.close(file);
}

/** Parsed, unchecked. */
export function readDescriptors(kernel: Kernel, images: Fd<'host'>): unknown {
  const path = `${images.path}/${descriptorsName}`;
  const file = kernel.openat2OrErrno(images, descriptorsName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, 0);
  if (typeof file === 'string') {
    const hint = file === 'ENOENT' ? { hint: 'the directory holds no finished checkpoint of a container' } : {};
    throw new RuntimeError({ kind: 'state', path, syscall: 'openat2', errno: file, ...hint });
  }
  const parsed = kernel.parseJson(kernel.readAll(file, limitBytes));
  kernel.close(file);
  if ('error' in parsed) throw new RuntimeError({ kind: 'state', path, message: parsed.error });
  return parsed.value;
}
