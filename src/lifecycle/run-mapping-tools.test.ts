/** Where newuidmap is looked for, and what is said when it is not there. What it does: conformance/config/rootless.test.ts. */
import { expect, test } from 'vitest';
import { stubKernel } from '../testing/stub-kernel.ts';
import { runMappingTools } from './run-mapping-tools.ts';

function lookedAt(environment: readonly string[]): readonly unknown[] {
  const { kernel, calls } = stubKernel({ environ: () => environment, faccessat2: () => 'ENOENT' });
  expect(() => runMappingTools(kernel, 42, { newuidmap: ['0', '1', '2'] })).toThrow(
    '/linux/uidMappings: needs newuidmap, which is not installed',
  );
  return calls.filter(([name]) => name === 'faccessat2').map(([, , path]) => path);
}
const usual = ['/usr/bin', '/usr/local/bin', '/bin', '/usr/sbin', '/run/wrappers/bin'].map(
  (each) => `${each}/newuidmap`,
);

test('in the absolute directories of the caller’s PATH, then in the usual places', () => {
  expect(lookedAt(['A=b', 'PATH=/opt/bin:.:relative::/own'])).toEqual([
    '/opt/bin/newuidmap',
    '/own/newuidmap',
    ...usual,
  ]);
  expect(lookedAt([])).toEqual(usual);
});

test('nothing to write, nothing looked for', () => {
  const { kernel, calls } = stubKernel({});
  runMappingTools(kernel, 42, {});
  expect(calls).toEqual([]);
});
