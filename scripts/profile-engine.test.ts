/** The engine's profile is of the engine that is compiled: after another version of it, `npm run profile` is due. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { profiledEngine } from './build.mjs';

const at = (name: string) => new URL(`../native/profile/${name}`, import.meta.url);

test('it was made with the engine of Cargo.lock', () => {
  const engineOf = (text: string) => text.split('\n')[2];
  expect(engineOf(readFileSync(at('made-with'), 'utf8'))).toBe(engineOf(profiledEngine()));
});

test.each(['quickjs', 'libregexp', 'libunicode', 'dtoa'])(
  '%s.gcda is what GCC reads, and knows of executions',
  (name) => {
    const bytes = readFileSync(at(`${name}.gcda`));
    expect(bytes.toString('latin1', 0, 4)).toBe('adcg');
    // The summary's words: its tag, its length, how many processes were counted, and the most that one counter has.
    const [tag, , processes, most] = [16, 20, 24, 28].map((offset) => bytes.readUInt32LE(offset));
    expect(tag).toBe(0xa1000000);
    expect(processes).toBeGreaterThan(64);
    expect(most).toBeGreaterThan(1000);
  },
);
