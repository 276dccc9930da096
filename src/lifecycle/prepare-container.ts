/**
 * create and run up to the plan: reads and checks everything and changes nothing on the host, so that refusing is free.
 * [spec bundle.md] [spec config.md]
 */

import type { CreateRequest, GlobalOptions } from '../base/request.ts';
import { during, RuntimeError } from '../base/runtime-error.ts';
import type { RootlessCgroups } from '../cgroup/plan-cgroup.ts';
import { type CgroupTree, readCgroupFacts } from '../cgroup/read-cgroup-facts.ts';
import { readDelegatedCgroup } from '../cgroup/read-delegated-cgroup.ts';
import {
  checkPidNamespace,
  readSystemdFacts,
  readSystemdManager,
  runOpenSystemd,
  type SystemdSession,
} from '../cgroup/run-systemd-session.ts';
import { checkTerminalFlags } from '../console/check-terminal-flags.ts';
import type { HostFacts } from '../kernel/host-facts.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { readHostFacts } from '../kernel/read-host-facts.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';
import { planContainer } from '../plan/plan-container.ts';
import { findNotifyAddress, notifyDirectoryName, withNotifySocket } from '../plan/plan-notify-socket.ts';
import { applyPreservedFds } from '../process/apply-preserved-fds.ts';
import { planPreservedFds } from '../process/plan-preserved-fds.ts';
import { namesLabels } from '../security/plan-lsm-labels.ts';
import { checkCarriedOut } from '../spec/check-carried-out.ts';
import { checkConfig } from '../spec/check-config.ts';
import type { Config } from '../spec/config-types.ts';
import type { Fault } from '../spec/fault.ts';
import { formatFaults } from '../spec/format-faults.ts';
import { absolutePath, readBundle } from '../spec/read-bundle.ts';
import { stateRootPath } from '../state/state-directory.ts';

export interface PreparedContainer {
  readonly config: Config;
  /** Of config.json, to be saved. */
  readonly configText: string;
  readonly facts: HostFacts;
  readonly cgroupTree: CgroupTree;
  /** With --systemd-cgroup. */
  readonly systemd: SystemdSession | undefined;
  readonly plan: ContainerPlan;
  readonly warnings: readonly string[];
  /** Where the service manager waits for the container to be up; undefined: nobody does. */
  readonly notifyAddress: string | undefined;
}

/** relaysReadiness: not of a restored container, whose program has been up for long. */
export function prepareContainer(
  kernel: Kernel,
  globals: GlobalOptions,
  request: CreateRequest,
  relaysReadiness = true,
): PreparedContainer {
  const environment = kernel.environ();
  const preserved = planPreservedFds(request.preserveFds, { environment, pid: kernel.getpid() });
  applyPreservedFds(kernel, preserved);
  const bundle = readBundle(kernel, { bundle: request.bundle, configFile: request.configFile });
  const checked = requireConfig(kernel, bundle.config, bundle.configPath, bundle.text);
  const notifyAddress = relaysReadiness ? findNotifyAddress(environment) : undefined;
  const config =
    notifyAddress === undefined
      ? checked.config
      : withNotifySocket(checked.config, notifyDirectory(kernel, globals, request.id));
  checkTerminalFlags({
    terminal: config.process?.terminal === true,
    detach: request.command === 'create' || request.detach,
    consoleSocket: request.consoleSocket,
  });
  const cgroupTree = readCgroupFacts(kernel);
  const facts = readHostFacts(kernel, cgroupTree.facts, namesLabels(config));
  const { cgroupManager } = globals;
  const session = cgroupManager === 'systemd' ? openSystemd(kernel, globals) : undefined;
  const systemd = session === undefined ? undefined : readSystemdFacts(kernel, session);
  const rootlessCgroups = readRootlessCgroups(kernel, globals, facts, cgroupTree);
  const plan = planContainer({
    request,
    config,
    bundle: bundle.path,
    facts,
    cgroupManager,
    rootlessCgroups,
    systemd,
    environment,
    preserved,
  });
  kernel.close(bundle.directory);
  const warnings = [...checked.warnings, ...plan.warnings];
  return { config, configText: bundle.text, facts, cgroupTree, systemd: session, plan, warnings, notifyAddress };
}

/** [order] before anything is made, so that a host without systemd is told so for free. */
function openSystemd(kernel: Kernel, { rootless }: GlobalOptions): SystemdSession {
  return during('ask systemd', () => {
    const session = runOpenSystemd(kernel, readSystemdManager(kernel, rootless));
    checkPidNamespace(kernel, session);
    return session;
  });
}

/** `auto`: whoever is not root of the initial user namespace, as runc decides it for cgroupfs. */
function readRootlessCgroups(
  kernel: Kernel,
  { rootless, cgroupManager }: GlobalOptions,
  { euid, initialUserNamespace }: HostFacts,
  { root }: CgroupTree,
): RootlessCgroups | undefined {
  const isRealRoot = euid === 0 && initialUserNamespace;
  if (rootless === 'false' || (rootless === 'auto' && isRealRoot) || cgroupManager === 'disabled') return undefined;
  // Real root with --rootless=true has the whole tree, if it is writable.
  const delegated = cgroupManager === 'cgroupfs' ? readDelegatedCgroup(kernel, root) : undefined;
  return { delegated, filtersDevices: isRealRoot };
}

/** On the host, absolute. */
function notifyDirectory(kernel: Kernel, globals: GlobalOptions, id: string): string {
  return `${absolutePath(kernel, stateRootPath(kernel, globals))}/${id}/${notifyDirectoryName}`;
}

interface CheckedConfig {
  readonly config: Config;
  readonly warnings: readonly string[];
}

/** Every fault of the file in one error, with its place. */
export function requireConfig(kernel: Kernel, value: unknown, path: string, text: string): CheckedConfig {
  const checked = checkConfig(value);
  if (checked.faults !== undefined) throw faultsError(kernel, path, text, checked.faults);
  const missing = checkCarriedOut(checked.config);
  if (missing.length > 0) throw faultsError(kernel, path, text, missing);
  return { config: checked.config, warnings: checked.warnings.map(({ pointer, what }) => `${pointer}: ${what}`) };
}

export function faultsError(kernel: Kernel, path: string, text: string, faults: readonly Fault[]): RuntimeError {
  const { message } = formatFaults(path, faults, (pointer) => kernel.jsonPosition(text, pointer));
  return new RuntimeError({ kind: 'spec', message });
}
