/** What features lists, create takes: each element put into a configuration. [spec features.md, features-linux.md] */
import { describe, expect, test } from 'vitest';
import { checkCarriedOut } from '../spec/check-carried-out.ts';
import { checkConfig } from '../spec/check-config.ts';
import { defaultConfig, formatSpec } from '../spec/default-config.ts';
import { type Edits, editJson } from '../testing/edit-json.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import { showFeatures } from './show-features.ts';

const features = showFeatures(createFakeKernel({ files: {} }).kernel);
const text = formatSpec(defaultConfig);
const taken = (edits: Edits): unknown => {
  const checked = checkConfig(editJson(text, edits));
  return checked.faults ?? checkCarriedOut(checked.config);
};
const json = JSON.stringify;
const seccomp = (more: object) => taken({ '/linux/seccomp': json({ defaultAction: 'SCMP_ACT_ALLOW', ...more }) });

// [shows features.md#specification-version/1..4]
test.each([features.ociVersionMin, features.ociVersionMax])('ociVersion %s', (version) => {
  expect(taken({ '/ociVersion': json(version) })).toEqual([]);
});

// [shows features.md#specification-version/5]
test('the highest version is not below the lowest', () => {
  const parts = (version: string) => version.split('.').map((part) => Number.parseInt(part, 10));
  const [low, high] = [parts(features.ociVersionMin), parts(features.ociVersionMax)];
  expect(high.findIndex((part, i) => part !== low[i])).toBeGreaterThanOrEqual(0);
  const at = high.findIndex((part, i) => part !== low[i]);
  expect(high[at]).toBeGreaterThan(low[at] ?? 0);
});

// [shows features.md#hooks/1]
test.each(features.hooks ?? [])('hook %s', (name) => {
  expect(taken({ '/hooks': json({ [name]: [{ path: '/bin/x' }] }) })).toEqual([]);
});

describe('mount options', () => {
  const needsMapping = new Set(['idmap', 'ridmap']);
  // [shows features.md#mount-options/1]
  test.each(features.mountOptions ?? [])('%s', (option) => {
    const map = [{ containerID: 0, hostID: 1000, size: 1 }];
    const mapping = needsMapping.has(option) ? { uidMappings: map, gidMappings: map } : {};
    const options = needsMapping.has(option) ? ['bind', option] : [option];
    const mount = { destination: '/x', type: 'none', source: '/x', options, ...mapping };
    expect(taken({ '/mounts/7': json(mount) })).toEqual([]);
  });
  // [shows features.md#mount-options/2]
  test('none of them is one of a file system', () => {
    for (const option of ['size', 'mode', 'uid', 'gid', 'lowerdir', 'newinstance', 'hidepid'])
      expect(features.mountOptions).not.toContain(option);
  });
});

// [shows features-linux.md#namespaces/1]
test.each((features.linux?.namespaces ?? []).filter((type) => type !== 'user'))('namespace %s', (type) => {
  expect(
    taken({
      '/linux/namespaces': json(
        [{ type: 'mount' }, { type: 'uts' }, { type: 'ipc' }]
          .concat({ type })
          .filter((each, i, all) => all.findIndex((other) => other.type === each.type) === i),
      ),
    }),
  ).toEqual([]);
});

// [shows features-linux.md#capabilities/1]
test.each(features.linux?.capabilities ?? [])('%s', (name) => {
  const checked = checkConfig(editJson(text, { '/process/capabilities': json({ bounding: [name] }) }));
  expect(checked.faults).toBeUndefined();
  expect(checked.warnings).toEqual([]);
});

describe('seccomp', () => {
  const {
    actions = [],
    operators = [],
    archs = [],
    knownFlags = [],
    supportedFlags = [],
  } = features.linux?.seccomp ?? {};
  // [shows features-linux.md#seccomp/1]
  test.each(actions ?? [])('%s', (action) => {
    const listener = action === 'SCMP_ACT_NOTIFY' ? { listenerPath: '/run/listener' } : {};
    expect(seccomp({ syscalls: [{ names: ['sync'], action }], ...listener })).toEqual([]);
  });
  // [shows features-linux.md#seccomp/2]
  test.each(operators ?? [])('%s', (op) => {
    const args = [{ index: 0, value: 1, valueTwo: 1, op }];
    expect(seccomp({ syscalls: [{ names: ['sync'], action: 'SCMP_ACT_ERRNO', args }] })).toEqual([]);
  });
  // [shows features-linux.md#seccomp/3]
  test.each(archs ?? [])('%s', (architecture) => {
    expect(seccomp({ architectures: [architecture] })).toEqual([]);
  });
  // [shows features-linux.md#seccomp/4 features-linux.md#seccomp/5]
  test.each(knownFlags ?? [])('%s', (flag) => {
    expect(seccomp({ flags: [flag] })).toEqual([]);
  });
  test('what is supported is known', () => {
    expect(knownFlags).toEqual(expect.arrayContaining([...(supportedFlags ?? [])]));
  });
});

// [shows features-linux.md#memorypolicy/1]
test.each(features.linux?.memoryPolicy?.modes ?? [])('memory policy %s', (mode) => {
  const nodes = mode === 'MPOL_DEFAULT' || mode === 'MPOL_LOCAL' ? '' : '0';
  expect(taken({ '/linux/memoryPolicy': json({ mode, nodes }) })).toEqual([]);
});

// [shows features-linux.md#memorypolicy/2]
test.each(features.linux?.memoryPolicy?.flags ?? [])('memory policy with %s', (flag) => {
  expect(taken({ '/linux/memoryPolicy': json({ mode: 'MPOL_BIND', nodes: '0', flags: [flag] }) })).toEqual([]);
});

// [shows features.md#annotations/1]
test('nothing of it depends on the host but what the kernel filters, and annotations are texts', () => {
  for (const value of Object.values(features.annotations ?? {})) expect(typeof value).toBe('string');
});

const [schemaText = '{}'] = Object.values(
  import.meta.glob<string>('../../schemas/features.json', { query: '?raw', import: 'default', eager: true }),
);

// [shows features.md#specification-version/6]
test('it has no property that the specification does not define', () => {
  interface Schema {
    readonly properties?: { readonly [key: string]: Schema };
    readonly additionalProperties?: unknown;
  }
  const walk = (value: unknown, schema: Schema | undefined, at: string): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    // A map: annotations.
    if (schema?.properties === undefined) return;
    for (const [key, member] of Object.entries(value)) {
      expect(Object.keys(schema.properties), at).toContain(key);
      walk(member, schema.properties[key], `${at}/${key}`);
    }
  };
  walk(features, JSON.parse(schemaText), '');
  expect(Object.keys(JSON.parse(schemaText).properties)).toContain('linux');
});
