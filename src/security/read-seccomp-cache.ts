/**
 * Takes a compiled filter from the cache, if one is there that is whole and ours: a regular file of this user that nobody else
 * may write. Anything else is a miss, never an error: the filter is then compiled. [man openat2.2]
 */
import type { Fd } from '../kernel/fd.ts';
import { O_NONBLOCK, O_RDONLY, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, S_IFMT, S_IFREG } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { INSTRUCTION_BYTES, MAXIMUM_INSTRUCTIONS } from './classic-bpf.ts';
import { cacheDirectories, DIGEST_BYTES } from './seccomp-cache.ts';

const MAXIMUM_BYTES = DIGEST_BYTES + MAXIMUM_INSTRUCTIONS * INSTRUCTION_BYTES;
const WRITABLE_BY_OTHERS = 0o022;

/** key: the file's name. undefined: not there, or not to be trusted. */
export function readSeccompCache(kernel: Kernel, root: Fd<'host'>, key: string): Uint8Array | undefined {
  const path = `${cacheDirectories.join('/')}/${key}`;
  const resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  const file = kernel.openat2OrErrno(root, path, O_RDONLY | O_NONBLOCK, 0, resolve);
  if (typeof file === 'string') return undefined;
  try {
    const { mode, uid, size } = kernel.fstat(file);
    if ((mode & S_IFMT) !== S_IFREG || (mode & WRITABLE_BY_OTHERS) !== 0 || uid !== kernel.geteuid()) return undefined;
    if (size <= DIGEST_BYTES || size > MAXIMUM_BYTES) return undefined;
    return checkedProgram(kernel, kernel.read(file, size), size);
  } finally {
    kernel.close(file);
  }
}

function checkedProgram(kernel: Kernel, content: Uint8Array, size: number): Uint8Array | undefined {
  if (content.length !== size || (size - DIGEST_BYTES) % INSTRUCTION_BYTES !== 0) return undefined;
  const program = content.slice(DIGEST_BYTES);
  const digest = kernel.sha256(program);
  for (let at = 0; at < DIGEST_BYTES; at += 1) {
    if (content[at] !== digest.charCodeAt(at)) return undefined;
  }
  return program;
}
