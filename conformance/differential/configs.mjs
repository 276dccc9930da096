// The configurations that all runtimes get: the default one, changed in one respect each. A change is a function of the parsed config.

const profile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
  syscalls: [{ names: ['mkdirat', 'mkdir', 'chmod', 'fchmodat'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
};

const namespaces = (change) => (config) => {
  config.linux.namespaces = change(config.linux.namespaces);
};
const mount =
  (destination, type, source, ...options) =>
  (config) => {
    config.mounts.push({ destination, type, source, options });
  };
const process = (members) => (config) => {
  Object.assign(config.process, members);
};
const linux = (members) => (config) => {
  Object.assign(config.linux, members);
};
const allCapabilities = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_KILL', 'CAP_NET_RAW', 'CAP_SETUID', 'CAP_SYS_CHROOT'];
const mapping = [{ containerID: 0, hostID: 100000, size: 65536 }];

function userNamespace(config) {
  config.linux.namespaces.push({ type: 'user' });
  Object.assign(config.linux, { uidMappings: mapping, gidMappings: mapping });
}

export const configs = {
  default: () => {},
  'writable-root': (config) => {
    config.root.readonly = false;
  },
  user: process({ user: { uid: 1000, gid: 1000, additionalGids: [5, 7], umask: 63 } }),
  'user-capabilities': process({
    user: { uid: 1000, gid: 1000 },
    capabilities: {
      bounding: allCapabilities,
      permitted: allCapabilities,
      inheritable: ['CAP_CHOWN'],
      ambient: ['CAP_CHOWN'],
      effective: allCapabilities,
    },
  }),
  'no-capabilities': process({ capabilities: {} }),
  'new-privileges': process({ noNewPrivileges: false }),
  limits: process({
    rlimits: [
      { type: 'RLIMIT_NOFILE', soft: 100, hard: 200 },
      { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
      { type: 'RLIMIT_NPROC', soft: 1000, hard: 2000 },
    ],
    oomScoreAdj: 321,
  }),
  directory: process({ cwd: '/data/made/here' }),
  'home-of-user': process({ user: { uid: 1000, gid: 1000 }, env: ['PATH=/bin'] }),
  names: (config) => Object.assign(config, { hostname: 'host-name', domainname: 'domain.name' }),
  'user-namespace': userNamespace,
  'no-network-namespace': namespaces((list) => list.filter(({ type }) => type !== 'network')),
  'no-pid-namespace': namespaces((list) => list.filter(({ type }) => type !== 'pid')),
  'no-cgroup-namespace': namespaces((list) => list.filter(({ type }) => type !== 'cgroup')),
  'no-ipc-namespace': namespaces((list) => list.filter(({ type }) => type !== 'ipc')),
  'time-namespace': (config) => {
    config.linux.namespaces.push({ type: 'time' });
    config.linux.timeOffsets = { monotonic: { secs: 100 }, boottime: { secs: 200 } };
  },
  seccomp: linux({ seccomp: { ...profile, defaultAction: 'SCMP_ACT_ALLOW' } }),
  'seccomp-without-nnp': (config) => {
    config.process.noNewPrivileges = false;
    config.linux.seccomp = { ...profile, defaultAction: 'SCMP_ACT_ALLOW' };
  },
  sysctl: linux({ sysctl: { 'net.ipv4.ip_forward': '1', 'kernel.msgmax': '4096' } }),
  'no-hidden-paths': linux({ maskedPaths: [], readonlyPaths: [] }),
  'bind-mounts': (config) => {
    mount('/data', 'bind', '/tmp/source', 'rbind', 'ro')(config);
    mount('/tmp', 'bind', '/tmp/source', 'bind', 'nosuid', 'nodev', 'noexec', 'rprivate')(config);
    mount('/etc/passwd', 'bind', '/tmp/source/file', 'bind', 'ro')(config);
  },
  'tmpfs-options': (config) => {
    mount('/tmp', 'tmpfs', 'tmpfs', 'nosuid', 'nodev', 'noexec', 'size=1m', 'mode=1700', 'noatime')(config);
    mount('/data', 'tmpfs', 'tmpfs', 'ro', 'strictatime')(config);
  },
  'shared-propagation': (config) => {
    config.linux.rootfsPropagation = 'rshared';
    mount('/data', 'bind', '/tmp/source', 'rbind', 'rshared')(config);
  },
  'slave-propagation': linux({ rootfsPropagation: 'rslave' }),
  devices: linux({
    devices: [
      { type: 'c', path: '/dev/fuse', major: 10, minor: 229, fileMode: 438, uid: 0, gid: 0 },
      { type: 'b', path: '/dev/loop-x', major: 7, minor: 3, fileMode: 384, uid: 1000, gid: 6 },
    ],
  }),
  'writable-cgroup': (config) => {
    for (const each of config.mounts)
      if (each.type === 'cgroup') each.options = ['nosuid', 'noexec', 'nodev', 'relatime', 'rw'];
  },
  terminalless: process({ env: ['PATH=/bin', 'A=b', 'A=c'] }),
  'missing-program': process({ args: ['no-such-program'] }),
  'no-permission': process({ args: ['/etc/passwd'] }),
};

/** NAME -> config, made from the default one (`runt spec`). */
export function makeConfigs(base) {
  return Object.entries(configs).map(([name, change]) => {
    const config = structuredClone(base);
    config.root.path = '/tmp/rootfs';
    config.process.terminal = false;
    config.process.args = ['/bin/sh', '/bin/probe'];
    change(config);
    return { name, text: JSON.stringify(config) };
  });
}
