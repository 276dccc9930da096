/**
 * Writes process.oomScoreAdj. Unset must not be written at all, so the caller asks only when there is a value.
 * [spec config.md#linux-process] [man proc_pid_oom_score_adj.5]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import {
  O_WRONLY,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** Rule B6: nothing mounted or linked over the file may lead the write elsewhere. */
const resolveInProc = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;

/** processDirectory: /proc/<pid> (or /proc/self) of a verified procfs. pointer: that of the process. */
export function applyOomScore(kernel: Kernel, processDirectory: Fd, oomScoreAdj: number, pointer: string): void {
  try {
    const file = kernel.openat2(processDirectory, 'oom_score_adj', O_WRONLY, 0, resolveInProc);
    try {
      kernel.write(file, String(oomScoreAdj));
    } finally {
      kernel.close(file);
    }
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const extra =
      error.fields.errno === 'EACCES'
        ? { hint: 'a value below that of runt itself needs CAP_SYS_RESOURCE in the initial user namespace' }
        : {};
    throw error.with({ pointer: `${pointer}/oomScoreAdj`, ...extra }).within(`set the OOM score to ${oomScoreAdj}`);
  }
}
