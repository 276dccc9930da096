/** Containers to create on the fake kernel: one configuration for each way the choreography can go, and the host they meet. */

import { formatJson } from '../base/format-json.ts';
import type { CreateRequest, ExecRequest, GlobalOptions } from '../base/request.ts';
import type { Config, Linux, Process } from '../spec/config-types.ts';
import { defaultConfig } from '../spec/default-config.ts';
import type { Tree } from './fake-world.ts';
import { soundRecord } from './state-records.ts';

export const globals: GlobalOptions = {
  root: '/run/runt',
  log: undefined,
  logFormat: 'text',
  debug: false,
  cgroupManager: 'cgroupfs',
  rootless: 'auto',
};

export const createRequest: CreateRequest = {
  command: 'create',
  id: 'web',
  bundle: '/bundle',
  configFile: undefined,
  consoleSocket: undefined,
  pidfdSocket: undefined,
  pidFile: '/tmp/pid',
  noPivot: false,
  noNewKeyring: false,
  preserveFds: 0,
  detach: true,
  keep: false,
  noSubreaper: false,
};

export const execRequest: ExecRequest = {
  command: 'exec',
  id: 'web',
  processFile: undefined,
  args: ['/bin/sh'],
  tty: false,
  detach: true,
  consoleSocket: undefined,
  pidfdSocket: undefined,
  pidFile: undefined,
  cwd: undefined,
  env: [],
  user: undefined,
  additionalGids: [],
  processLabel: undefined,
  apparmor: undefined,
  noNewPrivileges: false,
  capabilities: [],
  preserveFds: 0,
  cgroups: [],
  ignorePaused: false,
};

const defaultProcess = defaultConfig.process as Process;
const defaultLinux = defaultConfig.linux as Linux;

/** The default configuration as tests run it: no terminal. */
export const plainConfig: Config = { ...defaultConfig, process: { ...defaultProcess, terminal: false } };

const mapping = [{ containerID: 0, hostID: 100000, size: 65536 }];
const hook = [{ path: '/bin/hook', args: ['hook', 'now'] }];

const scheduling: Partial<Process> = {
  scheduler: { policy: 'SCHED_DEADLINE', runtime: 1000000, deadline: 2000000 },
  ioPriority: { class: 'IOPRIO_CLASS_RT', priority: 3 },
};

export const fixtures: Readonly<Record<string, Config>> = {
  default: plainConfig,
  limits: {
    ...plainConfig,
    linux: {
      ...defaultLinux,
      resources: { ...defaultLinux.resources, memory: { limit: 67108864 }, pids: { limit: 10 } },
    },
  },
  'user namespace': {
    ...plainConfig,
    linux: {
      ...defaultLinux,
      namespaces: [...(defaultLinux.namespaces ?? []), { type: 'user' }],
      uidMappings: mapping,
      gidMappings: mapping,
    },
  },
  'id-mapped mounts': {
    ...plainConfig,
    mounts: [
      ...(plainConfig.mounts ?? []),
      {
        destination: '/data',
        source: '/bin',
        options: ['rbind', 'ridmap'],
        uidMappings: mapping,
        gidMappings: mapping,
      },
      { destination: '/more', source: '/bin', options: ['bind', 'idmap'], uidMappings: mapping, gidMappings: mapping },
    ],
  },
  terminal: { ...plainConfig, process: { ...defaultProcess, terminal: true } },
  hooks: { ...plainConfig, hooks: { prestart: hook, createRuntime: hook, createContainer: hook } },
  'network devices': {
    ...plainConfig,
    linux: { ...defaultLinux, netDevices: { eth0: { name: 'c%d' }, eth1: { name: '' } } },
  },
  'working directory, host name, sysctl, user': {
    ...plainConfig,
    domainname: 'example',
    process: { ...defaultProcess, terminal: false, cwd: '/work/deep', user: { uid: 1000, gid: 1000 } },
    linux: { ...defaultLinux, sysctl: { 'net.ipv4.ip_forward': '1' } },
  },
  scheduling: {
    ...plainConfig,
    process: { ...defaultProcess, terminal: false, ...scheduling },
    linux: { ...defaultLinux, memoryPolicy: { mode: 'MPOL_BIND', nodes: '0' } },
  },
  'scheduling in a user namespace': {
    ...plainConfig,
    process: { ...defaultProcess, terminal: false, ...scheduling },
    linux: {
      ...defaultLinux,
      namespaces: [...(defaultLinux.namespaces ?? []), { type: 'user' }],
      uidMappings: mapping,
      gidMappings: mapping,
    },
  },
};

const program = { sh: 'ELF', true: 'ELF', hook: 'ELF' };

/** The request that fits: a terminal needs --console-socket. */
export function requestFor(config: Config): CreateRequest {
  return config.process?.terminal === true ? { ...createRequest, consoleSocket: '/tmp/console.sock' } : createRequest;
}

/** What the host has before create: a bundle with a small root file system, and programs for hooks. */
export function hostFiles(config: Config): Tree {
  return {
    bin: program,
    bundle: {
      'config.json': formatJson(config),
      rootfs: {
        bin: program,
        etc: { passwd: 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n' },
        dev: {},
        proc: {},
        sys: {},
        tmp: {},
      },
    },
  };
}

/** The same with the container 'web' running: process 100, whose /proc entry the fake kernel has. */
export function runningFiles(config: Config): Tree {
  return {
    ...hostFiles(config),
    run: {
      runt: {
        web: { 'state.json': formatJson({ ...soundRecord, phase: 'created' }), 'config.json': formatJson(config) },
      },
    },
  };
}

/**
 * What of a world must be as before when create has failed. Left out, because it stays on purpose: the state root, and a
 * controller that was enabled for the children of the cgroup root (others may use them); /proc/100 goes with the process.
 */
export function hostLines(world: readonly string[]): readonly string[] {
  const kept = ['/run/runt 700 ', '/sys/fs/cgroup/cgroup.subtree_control ', '/proc/100/', '/proc/90/'];
  return world.filter((line) => !kept.some((start) => line.startsWith(start)));
}
