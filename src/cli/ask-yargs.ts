/**
 * yargs, configured from command-table.ts: it decides what each flag's word means. It is asked while runt is built
 * (scripts/generate-flag-answers.mjs), as ajv is: its code would be a fifth of the start-up snapshot, and a parse in the running
 * program costs 0.5 ms on cold pages. The program looks its answers up (flag-parsers.ts) and must not import this file.
 * No printing, no exit, no help of its own, no numbers from text, no camel case, no nesting by dots, no negation.
 */
import yargs from 'yargs';
import { commands, type Flag, globalFlags } from './command-table.ts';

type Instance = ReturnType<typeof yargs>;
type Values = { readonly [name: string]: string | boolean | readonly string[] | undefined };

/** What yargs says to a word: the flag's key, and its value, or that the value is the text as it is. */
export type FlagAnswer = readonly [word: string, key: string, value: boolean | 'as given'];

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

/** A flag of one name has one type in all commands, which a test checks. */
export function askYargs(): { globalAnswers: FlagAnswer[]; commandAnswers: FlagAnswer[] } {
  const flags = new Map(commands.flatMap((command) => command.flags.map((flag) => [flag.name, flag])));
  return { globalAnswers: askAll(globalFlags), commandAnswers: askAll([...flags.values()]) };
}

/**
 * Every word there can be: all flags in one line, and then the booleans again with the other value. A text flag is asked with
 * a text that yargs would like to change.
 */
function askAll(flags: readonly Flag[]): FlagAnswer[] {
  const answers = new Map<string, FlagAnswer>();
  const parser = makeYargs(flags);
  const text = '"007"';
  for (const truth of ['true', 'false']) {
    const asked = (flag: Flag) => (flag.kind === 'boolean' ? truth : text);
    const values = parseLine(
      parser,
      flags.map((flag) => `--${flag.name}=${asked(flag)}`),
    );
    for (const flag of flags) {
      const answer = answerOf(flag.name, asked(flag), values[flag.name]);
      answers.set(answer[0], answer);
    }
  }
  return [...answers.values()];
}

function answerOf(key: string, asked: string, value: Values[string]): FlagAnswer {
  if (typeof value === 'boolean') return [`--${key}=${asked}`, key, value];
  if (value !== asked) throw new Error(`yargs changes the value of --${key}`);
  return [`--${key}=`, key, 'as given'];
}

/** shortCircuit = true: yargs' validation is left out, because split-argv.ts lets through only what is in the table. */
export function parseLine(parser: Instance, words: readonly string[]): Values {
  return parser.parse(words as string[], true as never) as unknown as Values;
}

export function makeYargs(flags: readonly Flag[]): Instance {
  const parser = yargs([]).help(false).version(false).exitProcess(false).parserConfiguration(parserConfiguration);
  for (const flag of flags) {
    // nargs, because yargs strips quotation marks from the value of a plain "--name=value".
    parser.option(flag.name, flag.kind === 'boolean' ? { type: 'boolean' } : { type: 'string', nargs: 1 });
  }
  return parser;
}
