/**
 * What create will do and what it does, word by word, for the default configuration: the plan as JSON, and every call of parent
 * and child in order, descriptors by name. A change shows as a difference to be reviewed: vitest -u writes the files anew.
 * conformance/errors/golden-twin.test.ts holds the real binary against the same files.
 */
import { expect, test } from 'vitest';
import { formatPlan } from '../cli/print-output.ts';
import { fixtures, globals, hostFiles, plainConfig, requestFor } from '../testing/containers.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import { runTwoHalves } from '../testing/run-two-halves.ts';
import { createContainer } from './create-container.ts';
import { showPlan } from './show-plan.ts';

test.each(['default', 'user namespace'])('plan of %s', async (name) => {
  const config = fixtures[name] ?? plainConfig;
  const { kernel } = createFakeKernel({ files: hostFiles(config) });
  const plan = showPlan(kernel, globals, { id: 'web', bundle: '/bundle', configFile: undefined });
  await expect(formatPlan(plan)).toMatchFileSnapshot(`../testing/golden/plan-${name.replaceAll(/\W+/g, '-')}.json.txt`);
});

test('traces of create with the default configuration', async () => {
  const files = hostFiles(plainConfig);
  const run = (kernel: Parameters<typeof createContainer>[0]) =>
    createContainer(kernel, globals, requestFor(plainConfig));
  const { parent, child } = runTwoHalves({ files, run, gate: ['{"kind":"go"}'] });
  expect([parent.end, child.end]).toEqual(['returned', 'executed']);
  const text = (trace: readonly string[]) => `${trace.join('\n')}\n`;
  await expect(text(parent.fake.trace)).toMatchFileSnapshot('../testing/golden/create-parent.txt');
  const born = child.fake.trace.findIndex((line) => line.startsWith('clone3('));
  await expect(text(child.fake.trace.slice(born + 1))).toMatchFileSnapshot('../testing/golden/create-child.txt');
});
