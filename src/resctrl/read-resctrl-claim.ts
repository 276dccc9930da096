/**
 * What create is going to do in resctrl, found out before anything is done: the answer goes into the journal first (rule B15).
 * Refuses what can be refused without an effect: no resctrl, no such class, another schema, a resource that is not there.
 * [spec config-linux.md#intelrdt]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { AT_SYMLINK_NOFOLLOW } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { findResctrl, openGroup, readGroupFile } from './open-resctrl.ts';
import { findSchemaDifference, parseSchemata } from './parse-schemata.ts';
import type { ResctrlIdentity, ResctrlPlan } from './resctrl-plan.ts';

const pointer = '/linux/intelRdt';

export interface ResctrlClaim {
  readonly root: Fd<'host'>;
  readonly identity: ResctrlIdentity;
}

/** The caller closes `root`. */
export function readResctrlClaim(kernel: Kernel, plan: ResctrlPlan): ResctrlClaim {
  const root = findResctrl(kernel);
  if (root === undefined) {
    const message = 'no resctrl file system is mounted, which Intel RDT needs';
    const hint = 'mount -t resctrl resctrl /sys/fs/resctrl, on a processor that has it';
    throw new RuntimeError({ kind: 'kernel', pointer, message, hint });
  }
  const group = openGroup(kernel, root, plan.group);
  const exists = typeof group !== 'string';
  if (exists) {
    checkClass(kernel, group, plan);
    kernel.close(group);
  } else if (group !== 'ENOENT') {
    throw new RuntimeError({ kind: 'kernel', pointer, path: plan.group, errno: group, syscall: 'openat2' });
  } else if (plan.isNamed && plan.schemata.length === 0) {
    throw new RuntimeError({
      kind: 'kernel',
      pointer: `${pointer}/closID`,
      message: `there is no class of service ${JSON.stringify(plan.group)}, and nothing is said about what it should be`,
      hint: 'make it before, or add schemata',
    });
  }
  const identity: ResctrlIdentity = {
    mountPoint: root.path,
    group: plan.group,
    isNamed: plan.isNamed,
    ...(exists ? {} : { madeInode: 0 }),
    ...(plan.monitor === undefined ? {} : { monitor: plan.monitor }),
  };
  return { root, identity };
}

/** A directory of resctrl that has tasks (others are "info" and "mon_groups"), and for a given closID the schema that is asked for. */
function checkClass(kernel: Kernel, group: Fd<'host'>, plan: ResctrlPlan): void {
  if (typeof kernel.statxOrErrno(group, 'tasks', AT_SYMLINK_NOFOLLOW) === 'string') {
    const message = `${JSON.stringify(plan.group)} is not a class of service but another directory of resctrl`;
    throw new RuntimeError({ kind: 'kernel', pointer, message });
  }
  const monitor =
    plan.monitor === undefined
      ? 'ENOENT'
      : kernel.statxOrErrno(group, `mon_groups/${plan.monitor}`, AT_SYMLINK_NOFOLLOW);
  if (typeof monitor !== 'string') {
    throw new RuntimeError({
      kind: 'kernel',
      pointer: `${pointer}/enableMonitoring`,
      message: `the class of service has a monitoring group ${plan.monitor} already`,
      hint: 'choose another container id, or remove it from mon_groups if nobody uses it',
    });
  }
  if (!plan.isNamed || plan.compared.length === 0) return;
  const wanted = parseSchemata(plan.compared.join('\n'));
  const different = findSchemaDifference(wanted, parseSchemata(readGroupFile(kernel, group, 'schemata')));
  if (different === undefined) return;
  throw new RuntimeError({
    kind: 'kernel',
    pointer: `${pointer}/closID`,
    message: `the class of service ${JSON.stringify(plan.group)} exists and has another schema (${different})`,
    hint: 'leave the schema out to use the class as it is, or choose another closID',
  });
}
