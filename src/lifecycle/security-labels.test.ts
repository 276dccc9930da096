/** Labels through a whole create, run and exec: the right moment, the right procfs, nothing left when they cannot be had. */
import { expect, test } from 'vitest';
import type { Config } from '../spec/config-types.ts';
import {
  execRequest,
  fixtures,
  globals,
  hostFiles,
  hostLines,
  plainConfig,
  requestFor,
  runningFiles,
} from '../testing/containers.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import type { FakeLsm } from '../testing/fake-lsm.ts';
import { runTwoHalves } from '../testing/run-two-halves.ts';
import { createContainer } from './create-container.ts';
import { execInContainer } from './exec-in-container.ts';
import { runContainer } from './run-container.ts';

const lsm: FakeLsm = { apparmor: ['p', 'q'], selinux: ['container_t'] };
const label = 'system_u:system_r:container_t:s0';
const labelled = (config: Config, apparmorProfile = 'p'): Config => ({
  ...config,
  process: { ...(config.process as NonNullable<Config['process']>), apparmorProfile, selinuxLabel: label },
});
const gate = ['{"kind":"go"}'];
const create = (config: Config, host: FakeLsm = lsm) =>
  runTwoHalves({
    files: hostFiles(config),
    lsm: host,
    gate,
    run: (kernel) => createContainer(kernel, globals, requestFor(config)),
  });
const indexOf = (trace: readonly string[], part: string): number => trace.findIndex((line) => line.includes(part));

test.each(['default', 'hooks', 'user namespace'])(
  'create, %s: opened on the host, written behind the hooks',
  (name) => {
    const { parent, child } = create(labelled(fixtures[name] ?? plainConfig));
    expect([parent.end, child.end]).toEqual(['returned', 'executed']);
    const { trace, descriptors } = child.fake;
    const open = indexOf(trace, '"attr/apparmor/exec"');
    const keys = indexOf(trace, 'keyctlJoin');
    const written = indexOf(trace, '"exec p"');
    expect(open).toBeGreaterThan(0);
    expect(indexOf(trace, 'keycreate>, ')).toBeLessThan(keys);
    expect(open).toBeLessThan(indexOf(trace, 'pivotRoot'));
    expect(written).toBeGreaterThan(indexOf(trace, 'pivotRoot'));
    expect(written).toBeLessThan(trace.findIndex((line) => line.includes('"ready"') || line.includes('ready')));
    expect(indexOf(trace, `"${label}"`)).toBeGreaterThan(0);
    expect(descriptors().filter((path) => path.includes('attr'))).toEqual([]);
  },
);

test('run: the same', () => {
  const config = labelled(plainConfig);
  const request = { ...requestFor(config), command: 'run' as const };
  const { parent, child } = runTwoHalves({
    files: hostFiles(config),
    lsm,
    run: (kernel) => runContainer(kernel, globals, request),
  });
  expect([parent.end, child.end]).toEqual(['returned', 'executed']);
  expect(indexOf(child.fake.trace, '"exec p"')).toBeGreaterThan(0);
});

test('exec: the profile of the container, or another, through a procfs of our own that shows processes only', () => {
  for (const [apparmor, want] of [
    [undefined, 'p'],
    ['q', 'q'],
  ] as const) {
    const { child } = runTwoHalves({
      files: runningFiles(labelled(plainConfig)),
      lsm,
      run: (kernel) => execInContainer(kernel, globals, { ...execRequest, apparmor }),
    });
    expect(child.end).toBe('executed');
    const { trace } = child.fake;
    expect(indexOf(trace, `"exec ${want}"`)).toBeGreaterThan(indexOf(trace, '"subset", "pid"'));
    expect(indexOf(trace, '"subset", "pid"')).toBeGreaterThan(0);
  }
});

test.each([
  [
    'no AppArmor',
    labelled(plainConfig),
    { selinux: ['container_t'] },
    /\/process\/apparmorProfile: "p" cannot be applied/,
  ],
  ['no SELinux', labelled(plainConfig), { apparmor: ['p'] }, /\/process\/selinuxLabel/],
  [
    'a profile that is not loaded',
    labelled(plainConfig, 'missing'),
    lsm,
    /profile "missing".*no profile with this name/,
  ],
  [
    'a context that is not known',
    labelled(plainConfig),
    { ...lsm, selinux: [] },
    /SELinux label.*policy does not know/,
  ],
] as const)('%s: refused, nothing left', (_, config, host, words) => {
  const { parent } = create(config, host);
  expect(parent.end).toMatch(words);
  const before = createFakeKernel({ files: hostFiles(config), lsm: host }).world();
  expect(hostLines(parent.fake.world())).toEqual(hostLines(before));
  expect(parent.fake.children()).toEqual([]);
});

test('mountLabel: context of what is mounted, where there is SELinux; else ignored', () => {
  const config: Config = { ...plainConfig, linux: { ...plainConfig.linux, mountLabel: label } };
  const contexts = (host: FakeLsm) => {
    const { parent, child } = create(config, host);
    expect([parent.end, child.end]).toEqual(['returned', 'executed']);
    return child.fake.trace.filter((line) => line.includes('"context"'));
  };
  expect(contexts({ apparmor: [] })).toEqual([]);
  // /dev, /dev/pts, /dev/shm and the cover of masked directories; not /proc, /sys, cgroup2 and mqueue.
  expect(contexts(lsm)).toHaveLength(4);
  const { child } = create(config);
  expect(child.fake.trace.filter((line) => line.includes('security.selinux'))).toHaveLength(1);
});
