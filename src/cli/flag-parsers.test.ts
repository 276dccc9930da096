import { describe, expect, it } from 'vitest';
import { makeYargs, parseLine } from './ask-yargs.ts';
import { commands, type Flag, globalFlags } from './command-table.ts';
import { type FlagWord, parseCommandFlags, parseGlobalFlags } from './flag-parsers.ts';

const texts = [
  'x',
  '',
  '"a b"',
  "'q'",
  '--dash',
  '-1',
  '007',
  '1e3',
  'a=b',
  'a.b',
  'true',
  'null',
  'line\nline',
  '__proto__',
  'é',
];

/** A word for every flag and every nasty text, each flag twice in a row at the end. */
function allWords(flags: readonly Flag[]): FlagWord[] {
  const words: FlagWord[] = [];
  for (const flag of flags) {
    const values = flag.kind === 'boolean' ? ['false', 'true'] : texts;
    for (const value of values) words.push({ prefix: `--${flag.name}=`, value });
  }
  return words;
}

/** What yargs makes of the whole line at once, without what it adds about arguments. */
function whole(flags: readonly Flag[], words: readonly FlagWord[]): object {
  const { _, $0, ...values } = parseLine(
    makeYargs(flags),
    words.map(({ prefix, value }) => prefix + value),
  ) as { [name: string]: unknown };
  return values;
}

describe('looked-up answers are what yargs makes of the whole line', () => {
  it('each word alone: global flags', () => {
    for (const word of allWords(globalFlags))
      expect({ ...parseGlobalFlags([word]) }).toEqual(whole(globalFlags, [word]));
  });
  it('all global flags at once, repeated', () => {
    const words = allWords(globalFlags);
    expect({ ...parseGlobalFlags(words) }).toEqual(whole(globalFlags, words));
  });
  it.each(commands.map((command) => [command.name, command] as const))('%s', (_name, command) => {
    const words = allWords(command.flags);
    for (const word of words) expect({ ...parseCommandFlags([word]) }).toEqual(whole(command.flags, [word]));
    expect({ ...parseCommandFlags(words) }).toEqual(whole(command.flags, words));
  });
});

it('a flag of one name has one type and one short name in all commands', () => {
  const seen = new Map<string, string>();
  for (const { flags } of commands) {
    for (const { name, kind, short } of flags) {
      const shape = `${kind} ${short ?? ''}`;
      expect(seen.get(name) ?? shape).toBe(shape);
      seen.set(name, shape);
    }
  }
});
