/**
 * Every command and every flag of runt, in one table. The parser's configuration (flag-parsers.ts), the help texts
 * (help-text.ts) and the suggestions for typos are made from it, so they cannot differ. Data only.
 * Names and meanings: runc's manual pages; --config and --cgroup-manager are crun's.
 */
import { criuCommands } from './criu-commands.ts';

import { mountsCommand } from './mounts-command.ts';

export interface Flag {
  /** Long name, without dashes. */
  readonly name: string;
  readonly short?: string;
  /** list: may be given several times. integer: decimal digits, an optional minus sign. */
  readonly kind: 'boolean' | 'string' | 'integer' | 'list';
  /** What stands for its value in the help. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly description: string;
  /** For the help only; the request's default is in make-request.ts. */
  readonly default?: string;
  /** Accepted, not shown. */
  readonly hidden?: boolean;
}

export type CommandName =
  | 'create'
  | 'start'
  | 'run'
  | 'exec'
  | 'state'
  | 'kill'
  | 'pause'
  | 'resume'
  | 'update'
  | 'delete'
  | 'list'
  | 'ps'
  | 'events'
  | 'mounts'
  | 'checkpoint'
  | 'restore'
  | 'spec'
  | 'features'
  | 'plan'
  | 'doctor'
  | 'help';

export interface Command {
  readonly name: CommandName;
  readonly summary: string;
  /** The arguments, as the help shows them. */
  readonly usage: string;
  readonly minimumArguments: number;
  readonly maximumArguments: number;
  /** Everything after the first argument belongs to the program in the container, dashes and all. */
  readonly restIsProgram?: boolean;
  readonly flags: readonly Flag[];
  /** The file under src/lifecycle/ (or src/cli/) that carries it out. */
  readonly carriedOutBy: string;
}

const bundle: Flag = {
  name: 'bundle',
  short: 'b',
  kind: 'string',
  value: 'DIR',
  description: 'directory of the bundle',
  default: 'the current directory',
};
const configFile: Flag = {
  name: 'config',
  short: 'f',
  kind: 'string',
  value: 'FILE',
  description: 'configuration to use instead of the one in the bundle',
  default: 'DIR/config.json',
};
const consoleSocket: Flag = {
  name: 'console-socket',
  kind: 'string',
  value: 'SOCKET',
  description: "unix socket that is sent the master of the container's terminal",
};
const pidfdSocket: Flag = {
  name: 'pidfd-socket',
  kind: 'string',
  value: 'SOCKET',
  description: 'unix socket that is sent a pidfd of the process',
};
const pidFile: Flag = {
  name: 'pid-file',
  kind: 'string',
  value: 'FILE',
  description: 'file to write the pid to, last of all',
};
const preserveFds: Flag = {
  name: 'preserve-fds',
  kind: 'integer',
  value: 'N',
  description: 'pass N more descriptors, from 3 on, to the process',
  default: '0',
};
const detach: Flag = { name: 'detach', short: 'd', kind: 'boolean', description: 'do not wait for the process to end' };

const regex: Flag = {
  name: 'regex',
  short: 'r',
  kind: 'boolean',
  description: 'ID is a regular expression: every container whose id it matches',
};

const createFlags: readonly Flag[] = [
  bundle,
  configFile,
  consoleSocket,
  pidfdSocket,
  pidFile,
  { name: 'no-pivot', kind: 'boolean', description: 'change the root without pivot_root(2), for a root on a ramdisk' },
  { name: 'no-new-keyring', kind: 'boolean', description: "keep the caller's session keyring" },
  preserveFds,
];

const execFlags: readonly Flag[] = [
  {
    name: 'process',
    short: 'p',
    kind: 'string',
    value: 'FILE',
    description: 'process.json that describes the process',
  },
  { name: 'tty', short: 't', kind: 'boolean', description: 'give the process a terminal' },
  detach,
  consoleSocket,
  pidfdSocket,
  pidFile,
  { name: 'cwd', kind: 'string', value: 'DIR', description: 'working directory in the container' },
  { name: 'env', short: 'e', kind: 'list', value: 'NAME=VALUE', description: 'add to the environment' },
  { name: 'user', short: 'u', kind: 'string', value: 'UID[:GID]', description: 'user, and group, by number' },
  { name: 'additional-gids', short: 'g', kind: 'list', value: 'GID', description: 'add a group' },
  { name: 'process-label', kind: 'string', value: 'LABEL', description: 'SELinux label of the process' },
  { name: 'apparmor', kind: 'string', value: 'PROFILE', description: 'AppArmor profile of the process' },
  { name: 'no-new-privs', kind: 'boolean', description: 'let the process gain no privileges by execve(2)' },
  { name: 'cap', short: 'c', kind: 'list', value: 'CAPABILITY', description: 'add a capability' },
  preserveFds,
  { name: 'cgroup', kind: 'list', value: 'PATH', description: "cgroup below the container's to run the process in" },
  {
    name: 'ignore-paused',
    kind: 'boolean',
    description: 'also when the container is paused (waits until it is resumed)',
  },
];

const bytes = 'BYTES';
const microseconds = 'MICROSECONDS';

/** What they mean: spec/parse-resource-flags.ts. */
const updateFlags: readonly Flag[] = [
  {
    name: 'resources',
    short: 'r',
    kind: 'string',
    value: 'FILE|-',
    description: 'take the limits from a file as linux.resources of config.json, or from standard input',
  },
  { name: 'blkio-weight', kind: 'integer', value: '10..1000', description: 'weight of block I/O' },
  { name: 'cpu-period', kind: 'string', value: microseconds, description: 'period of the CPU quota' },
  { name: 'cpu-quota', kind: 'string', value: microseconds, description: 'CPU time in each period, -1 for no limit' },
  { name: 'cpu-burst', kind: 'string', value: microseconds, description: 'unused quota that may be used later' },
  { name: 'cpu-share', kind: 'string', value: 'SHARES', description: 'weight of CPU time, 1024 is the usual one' },
  { name: 'cpu-rt-period', kind: 'string', value: microseconds, description: 'cgroup v1 only' },
  { name: 'cpu-rt-runtime', kind: 'string', value: microseconds, description: 'cgroup v1 only' },
  { name: 'cpuset-cpus', kind: 'string', value: 'LIST', description: 'processors, as in 0-3,5' },
  { name: 'cpuset-mems', kind: 'string', value: 'LIST', description: 'memory nodes' },
  { name: 'kernel-memory', kind: 'string', value: bytes, description: 'cgroup v1 only', hidden: true },
  { name: 'kernel-memory-tcp', kind: 'string', value: bytes, description: 'cgroup v1 only', hidden: true },
  { name: 'memory', kind: 'string', value: bytes, description: 'limit of memory: 512m, 1.5g; -1 for no limit' },
  { name: 'cpu-idle', kind: 'string', value: '0|1', description: '1: runs only when nobody else wants to' },
  { name: 'memory-reservation', kind: 'string', value: bytes, description: 'memory that is protected' },
  { name: 'memory-swap', kind: 'string', value: bytes, description: 'limit of memory and swap together, -1 for none' },
  { name: 'pids-limit', kind: 'integer', value: 'N', description: 'number of processes, -1 for no limit' },
  { name: 'l3-cache-schema', kind: 'string', value: 'SCHEMA', description: 'Intel RDT: L3 cache' },
  { name: 'mem-bw-schema', kind: 'string', value: 'SCHEMA', description: 'Intel RDT: memory bandwidth' },
];

export const globalFlags: readonly Flag[] = [
  {
    name: 'root',
    kind: 'string',
    value: 'DIR',
    description: "directory of the containers' states",
    default: '/run/runt, or $XDG_RUNTIME_DIR/runt without root',
  },
  { name: 'log', kind: 'string', value: 'FILE', description: 'append errors to FILE too' },
  { name: 'log-format', kind: 'string', value: 'text|json', description: 'format of the log', default: 'text' },
  { name: 'debug', kind: 'boolean', description: 'log every step and every answer of the kernel' },
  {
    name: 'cgroup-manager',
    kind: 'string',
    value: 'cgroupfs|systemd|disabled',
    description: 'who makes cgroups: runt by files, systemd, or nobody',
    default: 'cgroupfs',
  },
  {
    name: 'rootless',
    kind: 'string',
    value: 'true|false|auto',
    choices: ['true', 'false', 'auto'],
    description: "go on without a cgroup where none may be made; systemd's are made by the user's manager",
    default: 'auto',
  },
  { name: 'systemd-cgroup', kind: 'boolean', description: 'the same as --cgroup-manager=systemd' },
  { name: 'version', short: 'v', kind: 'boolean', description: 'print the version' },
  { name: 'help', short: 'h', kind: 'boolean', description: 'print this, or the help of a command' },
];

const id = { minimumArguments: 1, maximumArguments: 1, usage: 'ID' };

export const commands: readonly Command[] = [
  {
    name: 'create',
    summary: 'make a container from a bundle; its process waits for start',
    ...id,
    // go-runc adds --detach to create when its caller asks for it; a create is always detached.
    flags: [...createFlags, { ...detach, hidden: true }],
    carriedOutBy: 'create-container',
  },
  {
    name: 'start',
    summary: 'start the process of a created container',
    ...id,
    flags: [],
    carriedOutBy: 'start-container',
  },
  {
    name: 'run',
    summary: 'create and start in one, and wait for the end',
    ...id,
    flags: [
      ...createFlags,
      detach,
      { name: 'keep', kind: 'boolean', description: 'keep the state when the process has ended' },
      { name: 'no-subreaper', kind: 'boolean', description: 'do not reap orphans of the container' },
    ],
    carriedOutBy: 'run-container',
  },
  {
    name: 'exec',
    summary: 'run one more process in a container',
    usage: 'ID PROGRAM [ARGUMENT...]  (or --process FILE ID)',
    minimumArguments: 1,
    maximumArguments: Number.MAX_SAFE_INTEGER,
    restIsProgram: true,
    flags: execFlags,
    carriedOutBy: 'exec-in-container',
  },
  { name: 'state', summary: 'print the state of a container as JSON', ...id, flags: [], carriedOutBy: 'show-state' },
  {
    name: 'kill',
    summary: "send a signal (TERM) to a container's first process",
    usage: 'ID [SIGNAL]',
    minimumArguments: 1,
    maximumArguments: 2,
    flags: [
      { name: 'all', short: 'a', kind: 'boolean', description: 'no error when it has stopped', hidden: true },
      regex,
    ],
    carriedOutBy: 'kill-container',
  },
  {
    name: 'pause',
    summary: 'stop all processes of a container until it is resumed',
    ...id,
    flags: [],
    carriedOutBy: 'pause-container',
  },
  {
    name: 'resume',
    summary: 'let the processes of a paused container continue',
    ...id,
    flags: [],
    carriedOutBy: 'pause-container',
  },
  {
    name: 'update',
    summary: 'change the limits of a container',
    ...id,
    flags: updateFlags,
    carriedOutBy: 'update-container',
  },
  {
    name: 'delete',
    summary: 'remove a stopped container',
    ...id,
    flags: [
      { name: 'force', short: 'f', kind: 'boolean', description: 'kill it first; no error when there is none' },
      regex,
    ],
    carriedOutBy: 'delete-container',
  },
  {
    name: 'list',
    summary: 'list the containers',
    usage: '',
    minimumArguments: 0,
    maximumArguments: 0,
    flags: [
      {
        name: 'format',
        short: 'f',
        kind: 'string',
        value: 'table|json',
        description: 'output format',
        default: 'table',
      },
      { name: 'quiet', short: 'q', kind: 'boolean', description: 'only the ids' },
    ],
    carriedOutBy: 'list-containers',
  },
  {
    name: 'ps',
    summary: 'list the processes of a container',
    usage: 'ID [OPTION OF ps...]',
    minimumArguments: 1,
    maximumArguments: Number.MAX_SAFE_INTEGER,
    restIsProgram: true,
    flags: [
      {
        name: 'format',
        short: 'f',
        kind: 'string',
        value: 'table|json',
        description: "the host's table (ps -ef, or the given options), or the pids",
        default: 'table',
      },
    ],
    carriedOutBy: 'list-processes',
  },
  {
    name: 'events',
    summary: 'tell what a container uses, and when it runs out of memory',
    ...id,
    flags: [
      { name: 'interval', kind: 'string', value: 'DURATION', description: 'how often, as 5s or 1m30s', default: '5s' },
      { name: 'stats', kind: 'boolean', description: 'only once, and at once' },
    ],
    carriedOutBy: 'watch-container',
  },
  mountsCommand,
  ...criuCommands([bundle, consoleSocket, pidFile, detach]),
  {
    name: 'spec',
    summary: 'write a first config.json',
    usage: '',
    minimumArguments: 0,
    maximumArguments: 0,
    flags: [bundle, { name: 'rootless', kind: 'boolean', description: 'one that needs no root' }],
    carriedOutBy: 'write-spec',
  },
  {
    name: 'features',
    summary: 'print what this runtime can do as JSON',
    usage: '',
    minimumArguments: 0,
    maximumArguments: 0,
    flags: [],
    carriedOutBy: 'show-features',
  },
  {
    name: 'plan',
    summary: 'print what create would do, without doing it',
    usage: '[ID]',
    minimumArguments: 0,
    maximumArguments: 1,
    flags: [bundle, configFile],
    carriedOutBy: 'plan-container',
  },
  {
    name: 'doctor',
    summary: 'say which kernel features work here',
    usage: '',
    minimumArguments: 0,
    maximumArguments: 0,
    flags: [],
    carriedOutBy: 'doctor',
  },
  {
    name: 'help',
    summary: 'print this, or the help of a command',
    usage: '[COMMAND]',
    minimumArguments: 0,
    maximumArguments: 1,
    flags: [],
    carriedOutBy: 'help-text',
  },
];
