import { describe, expect, test } from 'vitest';
import type { Seccomp } from '../spec/config-types.ts';
import { formatProcessState, planSeccompListener, usesNotify } from './plan-seccomp-listener.ts';

const notify: Seccomp = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
};
const plan = (
  seccomp: Partial<Seccomp> | undefined,
  annotations?: Record<string, string>,
  environment: readonly string[] = [],
) => planSeccompListener({ seccomp: seccomp && { ...notify, ...seccomp }, annotations, environment });
const annotation = { 'run.oci.seccomp.receiver': '/annotated' };
const environment = ['PATH=/bin', 'RUN_OCI_SECCOMP_RECEIVER=/variable'];

describe('who is given the listener', () => {
  test.each([
    ['listenerPath', plan({ listenerPath: '/agent' }), { path: '/agent' }],
    ['with metadata', plan({ listenerPath: '/a', listenerMetadata: 'm' }), { path: '/a', metadata: 'm' }],
    ['the variable before listenerPath', plan({ listenerPath: '/a' }, undefined, environment), { path: '/variable' }],
    ['the annotation before both', plan({ listenerPath: '/a' }, annotation, environment), { path: '/annotated' }],
    ['no filter', plan(undefined, annotation, environment), undefined],
    ['no notify: listenerPath is ignored', plan({ listenerPath: 'x', syscalls: [] }, annotation), undefined],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });

  test.each<readonly [string, () => unknown, string]>([
    ['nobody', () => plan({}), '/linux/seccomp/listenerPath: is missing'],
    ['an empty path', () => plan({ listenerPath: '' }), '/linux/seccomp/listenerPath: is missing'],
    ['a relative path', () => plan({ listenerPath: 'a' }), '/linux/seccomp/listenerPath: must be an absolute path'],
    [
      'a relative annotation',
      () => plan({}, { 'run.oci.seccomp.receiver': './a' }),
      '/annotations/run.oci.seccomp.receiver: must be an absolute path (got "./a")',
    ],
    [
      'a relative variable',
      () => plan({}, undefined, ['RUN_OCI_SECCOMP_RECEIVER=a']),
      '$RUN_OCI_SECCOMP_RECEIVER: must be an absolute path',
    ],
  ])('%s is refused', (_, act, message) => {
    expect(act).toThrow(message);
  });
});

test('usesNotify', () => {
  expect(usesNotify(notify)).toBe(true);
  expect(usesNotify({ defaultAction: 'SCMP_ACT_ALLOW' })).toBe(false);
  expect(usesNotify(undefined)).toBe(false);
});

test('the container process state, in the specification’s shape', () => {
  const state = '{"ociVersion":"1.3.0","id":"a","status":"created","pid":7,"bundle":"/b"}';
  expect(formatProcessState({ ociVersion: '1.3.0', pid: 8, metadata: 'x"y', state })).toBe(
    `{"ociVersion":"1.3.0","fds":["seccompFd"],"pid":8,"metadata":"x\\"y","state":${state}}`,
  );
  expect(JSON.parse(formatProcessState({ ociVersion: '1', pid: 8, metadata: undefined, state }))).not.toHaveProperty(
    'metadata',
  );
});
