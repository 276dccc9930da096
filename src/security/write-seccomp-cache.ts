/**
 * Puts a compiled filter into the cache: written under another name, then renamed, so that no reader sees half of it. A cache
 * that cannot be written (read-only or full disk) costs speed, not correctness, so that is no error.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { cacheDirectories, DIGEST_BYTES, DIRECTORY_MODE, FILE_MODE } from './seccomp-cache.ts';

const RESOLVE = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;

export function writeSeccompCache(kernel: Kernel, root: Fd<'host'>, key: string, program: Uint8Array): void {
  const content = new Uint8Array(DIGEST_BYTES + program.length);
  const digest = kernel.sha256(program);
  for (let at = 0; at < DIGEST_BYTES; at += 1) content[at] = digest.charCodeAt(at);
  content.set(program, DIGEST_BYTES);
  let directory: Fd<'host'> | undefined;
  try {
    directory = openCache(kernel, root);
    writeAndRename(kernel, directory, key, content);
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.fields.kind !== 'kernel') throw error;
  } finally {
    if (directory !== undefined) kernel.close(directory);
  }
}

function openCache(kernel: Kernel, root: Fd<'host'>): Fd<'host'> {
  let path = '';
  for (const name of cacheDirectories) {
    path += path === '' ? name : `/${name}`;
    // The one that exists already is the usual case; any other trouble shows when it is opened.
    kernel.mkdiratOrErrno(root, path, DIRECTORY_MODE);
  }
  return kernel.openat2(root, path, O_RDONLY | O_DIRECTORY, 0, RESOLVE);
}

function writeAndRename(kernel: Kernel, directory: Fd<'host'>, key: string, content: Uint8Array): void {
  // One name for each process: two that compile the same profile at once write the same bytes, and the last rename wins.
  const temporary = `.${key}.${kernel.getpid()}`;
  const file = kernel.openat2(directory, temporary, O_WRONLY | O_CREAT | O_TRUNC, FILE_MODE, RESOLVE);
  try {
    kernel.write(file, content);
    kernel.renameat2(directory, temporary, directory, key, 0);
  } catch (error) {
    kernel.unlinkatOrErrno(directory, temporary, 0);
    throw error;
  } finally {
    kernel.close(file);
  }
}
