/**
 * yargs, one instance for each command and one for the global flags, configured from command-table.ts while the module is
 * loaded (so inside the start-up snapshot). It turns `--name=value` words into typed values and does nothing else: no
 * printing, no exit, no help of its own, no numbers from text, no camel case, no nesting by dots, no negation.
 */
import yargs from 'yargs/browser';
import { type CommandName, commands, type Flag, globalFlags } from './command-table.ts';

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

const globalParser = makeParser(globalFlags);
const commandParsers: ReadonlyMap<CommandName, Instance> = new Map(
  commands.map((command) => [command.name, makeParser(command.flags)]),
);

export function parseGlobalFlags(words: readonly string[]): FlagValues {
  return parseWords(globalParser, words);
}

export function parseCommandFlags(command: CommandName, words: readonly string[]): FlagValues {
  return parseWords(commandParsers.get(command) as Instance, words);
}

const noValues: FlagValues = Object.freeze({});

/** shortCircuit = true: yargs' validation is left out, because split-argv.ts has let through only what is in the table. */
function parseWords(parser: Instance, words: readonly string[]): FlagValues {
  return words.length === 0 ? noValues : (parser.parse(words as string[], true as never) as unknown as FlagValues);
}

function makeParser(flags: readonly Flag[]): Instance {
  const parser = yargs([]).help(false).version(false).exitProcess(false).parserConfiguration(parserConfiguration);
  for (const flag of flags) {
    // nargs, because yargs strips quotation marks from the value of a plain "--name=value".
    parser.option(flag.name, flag.kind === 'boolean' ? { type: 'boolean' } : { type: 'string', nargs: 1 });
  }
  return parser;
}
