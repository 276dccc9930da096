/**
 * hostname, domainname and sysctls of the container, set from inside its namespaces. Which sysctls are namespaced, and so
 * allowed, is checked before (spec/). Values go through a procfs of our own that no path of the container leads to, and are
 * read back: a write to a look-alike file would not stick (rule B6). [spec config-linux.md#sysctl] [man proc.5]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_RDONLY, O_WRONLY, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { SysctlSetting } from './sysctl-setting.ts';

const longestValueBytes = 65536;
const insideProcfs = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;

/** `procfs` is the root of a procfs of our own. */
export function applySysctls(kernel: Kernel, procfs: Fd<'proc'>, settings: readonly SysctlSetting[]): void {
  for (const setting of settings) applySysctl(kernel, procfs, setting);
}

function applySysctl(kernel: Kernel, procfs: Fd<'proc'>, { name, file, value }: SysctlSetting): void {
  const pointer = `/linux/sysctl/${name}`;
  const path = `sys/${file}`;
  const fd = kernel.openat2OrErrno(procfs, path, O_WRONLY, 0, insideProcfs);
  if (typeof fd === 'string') {
    const hint = fd === 'ENOENT' ? { hint: 'this kernel, or the namespace, has no such setting' } : {};
    throw new RuntimeError({
      kind: 'kernel',
      operation: 'set a sysctl',
      pointer,
      errno: fd,
      syscall: 'openat2',
      ...hint,
    });
  }
  try {
    kernel.write(fd, value);
  } catch (error) {
    throw error instanceof RuntimeError ? error.with({ operation: 'set a sysctl', pointer }) : error;
  }
  kernel.close(fd);
  const back = kernel.openat2OrErrno(procfs, path, O_RDONLY, 0, insideProcfs);
  if (back === 'EACCES') return; // A trigger such as net.ipv4.route.flush: it can only be written.
  if (typeof back === 'string') {
    throw new RuntimeError({
      kind: 'kernel',
      operation: 'read a sysctl back',
      pointer,
      errno: back,
      syscall: 'openat2',
    });
  }
  const actual = kernel.readAll(back, longestValueBytes);
  kernel.close(back);
  if (sameWords(actual, value)) return;
  throw new RuntimeError({
    kind: 'kernel',
    operation: 'set a sysctl',
    pointer,
    message: `the kernel has ${JSON.stringify(actual.trim())} after ${JSON.stringify(value)} was written`,
  });
}

/** The kernel prints lists with tabs and may normalise numbers: words are compared, a number by its value. */
function sameWords(actual: string, wanted: string): boolean {
  const left = words(actual);
  const right = words(wanted);
  if (left.length < right.length) return false;
  return right.every((word, i) => left[i] === word || (word !== '' && Number(left[i]) === Number(word)));
}

function words(text: string): string[] {
  const list: string[] = [];
  let word = '';
  for (const character of text) {
    if (character === ' ' || character === '\t' || character === '\n') {
      if (word !== '') list.push(word);
      word = '';
    } else word += character;
  }
  if (word !== '') list.push(word);
  return list;
}
