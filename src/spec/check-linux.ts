/**
 * The Linux part beyond its schema: calls each domain's check, and holds the few that have no file of their own. Pure.
 * [spec config-linux.md]
 */
import { checkDevices } from './check-devices.ts';
import { checkMounts } from './check-mounts.ts';
import { checkNamespaces } from './check-namespaces.ts';
import { checkNetDevices } from './check-net-devices.ts';
import { checkResources } from './check-resources.ts';
import { checkSeccomp } from './check-seccomp.ts';
import { checkSysctl } from './check-sysctl.ts';
import type { Config, IntelRdt, Linux, MemoryPolicy, MemoryPolicyFlag, MemoryPolicyMode } from './config-types.ts';
import { addFault, isSound, type Report, showValue } from './fault.ts';
import { parseNumberList } from './parse-number-list.ts';

const noLinux: Linux = Object.freeze({});

/** A config without `linux` is one with all of it absent: the host's namespaces. */
export function checkLinux(config: Config, report: Report): void {
  const linux = config.linux ?? noLinux;
  const namespaces = checkNamespaces(config, linux, report);
  const hasUserNamespace = namespaces.user !== undefined || !isSound(report, '/linux/namespaces');
  if (config.mounts !== undefined) checkMounts(config.mounts, hasUserNamespace, report);
  if (linux.sysctl !== undefined) checkSysctl(linux.sysctl, namespaces, report);
  if (linux.netDevices !== undefined) checkNetDevices(linux.netDevices, namespaces, report);
  if (linux.devices !== undefined) checkDevices(linux.devices, report);
  if (linux.resources !== undefined) checkResources(linux.resources, '/linux/resources', report);
  if (linux.seccomp !== undefined) checkSeccomp(linux.seccomp, report);
  if (linux.cgroupsPath !== undefined) checkCgroupsPath(linux.cgroupsPath, report);
  if (linux.personality?.flags !== undefined && linux.personality.flags.length > 0) {
    addFault(report, '/linux/personality/flags', 'must be empty: no flag is defined', 'remove it');
  }
  if (linux.intelRdt !== undefined) checkIntelRdt(linux.intelRdt, report);
  if (linux.memoryPolicy !== undefined) checkMemoryPolicy(linux.memoryPolicy, report);
}

/** The container's cgroup is one that we may kill and remove: never the root of the tree, never outside of it (rule B16). */
function checkCgroupsPath(path: string, report: Report): void {
  if (path === '') return;
  const pointer = '/linux/cgroupsPath';
  const components = path.split('/');
  const named = components.filter((component) => component !== '' && component !== '.');
  if (named.includes('..')) addFault(report, pointer, `must not contain ".." (got ${showValue(path)})`);
  if (named.some((component) => component.length > 255)) {
    addFault(report, pointer, 'must have no component longer than 255 bytes');
  }
  if (path.includes('\n')) addFault(report, pointer, 'must not contain a newline');
  if (named.length === 0) {
    addFault(
      report,
      pointer,
      `must not be the root of the cgroup tree (got ${showValue(path)})`,
      'write e.g. "/mygroup/mycontainer"',
    );
  }
}

function checkIntelRdt(intelRdt: IntelRdt, report: Report): void {
  const { closID, memBwSchema } = intelRdt;
  if (closID === '.' || closID === '..' || (closID !== undefined && closID !== '/' && closID.includes('/'))) {
    addFault(report, '/linux/intelRdt/closID', `must be a plain directory name or "/" (got ${showValue(closID)})`);
  }
  if (memBwSchema !== undefined && memBwSchema !== '' && !memBwSchema.startsWith('MB:')) {
    addFault(report, '/linux/intelRdt/memBwSchema', `must start with MB: (got ${showValue(memBwSchema)})`);
  }
}

/** set_mempolicy(2): some modes take no nodes, the others need them; MPOL_PREFERRED goes both ways. */
function checkMemoryPolicy(policy: MemoryPolicy, report: Report): void {
  const { mode, nodes = '', flags = [] } = policy;
  const pointer = '/linux/memoryPolicy';
  const wrong = parseNumberList(nodes);
  if (typeof wrong === 'string') addFault(report, `${pointer}/nodes`, wrong);
  if (mode === undefined) return;
  checkMemoryPolicyFlags(mode, nodes !== '', flags, report);
  if (mode === 'MPOL_PREFERRED' || !isSound(report, `${pointer}/nodes`)) return;
  const takesNodes = mode !== 'MPOL_DEFAULT' && mode !== 'MPOL_LOCAL';
  if ((nodes !== '') === takesNodes) return;
  addFault(
    report,
    `${pointer}/nodes`,
    takesNodes ? `is missing: ${mode} needs nodes` : `must be empty: ${mode} takes no nodes`,
  );
}

/** What every kernel answers with EINVAL, which names nothing. */
function checkMemoryPolicyFlags(
  mode: MemoryPolicyMode,
  hasNodes: boolean,
  flags: readonly MemoryPolicyFlag[],
  report: Report,
): void {
  const pointer = '/linux/memoryPolicy/flags';
  const has = (flag: MemoryPolicyFlag): boolean => flags.includes(flag);
  const namesNodes = has('MPOL_F_STATIC_NODES') || has('MPOL_F_RELATIVE_NODES');
  if (has('MPOL_F_STATIC_NODES') && has('MPOL_F_RELATIVE_NODES')) {
    addFault(report, pointer, 'must not have both MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES', 'remove one');
  } else if (namesNodes && !hasNodes && (mode === 'MPOL_LOCAL' || mode === 'MPOL_PREFERRED')) {
    addFault(report, pointer, `must not say how nodes are meant: ${mode} is given none`, 'remove it');
  }
  if (has('MPOL_F_NUMA_BALANCING') && mode !== 'MPOL_BIND' && mode !== 'MPOL_PREFERRED_MANY') {
    addFault(report, pointer, `MPOL_F_NUMA_BALANCING needs MPOL_BIND or MPOL_PREFERRED_MANY (got ${mode})`);
  }
}
