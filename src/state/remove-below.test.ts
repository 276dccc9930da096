import { expect, test } from 'vitest';
import { cwdFd } from '../kernel/fd.ts';
import { O_RDONLY } from '../kernel/flags.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import type { Tree } from '../testing/fake-world.ts';
import { removeBelow } from './remove-below.ts';

const deep = (levels: number): Tree => {
  let tree: Tree = { file: 'x', link: { $link: '/other' } };
  for (let level = 0; level < levels; level++) tree = { below: tree, file: 'x', empty: {} };
  return tree;
};

test.each([0, 1, 2, 700])('a tree of %i levels goes, and nothing beside it', (levels) => {
  const fake = createFakeKernel({ files: { notify: deep(levels), other: { file: 'stays' } } });
  const top = fake.kernel.openat2(cwdFd, '/notify', O_RDONLY, 0, 0);
  removeBelow(fake.kernel, top as never);
  expect(fake.world().filter((line) => line.startsWith('/notify/'))).toEqual([]);
  expect(fake.world().filter((line) => line.startsWith('/other/'))).toHaveLength(1);
  expect(fake.descriptors()).toEqual(['/notify']);
});
