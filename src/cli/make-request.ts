/**
 * Typed flag values and arguments -> the Request that lifecycle/ carries out. Here are the defaults; what an option means is
 * not decided here.
 */
import type {
  CgroupManager,
  CreateRequest,
  ExecRequest,
  GlobalOptions,
  Request,
  UpdateRequest,
} from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Command } from './command-table.ts';
import type { FlagValues } from './flag-parsers.ts';
import { isSet, list, text } from './flag-values.ts';
import { usageOf } from './help-text.ts';
import { checkpointRequest, restoreRequest } from './make-criu-request.ts';
import { mountsRequest } from './mounts-request.ts';
import { parseDuration } from './parse-duration.ts';

export function makeGlobals(values: FlagValues): GlobalOptions {
  return {
    root: text(values, 'root'),
    log: text(values, 'log'),
    logFormat: logFormat(text(values, 'log-format')),
    debug: isSet(values, 'debug'),
    cgroupManager: cgroupManager(values),
    rootless: (text(values, 'rootless') ?? 'auto') as GlobalOptions['rootless'],
  };
}

export function makeRequest(command: Command, values: FlagValues, positionals: readonly string[]): Request {
  checkCount(command, positionals.length);
  const id = positionals[0] as string;
  switch (command.name) {
    case 'create':
    case 'run':
      return createRequest(command.name, id, values);
    case 'exec':
      return execRequest(id, positionals.slice(1), values);
    case 'start':
    case 'state':
    case 'pause':
    case 'resume':
      return { command: command.name, id };
    case 'checkpoint':
      return checkpointRequest(id, values);
    case 'restore':
      return restoreRequest(id, values);
    case 'kill':
      return {
        command: 'kill',
        id,
        signal: positionals[1] ?? 'TERM',
        all: isSet(values, 'all'),
        regex: isSet(values, 'regex'),
      };
    case 'update':
      return updateRequest(command, id, values);
    case 'delete':
      return { command: 'delete', id, force: isSet(values, 'force'), regex: isSet(values, 'regex') };
    case 'list':
      return { command: 'list', format: listFormat(text(values, 'format')), quiet: isSet(values, 'quiet') };
    case 'ps':
      return { command: 'ps', id, args: positionals.slice(1), format: listFormat(text(values, 'format')) };
    case 'events':
      return {
        command: 'events',
        id,
        statsOnly: isSet(values, 'stats'),
        intervalMs: interval(text(values, 'interval')),
      };
    case 'mounts':
      return mountsRequest(positionals, list(values, 'options'));
    case 'spec':
      return { command: 'spec', bundle: text(values, 'bundle') ?? '.', rootless: isSet(values, 'rootless') };
    case 'plan':
      return {
        command: 'plan',
        bundle: text(values, 'bundle') ?? '.',
        configFile: text(values, 'config'),
        id: positionals[0] ?? 'plan',
      };
    case 'help':
      return { command: 'help', topic: positionals[0] };
    case 'features':
    case 'doctor':
      return { command: command.name };
  }
}

function createRequest(command: 'create' | 'run', id: string, values: FlagValues): CreateRequest {
  return {
    command,
    id,
    bundle: text(values, 'bundle') ?? '.',
    configFile: text(values, 'config'),
    consoleSocket: text(values, 'console-socket'),
    pidfdSocket: text(values, 'pidfd-socket'),
    pidFile: text(values, 'pid-file'),
    noPivot: isSet(values, 'no-pivot'),
    noNewKeyring: isSet(values, 'no-new-keyring'),
    preserveFds: preserveFds(values),
    detach: command === 'run' && isSet(values, 'detach'),
    keep: isSet(values, 'keep'),
    noSubreaper: isSet(values, 'no-subreaper'),
  };
}

function execRequest(id: string, args: readonly string[], values: FlagValues): ExecRequest {
  const processFile = text(values, 'process');
  if (processFile === undefined && args.length === 0) {
    throw new RuntimeError({
      kind: 'usage',
      message: 'exec args cannot be empty',
      hint: 'give a program after the id, or --process FILE',
      exitCode: 255,
    });
  }
  return {
    command: 'exec',
    id,
    processFile,
    args,
    tty: isSet(values, 'tty'),
    detach: isSet(values, 'detach'),
    consoleSocket: text(values, 'console-socket'),
    pidfdSocket: text(values, 'pidfd-socket'),
    pidFile: text(values, 'pid-file'),
    cwd: text(values, 'cwd'),
    env: list(values, 'env'),
    user: text(values, 'user'),
    additionalGids: list(values, 'additional-gids'),
    processLabel: text(values, 'process-label'),
    apparmor: text(values, 'apparmor'),
    noNewPrivileges: isSet(values, 'no-new-privs'),
    capabilities: list(values, 'cap'),
    preserveFds: preserveFds(values),
    cgroups: list(values, 'cgroup'),
    ignorePaused: isSet(values, 'ignore-paused'),
  };
}

const otherUpdateFlags = ['resources', 'l3-cache-schema', 'mem-bw-schema'];

function updateRequest(command: Command, id: string, values: FlagValues): UpdateRequest {
  const flags = new Map<string, string>();
  for (const { name } of command.flags) {
    const value = text(values, name);
    if (value !== undefined && !otherUpdateFlags.includes(name)) flags.set(name, value);
  }
  const given = (name: string) => text(values, name) || undefined;
  return {
    command: 'update',
    id,
    resourcesFile: given('resources'),
    flags,
    l3CacheSchema: given('l3-cache-schema'),
    memBwSchema: given('mem-bw-schema'),
  };
}

/** runc's three sentences. */
function checkCount(command: Command, count: number): void {
  const { minimumArguments: minimum, maximumArguments: maximum } = command;
  if (count >= minimum && count <= maximum) return;
  const bound = count < minimum ? minimum : maximum;
  const limit = minimum === maximum ? 'exactly' : count < minimum ? 'a minimum of' : 'a maximum of';
  throw new RuntimeError({
    kind: 'usage',
    message: `"${command.name}" requires ${limit} ${bound} argument(s)`,
    hint: `usage: ${usageOf(command)}`,
  });
}

function preserveFds(values: FlagValues): number {
  const count = Number(text(values, 'preserve-fds') ?? 0);
  // Far above what a process may have open [man proc.5 nr_open]; a negative count means nothing.
  if (count >= 0 && count <= 1048576) return count;
  throw new RuntimeError({ kind: 'usage', path: '--preserve-fds', message: `out of range 0..1048576: ${count}` });
}

function logFormat(given: string | undefined): 'text' | 'json' {
  if (given === undefined || given === 'text') return 'text';
  if (given === 'json') return 'json';
  throw new RuntimeError({
    kind: 'usage',
    path: '--log-format',
    message: `invalid log-format: ${given}`,
    hint: 'text or json',
  });
}

function listFormat(given: string | undefined): 'table' | 'json' {
  if (given === undefined || given === 'table') return 'table';
  if (given === 'json') return 'json';
  throw new RuntimeError({
    kind: 'usage',
    path: '--format',
    message: `invalid format option: ${given}`,
    hint: 'table or json',
  });
}

function interval(given: string | undefined): number {
  const intervalMs = parseDuration(given ?? '5s');
  if (intervalMs !== undefined && intervalMs > 0) return intervalMs;
  const message =
    intervalMs === undefined
      ? `is not a duration: ${JSON.stringify(given)}`
      : 'duration interval must be greater than 0';
  throw new RuntimeError({ kind: 'usage', path: '--interval', message, hint: 'for example 5s, 100ms or 1m30s' });
}

function cgroupManager(values: FlagValues): CgroupManager {
  const given = text(values, 'cgroup-manager');
  const wantsSystemd = isSet(values, 'systemd-cgroup');
  if (given === undefined) return wantsSystemd ? 'systemd' : 'cgroupfs';
  const known = cgroupManagers.find((manager) => manager === given);
  const usage = (message: string, hint: string) =>
    new RuntimeError({ kind: 'usage', path: '--cgroup-manager', message, hint });
  if (known === undefined) {
    throw usage(`unknown cgroup manager ${JSON.stringify(given)}`, 'cgroupfs, systemd or disabled');
  }
  if (wantsSystemd && known !== 'systemd') {
    throw usage(`${known} contradicts --systemd-cgroup`, 'leave one of both out');
  }
  return known;
}

const cgroupManagers: readonly CgroupManager[] = ['cgroupfs', 'systemd', 'disabled'];
