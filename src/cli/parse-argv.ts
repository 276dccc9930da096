/**
 * argv -> what is asked for. Three steps: split-argv.ts settles what is Go's, yargs gives the flags their types,
 * make-request.ts fills in defaults. Prints nothing, exits never, throws kind 'usage'.
 */
import type { GlobalOptions, Request } from '../base/request.ts';
import { parseCommandFlags, parseGlobalFlags } from './flag-parsers.ts';
import { makeGlobals, makeRequest } from './make-request.ts';
import { splitArgv } from './split-argv.ts';

export interface Invocation {
  readonly globals: GlobalOptions;
  readonly request: Request;
}

/** argv without the program's name. */
export function parseArgv(argv: readonly string[]): Invocation {
  const split = splitArgv(argv);
  const globalValues = parseGlobalFlags(split.globalWords);
  const topic = split.command?.name;
  // Help is given before anything else is found wrong: who asks for it may not know what is right.
  if (globalValues.help === true) return { globals: makeGlobals({}), request: { command: 'help', topic } };
  const globals = makeGlobals(globalValues);
  if (globalValues.version === true) return { globals, request: { command: 'version' } };
  if (split.command === undefined) return { globals, request: { command: 'help', topic } };
  const values = parseCommandFlags(split.flagWords);
  return { globals, request: makeRequest(split.command, values, split.positionals) };
}

/** Where to log, from an argument list that could not be parsed: only what is certain. */
export function findLogOptions(argv: readonly string[]): Pick<GlobalOptions, 'log' | 'logFormat'> {
  const format = findValue(argv, 'log-format');
  return { log: findValue(argv, 'log'), logFormat: format === 'json' ? 'json' : 'text' };
}

function findValue(argv: readonly string[], name: string): string | undefined {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    const dashes = word.startsWith('--') ? 2 : 1;
    if (word[0] !== '-' || !word.startsWith(name, dashes)) continue;
    const end = dashes + name.length;
    if (word.length === end) return argv[i + 1];
    if (word[end] === '=') return word.slice(end + 1);
  }
  return undefined;
}
