import { fileURLToPath } from 'node:url';
/** Tests of the real binary on the real kernel. scripts/test.mjs runs them as root inside private namespaces. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['conformance/**/*.test.ts'],
    globalSetup: ['conformance/harness/global-setup.ts'],
    testTimeout: 30_000,
    pool: 'forks',
    // Files share one process table and one cgroup tree: the leak audit of one would see the containers of another.
    fileParallelism: false,
  },
});
