/** Unit tests run in Node: the native module is replaced by a stand-in that only knows the architecture. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { 'native:kernel': new URL('src/testing/native-stand-in.ts', import.meta.url).pathname } },
  test: { include: ['src/**/*.test.ts', 'native/**/*.test.ts', 'scripts/**/*.test.ts'] },
});
