/** crun's options about symbolic links. [man crun.1] */
import { expect, test } from 'vitest';
import { knownMountOptions, parseMountOptions } from './parse-mount-options.ts';

test('each sets its part; without any there is nothing', () => {
  const none = { keepSource: false, keepTarget: false, copy: false };
  expect(parseMountOptions(['bind', 'ro']).links).toBeUndefined();
  expect(parseMountOptions(['bind', 'src-nofollow']).links).toEqual({ ...none, keepSource: true });
  expect(parseMountOptions(['dest-nofollow', 'copy-symlink']).links).toEqual({ ...none, keepTarget: true, copy: true });
  expect(knownMountOptions).toEqual(expect.arrayContaining(['src-nofollow', 'dest-nofollow', 'copy-symlink']));
});
