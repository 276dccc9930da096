/**
 * rlimits and OOM score by the process itself, while it still has the privileges of the host. [man prlimit.2]
 * [man proc_pid_oom_score_adj.5]
 */
import { PR_GET_DUMPABLE, PR_SET_DUMPABLE } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applyOomScore } from '../process/apply-oom-score.ts';
import { applyProcessLimits } from '../process/apply-process-limits.ts';
import type { ProcessPlan } from '../process/process-plan.ts';
import { openProcessDirectory } from './open-procfs.ts';

export function applyOwnLimits(kernel: Kernel, process: ProcessPlan): void {
  const { rlimits, oomScoreAdj, pointer } = process;
  if (oomScoreAdj !== undefined) {
    asOwnerOfOwnFiles(kernel, () => {
      const self = openProcessDirectory(kernel, 'self');
      applyOomScore(kernel, self, oomScoreAdj, pointer);
      kernel.close(self);
    });
  }
  applyProcessLimits(kernel, 0, rlimits);
}

/**
 * The files in /proc/self of a process that is not dumpable belong to root: an ordinary user may not even write its own. For the
 * length of one write they are given back. Nothing of a container is joined yet: whoever could trace us now could trace the
 * runtime as well (risk D4). [man proc_pid.5] [man PR_SET_DUMPABLE.2const]
 */
function asOwnerOfOwnFiles(kernel: Kernel, write: () => void): void {
  if (kernel.geteuid() === 0) {
    write();
    return;
  }
  const before = kernel.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  kernel.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  try {
    write();
  } finally {
    // 2 cannot be set; it means what 0 does here.
    if (before !== 1) kernel.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  }
}
