/**
 * Unit tests run in Node: the native module is replaced by a stand-in that only knows the architecture.
 */
import { defineConfig } from 'vitest/config';

const local = (path: string) => new URL(path, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: [{ find: 'native:kernel', replacement: local('src/testing/native-stand-in.ts') }],
  },
  test: {
    include: ['src/**/*.test.ts', 'native/**/*.test.ts', 'scripts/**/*.test.ts'],
    // The sweeps take seconds, and many times that on a machine that is busy with something else.
    testTimeout: 60_000,
  },
});
