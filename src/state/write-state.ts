/**
 * Writes the records of one container: state.json, and the bundle's config.json as it was at create. Always a new file
 * that is renamed into place, so a reader sees the old record or the new one, never half of one. [man renameat2.2]
 * No fsync: the record must survive the death of this process, not of the machine. After a reboot its boot id says that it
 * is stale, and <root> is on a tmpfs anyway; two fsyncs on a disk would cost more than the whole create.
 */
import { formatJson } from '../base/format-json.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { O_CREAT, O_EXCL, O_WRONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { StateDirectory } from './state-directory.ts';
import type { StateRecord } from './state-record.ts';

/** Replaces state.json. The caller holds the lock (or is the only one that knows the container). */
export function writeState(kernel: Kernel, container: StateDirectory, record: StateRecord): void {
  writeRecordFile(kernel, container, 'state.json', formatJson(record));
}

/** Saves the text of config.json: what start, exec and delete need does not change when the bundle does [spec runtime.md#lifecycle]. */
export function saveConfig(kernel: Kernel, container: StateDirectory, text: string): void {
  writeRecordFile(kernel, container, 'config.json', text);
}

function writeRecordFile(kernel: Kernel, container: StateDirectory, name: string, text: string): void {
  const temporary = `${name}.new`;
  const directory = container.directory;
  const opened = kernel.openat2OrErrno(directory, temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600, 0);
  const file = typeof opened === 'string' ? replaceLeftover(kernel, container, temporary, opened) : opened;
  try {
    kernel.write(file, text);
    kernel.close(file);
    kernel.renameat2(directory, temporary, directory, name, 0);
  } catch (error) {
    kernel.unlinkatOrErrno(directory, temporary, 0);
    throw error instanceof RuntimeError ? error.within(`write ${directory.path}/${name}`) : error;
  }
}

/** The temporary file of a writer that was killed: we hold the lock, so nobody is writing it. */
function replaceLeftover(kernel: Kernel, container: StateDirectory, temporary: string, errno: string) {
  const directory = container.directory;
  if (errno !== 'EEXIST') {
    throw new RuntimeError({ kind: 'kernel', path: `${directory.path}/${temporary}`, syscall: 'openat2', errno });
  }
  kernel.unlinkat(directory, temporary, 0);
  return kernel.openat2(directory, temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600, 0);
}
