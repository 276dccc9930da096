/**
 * ps: the processes of a container's cgroup and of all below it. As a table it is the host's ps(1) with the caller's options,
 * of which only the lines of these processes are kept: nothing of the container is run or believed. [man ps.1, cgroups.7]
 */
import type { GlobalOptions } from '../base/request.ts';
import { during, RuntimeError } from '../base/runtime-error.ts';
import { decodeUtf8 } from '../base/utf8.ts';
import { openCgroup, readCgroupProcesses } from '../cgroup/read-cgroup.ts';
import { requireCgroupRoot } from '../cgroup/read-cgroup-facts.ts';
import { CLD_EXITED } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { runHostProgram } from '../process/run-host-program.ts';
import { readState } from '../state/read-state.ts';
import { requireContainer } from '../state/state-directory.ts';
import type { StateRecord } from '../state/state-record.ts';
import { whyNoCgroup } from './no-cgroup.ts';
import { filterPsTable } from './parse-ps-table.ts';

/** In the order of cgroup.procs; none when the container has stopped. */
export function listProcesses(kernel: Kernel, globals: GlobalOptions, id: string): readonly number[] {
  return during('list the processes', () => {
    const record = readState(kernel, requireContainer(kernel, globals, id));
    if (record.cgroup === undefined) return processesWithoutCgroup(record);
    const cgroup = openCgroup(kernel, requireCgroupRoot(kernel, record.cgroup.path), record.cgroup);
    return cgroup === undefined ? [] : [...new Set(readCgroupProcesses(kernel, cgroup))];
  });
}

/** Without a cgroup there is nothing that holds all of them together; guessing by namespaces would show others' as well. */
function processesWithoutCgroup(record: StateRecord): readonly number[] {
  if (record.cgroupManager !== 'disabled' && record.phase === 'creating') return [];
  throw new RuntimeError({
    kind: 'state',
    message: `container ${record.id} has no cgroup, so its processes are not known`,
    hint: whyNoCgroup,
  });
}

/** args: options of ps(1), -ef when there are none. The table as ps made it. */
export function showProcessTable(
  kernel: Kernel,
  globals: GlobalOptions,
  { id, args }: { readonly id: string; readonly args: readonly string[] },
): Uint8Array {
  // [order] the processes first: one that ends meanwhile is in no line; a new one with its number would be, with runc too.
  const pids = listProcesses(kernel, globals, id);
  return during('list the processes', () => {
    const { code, status, output } = runHostProgram(kernel, 'ps', args.length === 0 ? ['-ef'] : args);
    if (code === CLD_EXITED && status === 0) return filterPsTable(output, pids);
    const how = code === CLD_EXITED ? `exit status ${status}` : `killed by signal ${status}`;
    throw new RuntimeError({ kind: 'usage', path: 'ps', message: `${how}: ${inOneLine(output)}` });
  });
}

/** The beginning of what ps had to say. */
function inOneLine(output: Uint8Array): string {
  const lines = decodeUtf8(output.subarray(0, 1024)).split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' / ');
}
