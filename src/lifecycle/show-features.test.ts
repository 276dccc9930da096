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
