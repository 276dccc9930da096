/**
 * features: what this runtime can do, for engines that ask before they use it. Made from the tables that planners and checks
 * use, and from what they refuse: a property is 'enabled' exactly when check-carried-out.ts lets it pass.
 * A list that is there is complete; nothing may be listed that create would refuse. [spec features.md, features-linux.md]
 */

import { delegateAnnotation, subgroupAnnotation } from '../cgroup/plan-cgroup-annotations.ts';
import { systemdAnnotations } from '../cgroup/plan-systemd-annotations.ts';
import { hookStderrAnnotation, hookStdoutAnnotation } from '../hooks/hook-output.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { keepGroupsAnnotation } from '../plan/keep-groups.ts';
import { memoryPolicyFlags, memoryPolicyModes } from '../process/plan-memory-policy.ts';
import { knownMountOptions } from '../rootfs/parse-mount-options.ts';
import { receiverAnnotation } from '../security/plan-seccomp-listener.ts';
import { architecturesUnknownToLibrary, isLittleEndian, seccompArchitectures } from '../security/seccomp-tables.ts';
import { capabilityNames } from '../spec/capability-names.ts';
import { checkCarriedOut } from '../spec/check-carried-out.ts';
import type { Config, Features, Hooks, Namespace, SeccompAction, SeccompFlag } from '../spec/config-types.ts';

/** Records and not lists, so that the compiler says when the schema knows one more. */
const hookNames: { readonly [name in keyof Hooks]-?: true } = {
  prestart: true,
  createRuntime: true,
  createContainer: true,
  startContainer: true,
  poststart: true,
  poststop: true,
};
const namespaceTypes: { readonly [type in Namespace['type']]: true } = {
  cgroup: true,
  ipc: true,
  mount: true,
  network: true,
  pid: true,
  time: true,
  user: true,
  uts: true,
};
const seccompActions: { readonly [action in SeccompAction]: true } = {
  SCMP_ACT_ALLOW: true,
  SCMP_ACT_ERRNO: true,
  SCMP_ACT_KILL: true,
  SCMP_ACT_KILL_PROCESS: true,
  SCMP_ACT_KILL_THREAD: true,
  SCMP_ACT_LOG: true,
  SCMP_ACT_NOTIFY: true,
  SCMP_ACT_TRACE: true,
  SCMP_ACT_TRAP: true,
};
/** Bits of SECCOMP_FILTER_FLAG_* [linux/seccomp.h]. */
const seccompFlags: { readonly [flag in SeccompFlag]: number } = {
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
  SECCOMP_FILTER_FLAG_TSYNC: 1,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 32,
};
const seccompOperators = [
  ...['SCMP_CMP_EQ', 'SCMP_CMP_GE', 'SCMP_CMP_GT', 'SCMP_CMP_LE', 'SCMP_CMP_LT', 'SCMP_CMP_MASKED_EQ', 'SCMP_CMP_NE'],
];
/** Not all that the specification has: one filter cannot have both byte orders, and some are younger than the library. */
const filterArchitectures = [...seccompArchitectures]
  .filter(([name, token]) => isLittleEndian(token) && !architecturesUnknownToLibrary.has(name))
  .map(([name]) => name)
  .sort();

/** Whether create would carry out a config with these members. */
function isCarriedOut(members: Partial<Config>): boolean {
  return checkCarriedOut({ ociVersion: '1.3.0', ...members } as Config).length === 0;
}

function isActionCarriedOut(action: string): boolean {
  const syscalls = [{ names: ['sync'], action: action as SeccompAction }];
  return isCarriedOut({ linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls } } });
}

/** Asked once, while the program is loaded: none of it depends on the host. */
const carriedOut = {
  idMap: isCarriedOut({
    mounts: [{ destination: '/x', uidMappings: [{ containerID: 0, hostID: 0, size: 1 }] } as never],
  }),
  intelRdt: isCarriedOut({ linux: { intelRdt: { closID: 'x' } } }),
  netDevices: isCarriedOut({ linux: { netDevices: { x: { name: 'y' } } } as NonNullable<Config['linux']> }),
  seccompActions: Object.keys(seccompActions).filter(isActionCarriedOut),
};

/** Those that change what runt does: an engine should not take them from an image or a user. */
const unsafeAnnotations: readonly string[] = [
  ...systemdAnnotations,
  'org.criu.config',
  receiverAnnotation,
  subgroupAnnotation,
  delegateAnnotation,
  keepGroupsAnnotation,
  hookStdoutAnnotation,
  hookStderrAnnotation,
];

export function showFeatures(kernel: Kernel): Features {
  const { version, commit } = kernel.buildInfo;
  return {
    ociVersionMin: '1.0.0',
    ociVersionMax: '1.3.0',
    hooks: Object.keys(hookNames),
    mountOptions: knownMountOptions,
    linux: linuxFeatures(kernel),
    annotations: {
      'io.github.seccomp.libseccomp.version': kernel.seccompVersion(),
      'org.opencontainers.runc.checkpoint.enabled': 'true',
      'org.opencontainers.runc.commit': commit,
      'org.opencontainers.runc.version': version,
    },
    potentiallyUnsafeConfigAnnotations: unsafeAnnotations,
  };
}

function linuxFeatures(kernel: Kernel): NonNullable<Features['linux']> {
  return {
    namespaces: Object.keys(namespaceTypes),
    capabilities: capabilityNames,
    cgroup: { v1: false, v2: true, systemd: true, systemdUser: true, rdma: true },
    seccomp: {
      enabled: true,
      actions: carriedOut.seccompActions,
      operators: seccompOperators,
      archs: filterArchitectures,
      knownFlags: Object.keys(seccompFlags),
      supportedFlags: Object.entries(seccompFlags)
        .filter(([, bit]) => kernel.seccompFlagKnown(bit))
        .map(([name]) => name),
    },
    apparmor: { enabled: true },
    selinux: { enabled: true },
    memoryPolicy: { modes: Object.keys(memoryPolicyModes), flags: Object.keys(memoryPolicyFlags) },
    intelRdt: { enabled: carriedOut.intelRdt, schemata: carriedOut.intelRdt, monitoring: carriedOut.intelRdt },
    mountExtensions: { idmap: { enabled: carriedOut.idMap } },
    netDevices: { enabled: carriedOut.netDevices },
  };
}
