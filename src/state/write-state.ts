/**
 * Writes the records of one container: state.json, and the bundle's config.json as it was at create. Always a whole file that
 * is renamed into place, so a reader sees the old record or the new one, never half of one. [man renameat2.2]
 * No fsync: the record must survive the death of this process, not of the machine. After a reboot its boot id says that it
 * is stale, and <root> is on a tmpfs anyway; two fsyncs on a disk would cost more than the whole create.
 */
import { formatJson } from '../base/format-json.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { O_NOFOLLOW } from '../kernel/architecture-flags.ts';
import { O_CREAT, O_TRUNC, O_WRONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { StateDirectory } from './state-directory.ts';
import type { StateRecord } from './state-record.ts';

/** Beside state.json: the record before the last one. `delete --force` turns to it when state.json cannot be read. */
export const previousStateName = 'state.json~';

/** [man renameat2.2] */
const RENAME_EXCHANGE = 2;

/** Replaces state.json. The caller holds the lock (or is the only one that knows the container). */
export function writeState(kernel: Kernel, container: StateDirectory, record: StateRecord): void {
  writeAside(kernel, container, previousStateName, 'state.json', formatJson(record), (directory) =>
    exchange(kernel, directory),
  );
}

/** The first record of a container: there is nothing to exchange it with. */
export function createState(kernel: Kernel, container: StateDirectory, record: StateRecord): void {
  writeAside(kernel, container, previousStateName, 'state.json', formatJson(record), (directory) =>
    kernel.renameat2(directory, previousStateName, directory, 'state.json', 0),
  );
}

/** The first half of writeState: the record lies ready, and commitState is one system call. */
export function stageState(kernel: Kernel, container: StateDirectory, record: StateRecord): void {
  writeAside(kernel, container, previousStateName, 'state.json', formatJson(record), () => {});
}

export function commitState(kernel: Kernel, container: StateDirectory): void {
  exchange(kernel, container.directory);
}

function exchange(kernel: Kernel, directory: StateDirectory['directory']): void {
  try {
    kernel.renameat2(directory, previousStateName, directory, 'state.json', RENAME_EXCHANGE);
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.fields.errno !== 'ENOENT') throw error;
    kernel.renameat2(directory, previousStateName, directory, 'state.json', 0);
  }
}

/** Saves the text of config.json: what start, exec and delete need does not change when the bundle does [spec runtime.md#lifecycle]. */
export function saveConfig(kernel: Kernel, container: StateDirectory, text: string): void {
  const temporary = 'config.json~';
  writeAside(kernel, container, temporary, 'config.json', text, (directory) =>
    kernel.renameat2(directory, temporary, directory, 'config.json', 0),
  );
}

/** The same for a config that `update` changed: exec starts from what is saved. */
export function replaceSavedConfig(kernel: Kernel, container: StateDirectory, config: object): void {
  saveConfig(kernel, container, formatJson(config));
}

/** Not O_EXCL: the directory is ours alone (0700, locked), and the rest of a writer that was killed is to be overwritten. */
function writeAside(
  kernel: Kernel,
  container: StateDirectory,
  temporary: string,
  name: string,
  text: string,
  putInPlace: (directory: StateDirectory['directory']) => void,
): void {
  const directory = container.directory;
  try {
    const file = kernel.openat2(directory, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600, 0);
    kernel.write(file, text);
    kernel.close(file);
    putInPlace(directory);
  } catch (error) {
    throw error instanceof RuntimeError ? error.within(`write ${directory.path}/${name}`) : error;
  }
}
