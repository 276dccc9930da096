/**
 * Steps about what the process is to the kernel: where it runs, where its memory is, its namespaces, how security modules see it. Labels
 * have two moments: their files are opened while the procfs at hand can be trusted, and written when no program but the
 * container's can get them any more. [order] check-step-order.ts.
 */
import type { Fd } from '../kernel/fd.ts';
import { O_RDONLY, PR_SET_PDEATHSIG, SIGKILL } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { InitStep } from '../plan/init-step.ts';
import { applyAffinity } from '../process/apply-affinity.ts';
import { applyMemoryPolicy } from '../process/apply-memory-policy.ts';
import { applyKeyLabel, applyLabels, openLabels } from '../security/apply-lsm-labels.ts';
import type { ChildContext } from './child-context.ts';
import { openOwnProcessDirectory, openProcessDirectory } from './open-procfs.ts';

type Step<Kind extends InitStep['kind']> = Extract<InitStep, { kind: Kind }>;
type ProcessStep = Step<
  'setAffinity' | 'openLabels' | 'setLabels' | 'setMemoryPolicy' | 'keepNamespaces' | 'dieWithParent'
>;

export function applyProcessStep(kernel: Kernel, step: ProcessStep, context: ChildContext): void {
  const { labels } = context.plan;
  switch (step.kind) {
    case 'setAffinity':
      applyAffinity(kernel, step.cpus);
      return;
    case 'dieWithParent':
      kernel.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
      return;
    case 'setMemoryPolicy':
      applyMemoryPolicy(kernel, step.policy);
      return;
    case 'keepNamespaces':
      context.keptNamespaces = openNamespaces(kernel, step);
      return;
    case 'openLabels':
      openLabelFiles(kernel, context, step);
      return;
    default:
      if (labels !== undefined && context.labels !== undefined) applyLabels(kernel, context.labels, labels);
  }
}

/** Its own, of the moment: all have been entered. */
function openNamespaces(kernel: Kernel, { kept }: Step<'keepNamespaces'>): readonly Fd<'object'>[] {
  const own = openProcessDirectory(kernel, 'self');
  const opened = kept.map(({ file }) => kernel.openat2(own as Fd as Fd<'object'>, `ns/${file}`, O_RDONLY, 0, 0));
  kernel.close(own);
  return opened;
}

function openLabelFiles(kernel: Kernel, context: ChildContext, step: Step<'openLabels'>): void {
  const { labels } = context.plan;
  if (labels === undefined) return;
  const own = step.procfs === 'host' ? openProcessDirectory(kernel, 'self') : openOwnProcessDirectory(kernel);
  context.labels = openLabels(kernel, own, labels);
  if (step.keyring) applyKeyLabel(kernel, own, labels.selinux);
  kernel.close(own);
}
