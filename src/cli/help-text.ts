/**
 * The texts of --help, made from command-table.ts. They go to standard output: help that was asked for is no error.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { nearest } from '../spec/fault.ts';
import { type Command, commands, type Flag, globalFlags } from './command-table.ts';

/** topic: a command's name; undefined: the overview. */
export function helpText(topic: string | undefined): string {
  if (topic === undefined) return overview();
  const command = commands.find(({ name }) => name === topic);
  if (command !== undefined) return commandHelp(command);
  const near = nearest(
    topic,
    commands.map(({ name }) => name),
  );
  throw new RuntimeError({
    kind: 'usage',
    message: `unknown command ${JSON.stringify(topic)}`,
    hint: near === undefined ? 'see: runt --help' : `did you mean "${near}"?`,
  });
}

function overview(): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return [
    'runt - runs containers as the OCI runtime specification describes them',
    '',
    'Usage: runt [global flags] COMMAND [flags] [arguments]',
    '',
    'Commands:',
    ...columns(rows),
    '',
    'Global flags:',
    ...columns(globalFlags.filter(isShown).map(flagRow)),
    '',
    'runt COMMAND --help says more about a command.',
    '',
  ].join('\n');
}

function commandHelp(command: Command): string {
  const flags = command.flags.filter(isShown);
  const lines = [`runt ${command.name} - ${command.summary}`, '', `Usage: ${usageOf(command)}`, ''];
  if (flags.length > 0) lines.push('Flags:', ...columns(flags.map(flagRow)), '');
  lines.push('Global flags: see runt --help.', '');
  return lines.join('\n');
}

/** "runt kill [flags] ID [SIGNAL]". */
export function usageOf(command: Command): string {
  const flags = command.flags.some(isShown) ? ' [flags]' : '';
  return `runt ${command.name}${flags} ${command.usage}`.trimEnd();
}

function isShown(flag: Flag): boolean {
  return flag.hidden !== true;
}

function flagRow(flag: Flag): readonly [string, string] {
  const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
  const value = flag.value === undefined ? '' : ` ${flag.value}`;
  const repeated = flag.kind === 'list' ? ' (may be repeated)' : '';
  const byDefault = flag.default === undefined ? '' : ` (default: ${flag.default})`;
  return [`${short}--${flag.name}${value}`, `${flag.description}${repeated}${byDefault}`];
}

/** Two columns, the second one aligned. */
function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
}
