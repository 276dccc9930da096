import { describe, expect, test } from 'vitest';
import type { CreateRequest } from '../base/request.ts';
import type { HostFacts } from '../kernel/host-facts.ts';
import type { Config, Linux, NamespaceType, Process } from '../spec/config-types.ts';
import { defaultConfig } from '../spec/default-config.ts';
import { createRequest } from '../testing/containers.ts';
import { planContainer } from './plan-container.ts';

const request: CreateRequest = { ...createRequest, command: 'run', pidFile: undefined, detach: false };
const facts: HostFacts = {
  euid: 0,
  egid: 0,
  architecture: 'x86_64',
  cgroup: { mountPoint: '/sys/fs/cgroup', hybrid: false },
  bootId: 'b',
  initialUserNamespace: true,
};
const defaultProcess = defaultConfig.process as Process;
const defaultLinux = defaultConfig.linux as Linux;
const preserved = { count: 0, listenCount: 0, env: [] };

function plan(
  config: Config,
  change: Partial<CreateRequest> = {},
  cgroupManager: 'cgroupfs' | 'disabled' = 'cgroupfs',
) {
  return planContainer({
    request: { ...request, ...change },
    config,
    bundle: '/bundle',
    facts,
    cgroupManager,
    environment: [],
    preserved,
  });
}

/** Kinds in order, repeated ones once with their number. */
function shape(config: Config, change: Partial<CreateRequest> = {}): string[] {
  const shown: string[] = [];
  let count = 0;
  const { steps } = plan(config, change).child;
  steps.forEach(({ kind }, i) => {
    count++;
    if (steps[i + 1]?.kind === kind) return;
    shown.push(count === 1 ? kind : `${kind} x${count}`);
    count = 0;
  });
  return shown;
}

const withoutTerminal: Config = { ...defaultConfig, process: { ...defaultProcess, terminal: false } };

test('the default configuration, step by step', () => {
  expect(shape(withoutTerminal)).toMatchInlineSnapshot(`
    [
      "setLimits",
      "dieWithParent",
      "unshareCgroup",
      "joinKeyring",
      "newSession",
      "loopbackUp",
      "clearUmask",
      "setTreePropagation",
      "mountRoot",
      "mountFileSystem x7",
      "makeDevice x6",
      "makeLink x6",
      "takeNull",
      "pivotRoot",
      "setHostname",
      "readonlyPath x5",
      "maskPath x10",
      "readonlyRoot",
    ]
  `);
});

test('everything optional, in its place', () => {
  const hook = [{ path: '/bin/hook' }];
  const config: Config = {
    ...defaultConfig,
    domainname: 'example',
    process: { ...defaultProcess, cwd: '/work', terminal: true },
    hooks: { prestart: hook, createRuntime: hook, createContainer: hook },
    linux: { ...defaultLinux, sysctl: { 'net.ipv4.ip_forward': '1' } },
  };
  const kinds = shape(config);
  const order = [
    'mountRoot',
    'makeWorkingDirectory',
    'makeConsole',
    'runtimeHooks',
    'containerHooks',
    'pivotRoot',
    'setHostname',
    'setDomainname',
    'applySysctls',
  ];
  expect(kinds.filter((kind) => order.includes(kind))).toEqual(order);
});

describe('details', () => {
  test('a user namespace waits for its maps and becomes root before it mounts', () => {
    const mapping = [{ containerID: 0, hostID: 100000, size: 65536 }];
    const namespaces = [...(defaultConfig.linux?.namespaces ?? []), { type: 'user' as const }];
    const config = {
      ...withoutTerminal,
      linux: { ...defaultLinux, namespaces, uidMappings: mapping, gidMappings: mapping },
    };
    expect(shape(config).slice(0, 3)).toEqual(['awaitParent', 'becomeRoot', 'dieWithParent']);
    expect(plan(config).idMaps?.uidMap).toBe('0 100000 65536\n');
    expect(plan(config).child.foreignUserNamespace).toBe(true);
  });

  test('without a cgroup the child waits until its pid is on disk', () => {
    expect(plan(withoutTerminal, {}, 'disabled').child.steps.map(({ kind }) => kind)).toContain('awaitParent');
    expect(plan(withoutTerminal).child.steps.map(({ kind }) => kind)).not.toContain('awaitParent');
  });

  test('--no-new-keyring', () => {
    expect(shape(withoutTerminal, { noNewKeyring: true })).not.toContain('joinKeyring');
  });

  test('no process, no plan', () => {
    const { process: _, ...config } = defaultConfig;
    expect(() => plan(config)).toThrow('process property must not be empty');
  });

  test('LISTEN_FDS reaches the environment', () => {
    const input = {
      request,
      config: withoutTerminal,
      bundle: '/bundle',
      facts,
      cgroupManager: 'cgroupfs' as const,
      environment: [],
    };
    const child = planContainer({ ...input, preserved: { count: 1, listenCount: 1, env: ['LISTEN_FDS=1'] } }).child;
    expect(child.env.at(-1)).toBe('LISTEN_FDS=1');
  });

  test('personality', () => {
    const config = {
      ...withoutTerminal,
      linux: { ...defaultLinux, personality: { domain: 'LINUX32' as const } },
    };
    expect(plan(config).child.personality).toBe(8);
    expect(plan(withoutTerminal).child.personality).toBeUndefined();
  });

  test('no process but the first: run waits for that limit last of all, on memory of its own; create has its gate', () => {
    const config = { ...withoutTerminal, linux: { ...defaultLinux, resources: { pids: { limit: 0 } } } };
    expect(plan(config).child.steps.at(-1)).toEqual({ kind: 'awaitLimits' });
    expect(plan(config).sharesMemory).toBe(false);
    expect(shape(config, { command: 'create' })).not.toContain('awaitLimits');
    const other = { ...withoutTerminal, linux: { ...defaultLinux, resources: { pids: { limit: 1 } } } };
    expect(shape(other)).not.toContain('awaitLimits');
    expect(plan(other).sharesMemory).toBe(true);
  });

  test('scheduling comes last, by whom has the power; processors first, where the container has its own', () => {
    const config: Config = {
      ...withoutTerminal,
      process: { ...defaultProcess, terminal: false, scheduler: { policy: 'SCHED_IDLE' } },
      linux: { ...defaultLinux, memoryPolicy: { mode: 'MPOL_LOCAL' }, resources: { cpu: { cpus: '1' } } },
    };
    const { steps } = plan(config).child;
    expect(steps[0]).toMatchObject({ kind: 'setAffinity', cpus: { ranges: [[0, 65535]] } });
    expect(steps.slice(-2)).toMatchObject([{ kind: 'setMemoryPolicy' }, { kind: 'setScheduling', by: 'child' }]);
    const map = [{ containerID: 0, hostID: 1, size: 6 }];
    const namespaces = [{ type: 'mount' as const }, { type: 'user' as const }];
    const inUsers = plan({ ...config, linux: { namespaces, uidMappings: map, gidMappings: map } });
    expect(inUsers.child.steps.at(-1)).toEqual({ kind: 'setScheduling', by: 'parent' });
    expect(inUsers.child.steps.some(({ kind }) => kind === 'setAffinity')).toBe(false);
  });
});

test('all combinations of namespaces give a plan in order, or one clear refusal', () => {
  const types: readonly NamespaceType[] = ['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time'];
  const mapping = [{ containerID: 0, hostID: 100000, size: 65536 }];
  let planned = 0;
  for (let n = 0; n < 3 ** types.length; n++) {
    const namespaces = types.flatMap((type, i) => {
      const mode = Math.floor(n / 3 ** i) % 3;
      return mode === 0 ? [] : mode === 1 ? [{ type }] : [{ type, path: `/ns/${type}` }];
    });
    const linux = { namespaces, uidMappings: mapping, gidMappings: mapping };
    const config: Config = { ...withoutTerminal, mounts: [], root: { path: 'rootfs' }, linux };
    try {
      plan(config);
      planned++;
    } catch (error) {
      expect((error as { fields?: { kind: string } }).fields?.kind, String(error)).toBe('spec');
    }
  }
  expect(planned).toBeGreaterThan(4000);
});
