/**
 * The config.json that `spec` writes: the same content and order as runc 1.3's on a host with cgroup v2, so that what people
 * know and script against stays true. Pure. [spec config.md]
 */
import { formatJson } from '../base/format-json.ts';
import type { Config, Mount } from './config-types.ts';

const capabilities = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'] as const;

const mounts: readonly Mount[] = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
  },
];

/** Keys stand in the order in which they are written. */
export const defaultConfig: Config = {
  ociVersion: '1.3.0',
  process: {
    terminal: true,
    user: { uid: 0, gid: 0 },
    args: ['sh'],
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
    cwd: '/',
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
    noNewPrivileges: true,
  },
  root: { path: 'rootfs', readonly: true },
  hostname: 'runc',
  mounts,
  linux: {
    resources: { devices: [{ allow: false, access: 'rwm' }] },
    namespaces: [
      { type: 'pid' },
      { type: 'network' },
      { type: 'ipc' },
      { type: 'uts' },
      { type: 'mount' },
      { type: 'cgroup' },
    ],
    maskedPaths: [
      '/proc/acpi',
      '/proc/asound',
      '/proc/kcore',
      '/proc/keys',
      '/proc/latency_stats',
      '/proc/timer_list',
      '/proc/timer_stats',
      '/proc/sched_debug',
      '/sys/firmware',
      '/proc/scsi',
    ],
    readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
  },
};

/** `spec --rootless`: a user namespace with the caller as root of it, the host's network, and nothing that needs privileges. */
export function rootlessConfig(ids: { readonly euid: number; readonly egid: number }): Config {
  const { resources: _resources, namespaces, ...linux } = defaultConfig.linux ?? {};
  return {
    ...defaultConfig,
    mounts: mounts.map(rootlessMount),
    linux: {
      uidMappings: [{ containerID: 0, hostID: ids.euid, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: ids.egid, size: 1 }],
      namespaces: [...(namespaces ?? []).filter(({ type }) => type !== 'network'), { type: 'user' }],
      ...linux,
    },
  };
}

/** A new sysfs needs an own network namespace, and ids that are not mapped cannot own a mount. */
function rootlessMount(mount: Mount): Mount {
  if (mount.destination === '/sys') {
    return { destination: '/sys', type: 'none', source: '/sys', options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'] };
  }
  if (mount.options === undefined) return mount;
  return {
    ...mount,
    options: mount.options.filter((option) => !option.startsWith('gid=') && !option.startsWith('uid=')),
  };
}

/** The text of the file: indented with tabs, without a newline at the end, as runc writes it. */
export function formatSpec(config: Config): string {
  return formatJson(config, '\t');
}
