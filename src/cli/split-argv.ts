/**
 * Brings an argument list into the one form that the parser is given: `--name=value` for every flag, then the arguments.
 * What is Go's and not getopt's is settled here: long flags with one dash, booleans with "=false", flags on both sides of the
 * arguments, and exec, where everything after the id is its program's. Unknown flags are refused with the nearest known one.
 * Pure, and no regular expressions: this is the first thing that every command does.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { nearest } from '../spec/fault.ts';
import { type Command, commands, type Flag, globalFlags } from './command-table.ts';
import type { FlagWord } from './flag-parsers.ts';

export interface SplitArgv {
  /** undefined: none was given. */
  readonly command: Command | undefined;
  /** The global flags, and the command's own: two lists, since spec and runt both have --rootless. */
  readonly globalWords: readonly FlagWord[];
  readonly flagWords: readonly FlagWord[];
  readonly positionals: readonly string[];
}

type FlagMap = ReadonlyMap<string, Flag>;

/** By long and by short name. Made at load: free at run time. */
const globalMap = flagMap(globalFlags);
const commandMap: ReadonlyMap<string, { readonly command: Command; readonly flags: FlagMap }> = new Map(
  commands.map((command) => [command.name, { command, flags: flagMap(command.flags) }]),
);

interface Scan {
  readonly argv: readonly string[];
  index: number;
  command: Command | undefined;
  flags: FlagMap;
  readonly globalWords: FlagWord[];
  readonly flagWords: FlagWord[];
  readonly positionals: string[];
}

/** argv without the program's name. */
export function splitArgv(argv: readonly string[]): SplitArgv {
  const scan: Scan = {
    argv,
    index: 0,
    command: undefined,
    flags: globalMap,
    globalWords: [],
    flagWords: [],
    positionals: [],
  };
  while (scan.index < argv.length) {
    const word = argv[scan.index++] as string;
    if (word === '--') return takeRest(scan);
    if (word.length > 1 && word[0] === '-') takeFlag(scan, word);
    else if (scan.command === undefined) takeCommand(scan, word);
    else {
      scan.positionals.push(word);
      if (scan.command.restIsProgram) return takeRest(scan);
    }
  }
  return scan;
}

/** After "--" and after the id of exec nothing is a flag. */
function takeRest(scan: Scan): SplitArgv {
  // exec's own program may begin with "--", as in `exec ID -- ls`: that one is ours and dropped.
  if (scan.positionals.length === 1 && scan.argv[scan.index] === '--') scan.index++;
  for (; scan.index < scan.argv.length; scan.index++) {
    const word = scan.argv[scan.index] as string;
    if (scan.command === undefined) takeCommand(scan, word);
    else scan.positionals.push(word);
  }
  return scan;
}

function takeCommand(scan: Scan, word: string): void {
  const found = commandMap.get(word);
  if (found !== undefined) {
    scan.command = found.command;
    scan.flags = found.flags;
    return;
  }
  throw new RuntimeError({
    kind: 'usage',
    message: `unknown command ${JSON.stringify(word)}`,
    hint: suggestion(word, [...commandMap.keys()], '') ?? 'see: runt --help',
  });
}

function takeFlag(scan: Scan, word: string): void {
  const dashes = word[1] === '-' ? 2 : 1;
  const equals = word.indexOf('=');
  const name = equals < 0 ? word.slice(dashes) : word.slice(dashes, equals);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  const flag = findFlag(scan, name, dashes);
  if (flag !== undefined) pushFlag(scan, flag, value);
  else if (dashes === 1 && value === undefined && takeShortGroup(scan, name)) return;
  else throw unknownFlag(scan, word, name);
}

/** A short name has one letter and one dash; a long one has either number of dashes. */
function findFlag(scan: Scan, name: string, dashes: number): Flag | undefined {
  const flag = scan.flags.get(name) ?? globalMap.get(name);
  return flag !== undefined && name === flag.short && dashes === 2 ? undefined : flag;
}

/** `-td`: several short booleans in one word. */
function takeShortGroup(scan: Scan, letters: string): boolean {
  const flags = [...letters].map((letter) => scan.flags.get(letter));
  if (!flags.every((flag) => flag?.kind === 'boolean')) return false;
  for (const flag of flags) pushFlag(scan, flag as Flag, undefined);
  return true;
}

function pushFlag(scan: Scan, flag: Flag, given: string | undefined): void {
  const isOwn = scan.flags !== globalMap && scan.flags.get(flag.name) === flag;
  const words = isOwn ? scan.flagWords : scan.globalWords;
  const value = flag.kind === 'boolean' ? truth(flag, given) : flagValue(scan, flag, given);
  words.push({ prefix: `--${flag.name}=`, value });
}

function flagValue(scan: Scan, flag: Flag, given: string | undefined): string {
  const value = given ?? scan.argv[scan.index++];
  if (value === undefined) throw usage(flag, `needs a value: --${flag.name} ${flag.value ?? 'VALUE'}`);
  if (flag.kind === 'integer' && !isInteger(value)) throw usage(flag, `is not a number: ${JSON.stringify(value)}`);
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    throw usage(flag, `must be one of ${flag.choices.join(', ')} (got ${JSON.stringify(value)})`);
  }
  return value;
}

/** The spellings of Go's flag package. */
const truths: ReadonlyMap<string, 'true' | 'false'> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, 'true'] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, 'false'] as const),
]);

function truth(flag: Flag, given: string | undefined): 'true' | 'false' {
  const value = given === undefined ? 'true' : truths.get(given);
  if (value === undefined) throw usage(flag, `must be true or false (got ${JSON.stringify(given)})`);
  return value;
}

/** An optional sign and 1 to 9 digits: within 32 bits, nothing else. */
function isInteger(text: string): boolean {
  const start = text[0] === '-' ? 1 : 0;
  const length = text.length - start;
  if (length < 1 || length > 9) return false;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

function unknownFlag(scan: Scan, word: string, name: string): RuntimeError {
  const known = [...scan.flags.values(), ...globalFlags]
    .filter((flag) => flag.hidden !== true)
    .map((flag) => flag.name);
  const where = scan.command === undefined ? '' : ` of ${scan.command.name}`;
  const help = scan.command === undefined ? 'see: runt --help' : `see: runt ${scan.command.name} --help`;
  return new RuntimeError({
    kind: 'usage',
    message: `unknown flag ${JSON.stringify(word)}${where}`,
    hint: suggestion(name, known, '--') ?? help,
  });
}

function suggestion(word: string, known: readonly string[], dashes: string): string | undefined {
  const near = nearest(word, known);
  return near === undefined ? undefined : `did you mean "${dashes}${near}"?`;
}

function usage(flag: Flag, message: string): RuntimeError {
  return new RuntimeError({ kind: 'usage', path: `--${flag.name}`, message });
}

function flagMap(flags: readonly Flag[]): FlagMap {
  const map = new Map<string, Flag>();
  for (const flag of flags) {
    map.set(flag.name, flag);
    if (flag.short !== undefined) map.set(flag.short, flag);
  }
  return map;
}
