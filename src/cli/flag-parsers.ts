/**
 * yargs, one instance for each command and one for the global flags, configured from command-table.ts. It decides what each
 * flag's word means, and it is asked while the module is loaded, that is before the start-up snapshot: a parse in the running
 * program costs 0.5 ms on cold pages (measured; all of `state` should take less), looking up its answers 0.01. That the answers
 * put together are what yargs makes of the whole line is tested (flag-parsers.test.ts).
 * No printing, no exit, no help of its own, no numbers from text, no camel case, no nesting by dots, no negation.
 */
import yargs from 'yargs/browser';
import { assert } from '../base/assert.ts';
import { type CommandName, commands, type Flag, globalFlags } from './command-table.ts';

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
const commandAnswers: ReadonlyMap<CommandName, Answers> = new Map(
  commands.map((command) => [command.name, askAll(command.flags)]),
);

export function parseGlobalFlags(words: readonly FlagWord[]): FlagValues {
  return combine(globalAnswers, words);
}

export function parseCommandFlags(command: CommandName, words: readonly FlagWord[]): FlagValues {
  return combine(commandAnswers.get(command) as Answers, words);
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

/** Asks yargs about every word there can be. A text flag is asked with a text that yargs would like to change. */
function askAll(flags: readonly Flag[]): Answers {
  const parser = makeYargs(flags);
  const answers = new Map<string, Answer>();
  for (const flag of flags) {
    const prefix = `--${flag.name}=`;
    if (flag.kind !== 'boolean') answers.set(prefix, ask(parser, flag, '"007"'));
    else for (const truth of ['true', 'false']) answers.set(prefix + truth, ask(parser, flag, truth));
  }
  return answers;
}

function ask(parser: Instance, flag: Flag, text: string): Answer {
  const value = parseLine(parser, [`--${flag.name}=${text}`])[flag.name];
  if (typeof value === 'boolean') return { key: flag.name, value };
  assert(value === text, `yargs changes the value of --${flag.name}`);
  return { key: flag.name, value: 'as given' };
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
