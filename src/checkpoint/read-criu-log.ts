/** The last errors of criu's log, for our own message: what criu answers is often only a number. */
import { decodeUtf8 } from '../base/utf8.ts';
import { O_NOFOLLOW } from '../kernel/architecture-flags.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_NONBLOCK, O_RDONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { formatCriuErrors } from './format-criu-errors.ts';

const chunkBytes = 1 << 20;
/** A log of the most talkative level for a container of thousands of processes; the rest is not looked at. */
const mostChunks = 256;
const mostLines = 2000;

/** '' when there is no log or no error in it. */
export function readCriuErrors(kernel: Kernel, directory: Fd<'host'>, name: string): string {
  const file = kernel.openat2OrErrno(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, 0);
  if (typeof file === 'string') return '';
  let lines: string[] = [];
  let rest = '';
  for (let count = 0; count < mostChunks; count += 1) {
    const bytes = kernel.read(file, chunkBytes);
    if (bytes.length === 0) break;
    const parts = (rest + decodeUtf8(bytes)).split('\n');
    rest = parts.pop() ?? '';
    // A log may have millions of lines; what was last is enough.
    lines = [...lines, ...parts].slice(-mostLines);
  }
  kernel.close(file);
  return formatCriuErrors([...lines, rest]);
}
