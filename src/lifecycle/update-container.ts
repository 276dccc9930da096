/**
 * update: other limits for a container that is there. All of what was asked for is in force, read back and saved, or nothing has
 * changed. Device rules in the file are not touched, as in runc. [spec config-linux.md#control-groups] [man cgroups.7]
 */
import type { GlobalOptions, UpdateRequest } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { applyCgroupUpdate, type UpdatedCgroup } from '../cgroup/apply-cgroup-update.ts';
import { applySystemdUpdate } from '../cgroup/apply-systemd-unit.ts';
import { type CgroupUpdatePlan, planCgroupUpdate } from '../cgroup/plan-cgroup-update.ts';
import { askedResources, mergeResources } from '../cgroup/plan-merged-resources.ts';
import { planWritesBesideSystemd } from '../cgroup/plan-systemd-unit.ts';
import { planSystemdUpdate } from '../cgroup/plan-systemd-update.ts';
import { planUnitPlace } from '../cgroup/plan-unit-place.ts';
import { readCgroupFacts } from '../cgroup/read-cgroup-facts.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { checkMergedResources, checkUpdate } from '../spec/check-update.ts';
import type { Config, Resources } from '../spec/config-types.ts';
import type { Fault } from '../spec/fault.ts';
import { flagAt, parseResourceFlags } from '../spec/parse-resource-flags.ts';
import { absolutePath, readNamedJson, readStandardInput } from '../spec/read-bundle.ts';
import type { StateRecord } from '../state/state-record.ts';
import { replaceSavedConfig } from '../state/write-state.ts';
import { whyNoCgroup } from './no-cgroup.ts';
import { observeLocked } from './observe-container.ts';
import { faultsError } from './prepare-container.ts';
import { readConfig } from './prepare-exec.ts';
import { type UndoStack, withUndo } from './undo-stack.ts';
import { updateIntelRdt } from './update-intel-rdt.ts';

/** What was asked for, and how its places are named in messages. */
interface Asked {
  readonly resources: Resources;
  readonly refuse: (faults: readonly Fault[]) => RuntimeError;
  /** A pointer into linux.resources ("/memory/limit") -> what the caller wrote. */
  readonly placeOf: (pointer: string) => string;
}

export function updateContainer(kernel: Kernel, globals: GlobalOptions, request: UpdateRequest): void {
  const asked = readAsked(kernel, request);
  const { container, record, status } = observeLocked(kernel, globals, request.id);
  if (status === 'stopped' || status === 'creating') {
    throw new RuntimeError({ kind: 'state', message: `container not running: ${request.id} (it is ${status})` });
  }
  const config = readConfig(kernel, container);
  const wanted = askedResources(asked.resources);
  const resources = mergeResources(config.linux?.resources ?? {}, wanted);
  const faults = checkMergedResources(resources);
  if (faults.length > 0) throw asked.refuse(faults);
  withUndo((undo) => {
    namingPlaces(asked, () => {
      const plan = planCgroupUpdate(wanted, resources);
      if (plan.writes.length > 0)
        applyLimits(kernel, record, { plan, before: config.linux?.resources ?? {}, wanted, resources }, undo);
    });
    const intelRdt = updateIntelRdt(kernel, record, config, request, undo);
    // Last: what is saved is in force. [order] nothing after it may fail.
    replaceSavedConfig(kernel, container, updatedConfig(config, resources, intelRdt));
  });
}

interface PlannedLimits {
  readonly plan: CgroupUpdatePlan;
  readonly before: Resources;
  readonly wanted: Resources;
  /** Of before and wanted together. */
  readonly resources: Resources;
}

/** A unit's limits are systemd's too: one that it is not told it would take back the next time it looks at the unit. */
function applyLimits(kernel: Kernel, record: StateRecord, limits: PlannedLimits, undo: UndoStack): void {
  const { plan, before, wanted, resources } = limits;
  const { systemdUnit } = record;
  const place = requireCgroup(kernel, record);
  const push = (what: string, run: () => void) => undo.push(what, run);
  if (systemdUnit === undefined) {
    applyCgroupUpdate(kernel, place, plan, push);
    return;
  }
  // Of a cgroup below the unit's (run.oci.systemd.subgroup) systemd knows nothing: there every limit is written.
  const { below } = planUnitPlace(place.identity.path, systemdUnit.name);
  const writes = below.length > 0 ? plan.writes : planWritesBesideSystemd({ resources }, plan.writes);
  const update = planSystemdUpdate(before, wanted, resources);
  applyCgroupUpdate(kernel, place, { ...plan, writes }, push, () =>
    applySystemdUpdate(kernel, systemdUnit, update, push),
  );
}

function updatedConfig(
  config: Config,
  resources: Resources,
  intelRdt: NonNullable<Config['linux']>['intelRdt'],
): Config {
  return { ...config, linux: { ...config.linux, resources, ...(intelRdt !== undefined && { intelRdt }) } };
}

function readAsked(kernel: Kernel, request: UpdateRequest): Asked {
  return request.resourcesFile === undefined ? readFlags(request) : readFile(kernel, request.resourcesFile);
}

/** [spec config-linux.md#control-groups] as an object of its own. */
function readFile(kernel: Kernel, path: string): Asked {
  const isInput = path === '-';
  const shown = isInput ? 'standard input' : absolutePath(kernel, path);
  const { text, value } = isInput ? readStandardInput(kernel) : readNamedJson(kernel, path);
  const refuse = (faults: readonly Fault[]) => faultsError(kernel, shown, text, faults);
  const checked = checkUpdate(value);
  if (checked.faults !== undefined) throw refuse(checked.faults);
  return { resources: checked.resources, refuse, placeOf: (pointer) => `${shown}: ${pointer}` };
}

function readFlags(request: UpdateRequest): Asked {
  const value = parseResourceFlags(request.flags);
  const placeOf = (pointer: string): string => {
    const flag = flagAt(pointer);
    return flag !== undefined && request.flags.has(flag.slice(2)) ? flag : `/linux/resources${pointer}`;
  };
  const refuse = (faults: readonly Fault[]) => {
    const texts = faults.map(
      ({ pointer, what, right }) => `${placeOf(pointer)}: ${what}${right === undefined ? '' : `: ${right}`}`,
    );
    return new RuntimeError({ kind: 'usage', message: texts.join('; ') });
  };
  const checked = checkUpdate(value);
  if (checked.faults !== undefined) throw refuse(checked.faults);
  return { resources: checked.resources, refuse, placeOf };
}

const prefix = '/linux/resources';

/** The planners name places of config.json; the caller wrote a file of its own, or flags. */
function namingPlaces(asked: Asked, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.fields.pointer?.startsWith(prefix) !== true) throw error;
    throw error.with({ pointer: asked.placeOf(error.fields.pointer.slice(prefix.length)) });
  }
}

function requireCgroup(kernel: Kernel, record: StateRecord): UpdatedCgroup {
  const { root, facts } = readCgroupFacts(kernel);
  if (record.cgroup !== undefined && root !== undefined) return { root, facts, identity: record.cgroup };
  throw new RuntimeError({
    kind: 'state',
    operation: 'change the limits',
    message: `the container has no cgroup: ${whyNoCgroup}`,
    hint: 'a limit needs a cgroup; make the container where its cgroup can be made (as an ordinary user: in a delegated cgroup)',
  });
}
