/**
 * Unit tests run in Node: the native module is replaced by a stand-in that only knows the architecture, and the two modules
 * that yargs/browser imports by address by the npm copy and a stand-in, as scripts/build.mjs does for the binary.
 */
import { defineConfig } from 'vitest/config';

const local = (path: string) => new URL(path, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: [
      { find: 'native:kernel', replacement: local('src/testing/native-stand-in.ts') },
      { find: /^https:\/\/unpkg\.com\/cliui@.*$/, replacement: local('src/testing/cliui-stand-in.ts') },
      { find: /^https:\/\/unpkg\.com\/yargs-parser@.*$/, replacement: local('node_modules/yargs-parser/browser.js') },
    ],
  },
  test: {
    include: ['src/**/*.test.ts', 'native/**/*.test.ts', 'scripts/**/*.test.ts'],
    server: { deps: { inline: ['yargs', 'yargs-parser'] } },
  },
});
