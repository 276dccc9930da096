/**
 * yargs, configured from command-table.ts: one instance for the global flags and one for those of all commands (one each would
 * be 200 KB more of snapshot; a flag of one name has one type in all commands, which a test checks). It decides what each
 * flag's word means, and it is asked while the module is loaded, that is before the start-up snapshot: a parse in the running
 * program costs 0.5 ms on cold pages (measured; all of `state` should take less), looking up its answers 0.01. That the answers
 * put together are what yargs makes of the whole line is tested (flag-parsers.test.ts).
 * No printing, no exit, no help of its own, no numbers from text, no camel case, no nesting by dots, no negation.
 */
import yargs from 'yargs/browser';
import { assert } from '../base/assert.ts';
import { commands, type Flag, globalFlags } from './command-table.ts';

/** `--name=value`, in two parts: `--name=` and the value. */
export interface FlagWord {
  readonly prefix: string;
  readonly value: string;
}

/** A flag that was not given is absent; one that was given several times has a list, in order. */
export interface FlagValues {
  readonly [name: string]: string | boolean | readonly string[] | undefined;
}

type Instance = ReturnType<typeof yargs>;

const parserConfiguration = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': true,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'short-option-groups': false,
  'strip-aliased': true,
  'strip-dashed': false,
};

/** What yargs said about a word: the flag's key and its value, or that the value is the text as it is. */
interface Answer {
  readonly key: string;
  readonly value: boolean | 'as given';
}
type Answers = ReadonlyMap<string, Answer>;

const globalAnswers = askAll(globalFlags);
const commandAnswers = askAll([
  ...new Map(commands.flatMap(({ flags }) => flags.map((flag) => [flag.name, flag]))).values(),
]);

export function parseGlobalFlags(words: readonly FlagWord[]): FlagValues {
  return combine(globalAnswers, words);
}

/** That a flag belongs to the command was checked when the line was split. */
export function parseCommandFlags(words: readonly FlagWord[]): FlagValues {
  return combine(commandAnswers, words);
}

const noValues: FlagValues = Object.freeze({});

function combine(answers: Answers, words: readonly FlagWord[]): FlagValues {
  if (words.length === 0) return noValues;
  const values: { [name: string]: string | boolean | string[] } = Object.create(null);
  for (const { prefix, value } of words) {
    const answer = answers.get(prefix) ?? answers.get(prefix + value);
    assert(answer !== undefined, `no flag ${prefix}`);
    const earlier = values[answer.key];
    // Of a boolean the last word counts; texts are collected, and whoever wants one takes the last.
    if (answer.value !== 'as given') values[answer.key] = answer.value;
    else if (earlier === undefined) values[answer.key] = value;
    else values[answer.key] = Array.isArray(earlier) ? [...earlier, value] : [earlier as string, value];
  }
  return values;
}

/**
 * Asks yargs about every word there can be: all flags in one line, and then the booleans again with the other value (few
 * questions, since what they leave behind lies in the snapshot). A text flag is asked with a text that yargs would like to change.
 */
function askAll(flags: readonly Flag[]): Answers {
  const answers = new Map<string, Answer>();
  const parser = makeYargs(flags);
  const text = '"007"';
  for (const truth of ['true', 'false']) {
    const line = flags.map(({ name, kind }) => `--${name}=${kind === 'boolean' ? truth : text}`);
    const values = parseLine(parser, line);
    for (const { name, kind } of flags) addAnswer(answers, name, kind === 'boolean' ? truth : text, values[name]);
  }
  return answers;
}

function addAnswer(answers: Map<string, Answer>, key: string, asked: string, value: FlagValues[string]): void {
  if (typeof value === 'boolean') answers.set(`--${key}=${asked}`, { key, value });
  else {
    assert(value === asked, `yargs changes the value of --${key}`);
    answers.set(`--${key}=`, { key, value: 'as given' });
  }
}

/** shortCircuit = true: yargs' validation is left out, because split-argv.ts lets through only what is in the table. */
export function parseLine(parser: Instance, words: readonly string[]): FlagValues {
  return parser.parse(words as string[], true as never) as unknown as FlagValues;
}

export function makeYargs(flags: readonly Flag[]): Instance {
  const parser = yargs([]).help(false).version(false).exitProcess(false).parserConfiguration(parserConfiguration);
  for (const flag of flags) {
    // nargs, because yargs strips quotation marks from the value of a plain "--name=value".
    parser.option(flag.name, flag.kind === 'boolean' ? { type: 'boolean' } : { type: 'string', nargs: 1 });
  }
  return parser;
}
