import { expect, it } from 'vitest';
import { validateFeatures } from '../spec/generated/validate.js';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import { showFeatures } from './show-features.ts';

const fake = createFakeKernel({ files: {} });
const kernel = new Proxy(fake.kernel, {
  get: (target, name: keyof typeof fake.kernel) =>
    name === 'buildInfo' ? { version: '0.1.0', commit: 'c', quickjs: 'q' } : target[name],
});
const features = showFeatures(kernel);

it('is what the schema says', () => {
  expect(validateFeatures(features)).toBe(true);
});

it('lists what create carries out', () => {
  expect(features.linux?.seccomp?.actions).toContain('SCMP_ACT_NOTIFY');
});

it('lists nothing that create refuses', () => {
  expect(features.linux?.netDevices?.enabled).toBe(true);
  // Big-endian, and too young for the library.
  for (const name of ['SCMP_ARCH_S390X', 'SCMP_ARCH_LOONGARCH64'])
    expect(features.linux?.seccomp?.archs).not.toContain(name);
  expect(features.linux?.seccomp?.archs).toEqual(expect.arrayContaining(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32']));
});

it('lists the memory policies that planners know', () => {
  expect(features.linux?.memoryPolicy?.modes).toHaveLength(7);
  expect(features.linux?.memoryPolicy?.flags).toContain('MPOL_F_STATIC_NODES');
});

// [shows features-linux.md#mountextensions/1]
it('has what containerd and cri-o look for', () => {
  expect(features.mountOptions).toEqual(expect.arrayContaining(['rro', 'idmap', 'ridmap']));
  expect(features.linux?.mountExtensions?.idmap?.enabled).toBe(true);
  expect(features.linux?.namespaces).toContain('user');
  expect(features.linux?.seccomp?.actions).toContain('SCMP_ACT_ERRNO');
});
