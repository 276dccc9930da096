/**
 * Which step must come before which, as data with reasons, and the check that every plan keeps to it. A planner that breaks
 * a rule is a bug that is found before anything has happened on the host. Pure.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { InitStep, InitStepKind } from './init-step.ts';

export interface OrderRule {
  /** All of these ... */
  readonly before: InitStepKind;
  /** ... come before any of these. */
  readonly after: InitStepKind;
  readonly because: string;
}

export const orderRules: readonly OrderRule[] = [
  { before: 'joinNamespaces', after: 'awaitParent', because: 'joins need the privileges of the host' },
  { before: 'setLimits', after: 'joinContainer', because: 'raising a limit needs the privileges of the host' },
  { before: 'joinContainer', after: 'becomeRoot', because: 'id 0 means another user before the join' },
  { before: 'awaitParent', after: 'becomeRoot', because: 'without id maps there is no id 0 to become' },
  { before: 'becomeRoot', after: 'dieWithParent', because: 'a change of credentials clears the death signal' },
  { before: 'becomeRoot', after: 'mountRoot', because: 'only root of the user namespace may mount' },
  { before: 'becomeRoot', after: 'joinKeyring', because: 'the keyring belongs to the user that makes it' },
  { before: 'setTreePropagation', after: 'mountRoot', because: 'mounts would appear on the host' },
  { before: 'unshareCgroup', after: 'keepNamespaces', because: 'those of the container are kept' },
  { before: 'keepNamespaces', after: 'mountRoot', because: "the host's procfs is the one that can be trusted" },
  { before: 'unshareCgroup', after: 'mountFileSystem', because: 'a cgroup mount shows the namespace of its time' },
  { before: 'mountRoot', after: 'mountFileSystem', because: 'mounts lie inside the root' },
  { before: 'mountRoot', after: 'mountBind', because: 'mounts lie inside the root' },
  { before: 'mountRoot', after: 'pivotRoot', because: 'the new root must be a mount' },
  { before: 'mountFileSystem', after: 'pivotRoot', because: 'sources of the host are gone after the pivot' },
  { before: 'mountBind', after: 'pivotRoot', because: 'sources of the host are gone after the pivot' },
  { before: 'takeNull', after: 'pivotRoot', because: "the host's /dev/null is gone after the pivot" },
  { before: 'newSession', after: 'makeConsole', because: 'only a session leader gets a controlling terminal' },
  { before: 'mountFileSystem', after: 'makeConsole', because: "the terminal comes from the container's own devpts" },
  { before: 'mountFileSystem', after: 'runtimeHooks', because: 'the hooks see the mounts' },
  { before: 'joinNamespaces', after: 'awaitResources', because: 'devices go to the namespace that is joined' },
  { before: 'mountFileSystem', after: 'awaitResources', because: 'devices move last: what fails before moves none' },
  { before: 'awaitResources', after: 'runtimeHooks', because: 'the hooks see the devices' },
  { before: 'awaitResources', after: 'containerHooks', because: 'the hooks see the devices' },
  { before: 'runtimeHooks', after: 'containerHooks', because: 'the specification names this order' },
  { before: 'containerHooks', after: 'pivotRoot', because: 'createContainer hooks are programs of the host' },
  { before: 'containerHooks', after: 'moveRoot', because: 'createContainer hooks are programs of the host' },
  { before: 'containerHooks', after: 'chroot', because: 'createContainer hooks are programs of the host' },
  { before: 'applySysctls', after: 'readonlyPath', because: '/proc/sys becomes read-only' },
  { before: 'pivotRoot', after: 'maskPath', because: 'paths are masked in the tree that the program sees' },
  { before: 'pivotRoot', after: 'readonlyRoot', because: 'the pivot needs the root as it is' },
  { before: 'makeWorkingDirectory', after: 'readonlyRoot', because: 'nothing can be made in a read-only root' },
  {
    before: 'setAffinity',
    after: 'setScheduling',
    because: 'SCHED_DEADLINE does not let the affinity be changed any more',
  },
  {
    before: 'containerHooks',
    after: 'setScheduling',
    because: 'hooks would inherit it, and SCHED_DEADLINE cannot fork',
  },
  { before: 'openLabels', after: 'mountRoot', because: "the host's procfs is the one that can be trusted" },
  { before: 'openLabels', after: 'joinContainer', because: "the container's /proc may be anything" },
  { before: 'openLabels', after: 'joinKeyring', because: 'the keyring gets its label when it is made' },
  { before: 'containerHooks', after: 'setLabels', because: 'programs of the host would get them' },
  { before: 'containerHooks', after: 'setMemoryPolicy', because: 'hooks would inherit it' },
  { before: 'containerHooks', after: 'awaitLimits', because: 'hooks are processes too' },
  { before: 'makeConsole', after: 'maskPath', because: 'a masked path would hide the console' },
];

/** Rules by the kind that must not come any more once the other has been seen. */
const forbiddenAfter: ReadonlyMap<InitStepKind, readonly OrderRule[]> = groupRules();

function groupRules(): Map<InitStepKind, OrderRule[]> {
  const groups = new Map<InitStepKind, OrderRule[]>();
  for (const rule of orderRules) groups.set(rule.before, [...(groups.get(rule.before) ?? []), rule]);
  return groups;
}

/** Throws kind 'bug' with the rule and its reason. */
export function checkStepOrder(steps: readonly InitStep[]): void {
  const seen = new Map<InitStepKind, number>();
  let previous: InitStepKind | undefined;
  for (let i = 0; i < steps.length; i++) {
    const kind = (steps[i] as InitStep).kind;
    if (kind === previous) continue;
    previous = kind;
    const rules = forbiddenAfter.get(kind);
    if (rules !== undefined) checkRules(rules, seen, i);
    if (!seen.has(kind)) seen.set(kind, i);
  }
}

function checkRules(rules: readonly OrderRule[], seen: ReadonlyMap<InitStepKind, number>, at: number): void {
  for (const { before, after, because } of rules) {
    const earlier = seen.get(after);
    if (earlier === undefined) continue;
    throw new RuntimeError({
      kind: 'bug',
      message: `step ${at} (${before}) is planned after step ${earlier} (${after}): ${because}`,
    });
  }
}
