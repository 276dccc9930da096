/**
 * Words of the command line -> values. What each flag's word means was decided by yargs while runt was built (ask-yargs.ts);
 * here its answers are looked up. That the answers put together are what yargs makes of the whole line is tested
 * (flag-parsers.test.ts). Whether a flag exists and belongs to the command was checked before, when the line was split.
 */
import { assert } from '../base/assert.ts';
import { commandAnswers, globalAnswers } from './generated/flag-answers.ts';

/** `--name=value`, in two parts: `--name=` and the value. */
export interface FlagWord {
  readonly prefix: string;
  readonly value: string;
}

/** A flag that was not given is absent; one that was given several times has a list, in order. */
export interface FlagValues {
  readonly [name: string]: string | boolean | readonly string[] | undefined;
}

type Answer = (typeof globalAnswers)[number];
type Answers = ReadonlyMap<string, Answer>;

const byWord = (answers: readonly Answer[]): Answers => new Map(answers.map((answer) => [answer[0], answer]));
const globalTable = byWord(globalAnswers);
const commandTable = byWord(commandAnswers);

export function parseGlobalFlags(words: readonly FlagWord[]): FlagValues {
  return combine(globalTable, words);
}

export function parseCommandFlags(words: readonly FlagWord[]): FlagValues {
  return combine(commandTable, words);
}

const noValues: FlagValues = Object.freeze({});

function combine(answers: Answers, words: readonly FlagWord[]): FlagValues {
  if (words.length === 0) return noValues;
  const values: { [name: string]: string | boolean | string[] } = Object.create(null);
  for (const { prefix, value } of words) {
    const answer = answers.get(prefix) ?? answers.get(prefix + value);
    assert(answer !== undefined, `no flag ${prefix}`);
    const [, key, meaning] = answer;
    const earlier = values[key];
    // Of a boolean the last word counts; texts are collected, and whoever wants one takes the last.
    if (meaning !== 'as given') values[key] = meaning;
    else if (earlier === undefined) values[key] = value;
    else values[key] = Array.isArray(earlier) ? [...earlier, value] : [earlier as string, value];
  }
  return values;
}
