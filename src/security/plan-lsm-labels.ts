/**
 * process.apparmorProfile and selinuxLabel -> what the program runs as, and whether this host can do that. A label that cannot
 * be had is refused (rule B12); what asks for nothing is accepted everywhere. Pure. [spec config.md#linux-process]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { LsmFacts } from '../kernel/host-facts.ts';
import type { Config, Process } from '../spec/config-types.ts';

export interface PlannedLabel {
  /** Name of an AppArmor profile, or an SELinux context. */
  readonly label: string;
  /** JSON pointer: /process/apparmorProfile. */
  readonly pointer: string;
}

export interface LabelPlan {
  readonly apparmor: PlannedLabel | undefined;
  readonly selinux: PlannedLabel | undefined;
}

/** Whether a plan needs to know the host's security modules at all. */
export function namesLabels({ process, linux }: Config): boolean {
  return isText(process?.apparmorProfile) || isText(process?.selinuxLabel) || isText(linux?.mountLabel);
}

/** For what `asked` leaves out, the container's own process holds, as in runc. undefined: no label is asked for. */
export function planLabels(asked: Process, pointer: string, container?: Process): LabelPlan | undefined {
  const apparmor = planLabel('apparmorProfile', asked, pointer, container);
  const selinux = planLabel('selinuxLabel', asked, pointer, container);
  return apparmor === undefined && selinux === undefined ? undefined : { apparmor, selinux };
}

function planLabel(
  key: 'apparmorProfile' | 'selinuxLabel',
  asked: Process,
  pointer: string,
  container: Process | undefined,
): PlannedLabel | undefined {
  const own = asked[key];
  if (isText(own)) return { label: own, pointer: `${pointer}/${key}` };
  const inherited = container?.[key];
  return isText(inherited) ? { label: inherited, pointer: `/process/${key}` } : undefined;
}

/** AppArmor's word for no profile: a host without AppArmor gives that to everybody. */
const unconfined = 'unconfined';

/** What is left to do on this host; throws for a label that it cannot give. */
export function requireLabels(plan: LabelPlan | undefined, facts: LsmFacts | undefined): LabelPlan | undefined {
  if (plan === undefined) return undefined;
  const { selinux } = plan;
  let { apparmor } = plan;
  if (apparmor !== undefined && facts?.apparmor !== true) {
    if (apparmor.label !== unconfined) throw refuse(apparmor, 'AppArmor', 'is not enabled');
    apparmor = undefined;
  }
  if (selinux !== undefined && facts?.selinux !== true)
    throw refuse(selinux, 'SELinux', 'is not enabled, or has no policy');
  return apparmor === undefined && selinux === undefined ? undefined : { apparmor, selinux };
}

function refuse({ label, pointer }: PlannedLabel, module: string, state: string): RuntimeError {
  return new RuntimeError({
    kind: 'kernel',
    pointer,
    message: `${JSON.stringify(label)} cannot be applied: ${module} ${state} on this host`,
    hint: 'leave it out, or use a host with it: the container would run without this protection',
  });
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
