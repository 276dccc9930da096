/**
 * Every step that a child can be told to carry out, before the exec tail: the union of the domains' steps and those of no
 * single domain, with one sentence for each kind that says in an error what was being done. Types and a table; pure.
 * apply-init-step.ts carries them out.
 */
import type { KeptNamespace } from '../namespaces/plan-kept-namespaces.ts';
import type { SysctlSetting } from '../namespaces/sysctl-setting.ts';
import type { PlannedMemoryPolicy } from '../process/plan-memory-policy.ts';
import type { PlannedCpus } from '../process/plan-scheduling.ts';
import type { RootfsStep } from '../rootfs/rootfs-step.ts';

export type InitStep =
  /** rlimits and OOM score by the child itself, while it still has the host's privileges. */
  | { readonly kind: 'setLimits' }
  /** Processors that the process may run on; after its birth in the cgroup. */
  | { readonly kind: 'setAffinity'; readonly cpus: PlannedCpus }
  /**
   * The files that labels are written to, in a procfs of the host's or (exec, in the container) one of our own; the label of
   * keys is written at once.
   */
  | { readonly kind: 'openLabels'; readonly procfs: 'host' | 'own'; readonly keyring: boolean }
  /** setns to the namespaces that the parent opened. */
  | { readonly kind: 'joinNamespaces' }
  /** exec: all namespaces of init at once, by its pidfd. flags: CLONE_NEW*. */
  | { readonly kind: 'joinContainer'; readonly flags: number }
  /** The parent writes id maps, sets limits, has the child moved into its cgroup; needed only where the child lacks the power. */
  | { readonly kind: 'awaitParent' }
  /** uid and gid 0 of the user namespace. setgroups: allowed, denied, or to be tried (a joined namespace); keep: tail does it. */
  | { readonly kind: 'becomeRoot'; readonly setgroups: 'allow' | 'deny' | 'read' | 'keep' }
  /** A time namespace with these offsets, for the process itself. */
  | { readonly kind: 'enterTimeNamespace'; readonly offsets: string }
  | { readonly kind: 'dieWithParent' }
  | { readonly kind: 'unshareCgroup' }
  /** Its namespaces stay open while init waits at the gate, for an exec that may not open them. */
  | { readonly kind: 'keepNamespaces'; readonly kept: readonly KeptNamespace[] }
  /** permission: bits to add to the key's permissions, as keyctl(KEYCTL_SETPERM). */
  | { readonly kind: 'joinKeyring'; readonly name: string; readonly permission: number }
  | { readonly kind: 'newSession' }
  | { readonly kind: 'loopbackUp' }
  | RootfsStep
  | { readonly kind: 'makeWorkingDirectory' }
  | { readonly kind: 'makeConsole'; readonly bind: boolean }
  /** The parent moves network devices in, and puts the process into its class of service and into a cgroup of its own. */
  | { readonly kind: 'awaitResources' }
  /** The parent runs prestart and createRuntime hooks. */
  | { readonly kind: 'runtimeHooks' }
  | { readonly kind: 'containerHooks' }
  | { readonly kind: 'setHostname'; readonly name: string }
  | { readonly kind: 'setDomainname'; readonly name: string }
  | { readonly kind: 'applySysctls'; readonly settings: readonly SysctlSetting[] }
  | { readonly kind: 'setLabels' }
  | { readonly kind: 'setMemoryPolicy'; readonly policy: PlannedMemoryPolicy }
  /** run: the parent writes the limits under which no child could be made (pids.max 0), before the program is executed. */
  | { readonly kind: 'awaitLimits' }
  /** Scheduling policy and I/O priority; by the parent where the child's user namespace lacks the power. */
  | { readonly kind: 'setScheduling'; readonly by: 'child' | 'parent' };

export type InitStepKind = InitStep['kind'];

/** What is being done, for errors that do not say it themselves. */
export const stepOperations: { readonly [kind in InitStepKind]: string } = {
  setLimits: "set the process's limits",
  setAffinity: 'bind the process to processors',
  openLabels: 'open the files of security labels',
  joinNamespaces: 'join namespaces',
  joinContainer: "join the container's namespaces",
  awaitParent: 'wait for the runtime',
  becomeRoot: "become root of the container's user namespace",
  enterTimeNamespace: 'make the time namespace',
  dieWithParent: 'bind the life of init to the runtime',
  unshareCgroup: 'make the cgroup namespace',
  keepNamespaces: 'open the own namespaces',
  joinKeyring: 'join a session keyring of its own',
  newSession: 'start a session',
  loopbackUp: 'bring up the loopback interface',
  clearUmask: 'clear the umask',
  setTreePropagation: 'set the propagation of the host mounts in the mount namespace',
  mountRoot: 'mount the root file system',
  openRoot: 'open the root directory',
  mountFileSystem: 'mount a file system in the container',
  mountBind: 'bind mount into the container',
  remount: 'remount in the container',
  makeDevice: 'make a device',
  bindDevice: 'bind a device into the container',
  makeLink: 'make a link in /dev',
  takeNull: "open the host's /dev/null",
  pivotRoot: 'pivot to the root file system',
  moveRoot: 'move the root file system over /',
  chroot: 'change to the root directory',
  readonlyPath: 'make a path read-only',
  maskPath: 'mask a path',
  readonlyMount: 'make a mount read-only',
  setRootPropagation: 'set the propagation of the root mount',
  readonlyRoot: 'make the root file system read-only',
  makeWorkingDirectory: 'make the working directory',
  makeConsole: 'set up the terminal',
  awaitResources: 'wait for the network devices, the class of service, the delegated cgroup',
  runtimeHooks: 'wait for the prestart and createRuntime hooks',
  containerHooks: 'run the createContainer hooks',
  setHostname: 'set the host name',
  setDomainname: 'set the domain name',
  applySysctls: 'set sysctls',
  setLabels: 'set security labels',
  setMemoryPolicy: 'set the memory policy',
  awaitLimits: 'wait for the last limits',
  setScheduling: 'set scheduling policy and I/O priority',
};
