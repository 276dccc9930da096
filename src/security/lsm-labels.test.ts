/** Security labels: what is asked for on which host, what is written, what is compared with what the kernel kept. */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, Fd } from '../kernel/fd.ts';
import { readLsmFacts } from '../kernel/read-lsm-facts.ts';
import type { Config, Process } from '../spec/config-types.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import type { FakeLsm } from '../testing/fake-lsm.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { applyKeyLabel, applyLabels, openLabels } from './apply-lsm-labels.ts';
import { type LabelPlan, namesLabels, planLabels, requireLabels } from './plan-lsm-labels.ts';

const process = (properties: Partial<Process>): Process => ({ cwd: '/', args: ['x'], ...properties });
const context = 'system_u:system_r:container_t:s0:c1,c2';
const both = { apparmor: true, selinux: true };
const none = { apparmor: false, selinux: false };

describe('what is asked for', () => {
  test('nothing, also by empty text', () => {
    expect(planLabels(process({}), '')).toBeUndefined();
    expect(planLabels(process({ apparmorProfile: '', selinuxLabel: '' }), '')).toBeUndefined();
    expect(namesLabels({ process: process({ apparmorProfile: '' }), linux: { mountLabel: '' } } as Config)).toBe(false);
    expect(namesLabels({ linux: { mountLabel: 'x' } } as Config)).toBe(true);
  });
  test("exec takes the container's where its own process names none, never less", () => {
    const container = process({ apparmorProfile: 'a', selinuxLabel: context });
    expect(planLabels(process({ apparmorProfile: '' }), '', container)).toEqual({
      apparmor: { label: 'a', pointer: '/process/apparmorProfile' },
      selinux: { label: context, pointer: '/process/selinuxLabel' },
    });
    expect(planLabels(process({ apparmorProfile: 'b' }), '', container)?.apparmor).toEqual({
      label: 'b',
      pointer: '/apparmorProfile',
    });
  });
});

describe('what the host can give', () => {
  const profile = planLabels(process({ apparmorProfile: 'p' }), '/process');
  const label = planLabels(process({ selinuxLabel: context }), '/process');
  const unconfined = planLabels(process({ apparmorProfile: 'unconfined' }), '/process');
  test.each([none, undefined])('a module that is off is an error: %j', (facts) => {
    expect(() => requireLabels(profile, facts)).toThrow(
      /^\/process\/apparmorProfile: "p" cannot be applied: AppArmor is not enabled on this host/,
    );
    expect(() => requireLabels(label, facts)).toThrow(
      /^\/process\/selinuxLabel: .*SELinux is not enabled, or has no policy/,
    );
  });
  test('unconfined is what everybody is without AppArmor; with it, it is written like any other', () => {
    expect(requireLabels(unconfined, none)).toBeUndefined();
    expect(requireLabels(unconfined, both)).toEqual(unconfined);
    expect(requireLabels(undefined, undefined)).toBeUndefined();
  });
  const facts = (lsm: FakeLsm) => readLsmFacts(createFakeKernel({ files: {}, lsm }).kernel);
  test('facts of hosts', () => {
    expect(readLsmFacts(createFakeKernel({ files: {} }).kernel)).toEqual(none);
    expect(facts({ apparmor: [] })).toEqual({ apparmor: true, selinux: false });
    expect(facts({ selinux: [] })).toEqual({ apparmor: false, selinux: true });
  });
  test('SELinux without a policy is off, so is a directory that only looks like selinuxfs, and AppArmor that was switched off', () => {
    const { kernel } = createFakeKernel({ files: {}, lsm: { apparmor: [], selinux: [] } });
    const set = (path: string, text: string) => kernel.write(kernel.openat2(cwdFd, path, 1, 0, 0), text);
    set('/proc/self/attr/current', `kernel${'\0'.repeat(50)}`);
    set('/sys/module/apparmor/parameters/enabled', 'N\n');
    expect(readLsmFacts(kernel)).toEqual(none);
    const files = { sys: { fs: { selinux: {} } } };
    expect(readLsmFacts(createFakeKernel({ files }).kernel).selinux).toBe(false);
  });
});

describe('writing', () => {
  const lsm = { apparmor: ['p', 'b', 'a'], selinux: ['container_t'] };
  const apply = (plan: LabelPlan) => {
    const { kernel, trace, descriptors } = createFakeKernel({ files: {}, lsm });
    const self = kernel.openat2(cwdFd, '/proc/self', 0x200000, 0, 0);
    const opened = openLabels(kernel, self, plan);
    applyKeyLabel(kernel, self, plan.selinux);
    kernel.close(self);
    applyLabels(kernel, opened, plan);
    return { trace, descriptors };
  };
  const apparmor = (label: string): LabelPlan => ({ apparmor: { label, pointer: '/p' }, selinux: undefined });
  const selinux = (label: string): LabelPlan => ({ apparmor: undefined, selinux: { label, pointer: '/s' } });
  test('the profile, below /proc/self alone, and nothing stays open', () => {
    const { trace, descriptors } = apply(apparmor('p'));
    expect(trace.filter((line) => line.startsWith('write'))).toEqual([expect.stringContaining('"exec p"')]);
    expect(trace.some((line) => line.startsWith('openat2(</proc/self>, "attr/apparmor/exec"'))).toBe(true);
    expect(descriptors()).toEqual([]);
  });
  test('the context, and that of the keys', () => {
    const { trace, descriptors } = apply(selinux(context));
    expect(trace.filter((line) => line.startsWith('write'))).toEqual([
      expect.stringContaining('keycreate'),
      expect.stringContaining('attr/exec'),
    ]);
    expect(descriptors()).toEqual([]);
  });
  test('what is not known is named as such', () => {
    expect(() => apply(apparmor('q'))).toThrow(
      /^apply the AppArmor profile "q": \/p: .*ENOENT.*no profile with this name is loaded/,
    );
    expect(() => apply(selinux('u:r:x_t:s0'))).toThrow(
      /SELinux label "u:r:x_t:s0": .*\/s: .*EINVAL.*policy does not know/,
    );
  });
  test('no file for it: an error, not a container without', () => {
    const { kernel } = createFakeKernel({ files: {} });
    const self = kernel.openat2(cwdFd, '/proc/self', 0x200000, 0, 0);
    expect(() => openLabels(kernel, self, apparmor('p'))).toThrow(/\/p: .*ENOENT/);
  });
  const keeping = (text: string) => stubKernel({ write: () => {}, readAll: () => text, close: () => {} }).kernel;
  const opened = { apparmor: new Fd<'object'>(3, 'a'), selinux: new Fd<'object'>(4, 's') };
  test.each([
    ['p', 'p (enforce)\n'],
    ['p', 'p (complain)\n'],
    ['with (brackets)', 'with (brackets) (enforce)\n'],
    ['unconfined', 'unconfined\n'],
    ['b//&a', 'a//&b (enforce)\n'],
    [':ns:p', ':ns://p (enforce)\n'],
  ])('%j kept as %j is what was asked for', (asked, text) => {
    expect(() => applyLabels(keeping(text), opened, apparmor(asked))).not.toThrow();
  });
  test.each([
    ['p', ''],
    ['p', 'unconfined\n'],
    ['p', 'p2 (enforce)\n'],
    ['p', 'p//&unconfined (enforce)\n'],
    ['b//&a', 'b (enforce)\n'],
    [':ns:p', 'p (enforce)\n'],
  ])('%j kept as %j is an error', (asked, text) => {
    expect(() => applyLabels(keeping(text), opened, apparmor(asked))).toThrow(/\/p: the kernel kept/);
  });
  test('levels of SELinux may be written differently, the rest may not', () => {
    const check = (text: string) => () => applyLabels(keeping(text), opened, selinux('u:r:t:s0:c1,c2,c3'));
    expect(check('u:r:t:s0:c1.c3\0')).not.toThrow();
    expect(check('u:r:t2:s0:c1.c3\0')).toThrow(/\/s: the kernel kept/);
    expect(check('u:r:t:s0\0')).toThrow(/\/s: the kernel kept/);
    expect(check('')).toThrow(/\/s: the kernel kept/);
  });
  test.each(['EACCES', 'EPERM'])('%s: who runs runt is confined', (errno) => {
    const { kernel } = stubKernel({
      write: () => {
        throw new RuntimeError({ kind: 'kernel', syscall: 'write', errno });
      },
    });
    expect(() => applyLabels(kernel, opened, apparmor('p'))).toThrow(/runt itself is confined/);
  });
});
