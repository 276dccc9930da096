import { describe, expect, it } from 'vitest';
import type { RuntimeError } from '../base/runtime-error.ts';
import { checkpointRequest, restoreRequest } from '../testing/criu-requests.ts';
import { commands } from './command-table.ts';
import { findLogOptions, parseArgv } from './parse-argv.ts';

const words = (line: string) => line.split(' ').filter((word) => word !== '');
const request = (line: string) => parseArgv(words(line)).request;
const globals = (line: string) => parseArgv(words(line)).globals;

function failure(argv: readonly string[]): string {
  try {
    parseArgv(argv);
  } catch (error) {
    expect((error as RuntimeError).fields.kind).toBe('usage');
    return (error as RuntimeError).message;
  }
  throw new Error(`accepted: ${argv.join(' ')}`);
}

const create = {
  command: 'create',
  id: 'web',
  bundle: '.',
  configFile: undefined,
  consoleSocket: undefined,
  pidfdSocket: undefined,
  pidFile: undefined,
  noPivot: false,
  noNewKeyring: false,
  preserveFds: 0,
  detach: false,
  keep: false,
  noSubreaper: false,
};
const exec = {
  command: 'exec',
  id: 'web',
  processFile: undefined,
  args: ['ls'],
  tty: false,
  detach: false,
  consoleSocket: undefined,
  pidfdSocket: undefined,
  pidFile: undefined,
  cwd: undefined,
  env: [],
  user: undefined,
  additionalGids: [],
  processLabel: undefined,
  apparmor: undefined,
  noNewPrivileges: false,
  capabilities: [],
  preserveFds: 0,
  cgroups: [],
  ignorePaused: false,
};

describe('every flag of create, run and exec, in every spelling', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['create web', create],
    ['create --bundle /b web', { ...create, bundle: '/b' }],
    ['create --bundle=/b web', { ...create, bundle: '/b' }],
    ['create -bundle /b web', { ...create, bundle: '/b' }],
    ['create -bundle=/b web', { ...create, bundle: '/b' }],
    ['create -b /b web', { ...create, bundle: '/b' }],
    ['create -b=/b web', { ...create, bundle: '/b' }],
    ['create web -b /b', { ...create, bundle: '/b' }],
    ['create -b /a web --bundle /b', { ...create, bundle: '/b' }],
    ['create -f c.json web', { ...create, configFile: 'c.json' }],
    ['create --config c.json web', { ...create, configFile: 'c.json' }],
    ['create --console-socket s web', { ...create, consoleSocket: 's' }],
    ['create --pidfd-socket s web', { ...create, pidfdSocket: 's' }],
    ['create --pid-file p web', { ...create, pidFile: 'p' }],
    ['create --no-pivot web', { ...create, noPivot: true }],
    ['create --no-pivot=false web', { ...create, noPivot: false }],
    ['create --no-new-keyring web', { ...create, noNewKeyring: true }],
    ['create --preserve-fds 3 web', { ...create, preserveFds: 3 }],
    ['create --detach web', create],
    ['create -- web', create],
    ['run web', { ...create, command: 'run' }],
    ['run -d web', { ...create, command: 'run', detach: true }],
    ['run web --detach', { ...create, command: 'run', detach: true }],
    ['run --detach=0 web', { ...create, command: 'run' }],
    ['run --keep web', { ...create, command: 'run', keep: true }],
    ['run -no-subreaper web', { ...create, command: 'run', noSubreaper: true }],
    ['exec web ls', exec],
    ['exec -t -d web ls', { ...exec, tty: true, detach: true }],
    ['exec -td web ls', { ...exec, tty: true, detach: true }],
    ['exec --process p.json web', { ...exec, processFile: 'p.json', args: [] }],
    ['exec -p p.json web', { ...exec, processFile: 'p.json', args: [] }],
    ['exec web ls -l --all', { ...exec, args: ['ls', '-l', '--all'] }],
    ['exec web -- ls -l', { ...exec, args: ['ls', '-l'] }],
    ['exec -- web ls', exec],
    ['exec web ls -- x', { ...exec, args: ['ls', '--', 'x'] }],
    ['exec -e A=1 --env B=2=3 web ls', { ...exec, env: ['A=1', 'B=2=3'] }],
    ['exec -u 1:2 web ls', { ...exec, user: '1:2' }],
    ['exec --user 01 web ls', { ...exec, user: '01' }],
    ['exec -g 4 -g 5 web ls', { ...exec, additionalGids: ['4', '5'] }],
    ['exec -c CAP_KILL --cap CAP_CHOWN web ls', { ...exec, capabilities: ['CAP_KILL', 'CAP_CHOWN'] }],
    ['exec --cwd /tmp web ls', { ...exec, cwd: '/tmp' }],
    ['exec --process-label l --apparmor a web ls', { ...exec, processLabel: 'l', apparmor: 'a' }],
    ['exec --no-new-privs web ls', { ...exec, noNewPrivileges: true }],
    ['exec --cgroup a --cgroup pids:b web ls', { ...exec, cgroups: ['a', 'pids:b'] }],
    ['exec --ignore-paused --preserve-fds=2 web ls', { ...exec, ignorePaused: true, preserveFds: 2 }],
    [
      'exec --console-socket c --pidfd-socket d --pid-file p web ls',
      { ...exec, consoleSocket: 'c', pidfdSocket: 'd', pidFile: 'p' },
    ],
  ];
  it.each(cases)('%s', (line, expected) => expect(request(line)).toEqual(expected));
});

describe('the other commands', () => {
  const update = (flags: { readonly [name: string]: string }) => ({
    command: 'update',
    id: 'web',
    resourcesFile: undefined,
    flags: new Map(Object.entries(flags)),
    l3CacheSchema: undefined,
    memBwSchema: undefined,
  });
  const cases: readonly (readonly [string, object])[] = [
    ['start web', { command: 'start', id: 'web' }],
    ['state web', { command: 'state', id: 'web' }],
    ['pause web', { command: 'pause', id: 'web' }],
    ['resume web', { command: 'resume', id: 'web' }],
    ['kill web', { command: 'kill', id: 'web', signal: 'TERM', all: false, regex: false }],
    ['kill web 9', { command: 'kill', id: 'web', signal: '9', all: false, regex: false }],
    ['kill --all web KILL', { command: 'kill', id: 'web', signal: 'KILL', all: true, regex: false }],
    ['kill web KILL -a', { command: 'kill', id: 'web', signal: 'KILL', all: true, regex: false }],
    ['delete web', { command: 'delete', id: 'web', force: false, regex: false }],
    ['delete -f web', { command: 'delete', id: 'web', force: true, regex: false }],
    ['delete -rf web', { command: 'delete', id: 'web', force: true, regex: true }],
    ['kill -r web.* KILL', { command: 'kill', id: 'web.*', signal: 'KILL', all: false, regex: true }],
    ['ps web', { command: 'ps', id: 'web', args: [], format: 'table' }],
    ['ps -f json web -o pid -f', { command: 'ps', id: 'web', args: ['-o', 'pid', '-f'], format: 'json' }],
    ['events web', { command: 'events', id: 'web', statsOnly: false, intervalMs: 5000 }],
    ['events --stats web', { command: 'events', id: 'web', statsOnly: true, intervalMs: 5000 }],
    ['events --interval=1m0.5s web', { command: 'events', id: 'web', statsOnly: false, intervalMs: 60500 }],
    ['delete web --force', { command: 'delete', id: 'web', force: true, regex: false }],
    ['update web', update({})],
    ['update --memory 64m web --memory-swap -1', update({ memory: '64m', 'memory-swap': '-1' })],
    ['update web --pids-limit=-1 --blkio-weight 500', update({ 'pids-limit': '-1', 'blkio-weight': '500' })],
    ['update -r - web', { ...update({}), resourcesFile: '-' }],
    ['update --resources= web', update({})],
    ['update --l3-cache-schema L3:0=f web', { ...update({}), l3CacheSchema: 'L3:0=f' }],
    ['mounts add web /a /b', { command: 'mounts', action: 'add', id: 'web', operands: ['/a', '/b'], options: [] }],
    [
      'mounts add -o ro,nosuid -o nodev web /a /b',
      { command: 'mounts', action: 'add', id: 'web', operands: ['/a', '/b'], options: ['ro', 'nosuid', 'nodev'] },
    ],
    ['mounts add web file', { command: 'mounts', action: 'add', id: 'web', operands: ['file'], options: [] }],
    ['mounts remove web /b', { command: 'mounts', action: 'remove', id: 'web', operands: ['/b'], options: [] }],
  ];
  it.each(cases)('%s', (line, expected) => expect(request(line)).toEqual(expected));
});

describe('global flags', () => {
  const none = {
    root: undefined,
    log: undefined,
    logFormat: 'text',
    debug: false,
    cgroupManager: 'cgroupfs',
    rootless: 'auto',
  };
  const cases: readonly (readonly [string, object])[] = [
    ['state web', none],
    ['--root /r --log l --log-format json state web', { ...none, root: '/r', log: 'l', logFormat: 'json' }],
    ['--root=/r -log=l state web', { ...none, root: '/r', log: 'l' }],
    [
      '--debug --cgroup-manager disabled --rootless=true state web',
      { ...none, debug: true, cgroupManager: 'disabled', rootless: 'true' },
    ],
    ['--cgroup-manager=cgroupfs --systemd-cgroup=false state web', none],
    ['--systemd-cgroup state web', { ...none, cgroupManager: 'systemd' }],
    ['state --systemd-cgroup web', { ...none, cgroupManager: 'systemd' }],
    ['--systemd-cgroup --cgroup-manager=systemd state web', { ...none, cgroupManager: 'systemd' }],
    ['state --root /r web', { ...none, root: '/r' }],
    ['--rootless true spec --rootless', { ...none, rootless: 'true' }],
  ];
  it.each(cases)('%s', (line, expected) => expect(globals(line)).toEqual(expected));

  it('keeps a value as it was typed', () => {
    expect(parseArgv(['--root', '"a b"', 'state', 'web']).globals.root).toBe('"a b"');
    expect(parseArgv(['--root', '', 'state', 'web']).globals.root).toBe('');
    expect(parseArgv(['--root', '007', 'state', 'web']).globals.root).toBe('007');
    expect(parseArgv(['--root=a=b', 'state', 'web']).globals.root).toBe('a=b');
    expect(parseArgv(['exec', '-e', 'A=line 1\nline 2', 'w', 'x']).request).toMatchObject({
      env: ['A=line 1\nline 2'],
    });
    expect(parseArgv(['exec', '-e', '--x', 'w', 'x']).request).toMatchObject({ env: ['--x'] });
  });

  it('does not keep anything of an earlier parse', () => {
    request('exec -e A=1 web ls');
    expect(request('exec web ls')).toEqual(exec);
  });
});

describe('checkpoint and restore', () => {
  it('as go-runc calls them', () => {
    expect(
      request('checkpoint --image-path /i --work-path /w --pre-dump --status-fd 3 --empty-ns network web'),
    ).toEqual({
      ...checkpointRequest,
      imagePath: '/i',
      workPath: '/w',
      preDump: true,
      statusFd: 3,
      emptyNs: ['network'],
    });
    expect(request('restore --detach -no-subreaper --image-path /i --bundle /b --pid-file /p web')).toEqual({
      ...restoreRequest,
      imagePath: '/i',
      bundle: '/b',
      pidFile: '/p',
      noSubreaper: true,
    });
  });
  it('without flags', () => {
    expect(request('checkpoint web')).toEqual({ ...checkpointRequest, imagePath: undefined });
    expect(request('checkpoint --status-fd -1 web')).toMatchObject({ statusFd: undefined });
    expect(request('restore web')).toMatchObject({ bundle: '.', detach: false, imagePath: undefined });
  });
});

describe('refusals', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['crate web', 'unknown command "crate" - hint: did you mean "create"?'],
    ['frobnicate', 'unknown command "frobnicate" - hint: see: runt --help'],
    ['create --bundel /b web', 'unknown flag "--bundel" of create - hint: did you mean "--bundle"?'],
    ['create --zzzzzzzz web', 'unknown flag "--zzzzzzzz" of create - hint: see: runt create --help'],
    ['--rot /x state web', 'unknown flag "--rot" - hint: did you mean "--root"?'],
    ['create --b /b web', 'unknown flag "--b" of create - hint: see: runt create --help'],
    ['state -x web', 'unknown flag "-x" of state - hint: see: runt state --help'],
    ['state', '"state" requires exactly 1 argument(s) - hint: usage: runt state ID'],
    ['state a b', '"state" requires exactly 1 argument(s) - hint: usage: runt state ID'],
    ['kill', '"kill" requires a minimum of 1 argument(s) - hint: usage: runt kill [flags] ID [SIGNAL]'],
    ['kill a b c', '"kill" requires a maximum of 2 argument(s) - hint: usage: runt kill [flags] ID [SIGNAL]'],
    ['mounts change web /b', 'unknown action "change" - hint: runt mounts add ... or runt mounts remove ...'],
    ['mounts remove web /a /b', '"mounts remove" takes an id and one destination or file'],
    ['mounts add -o ro web file', '--options: is for mounts add ID SOURCE DESTINATION'],
    ['list x', '"list" requires exactly 0 argument(s) - hint: usage: runt list [flags]'],
    ['exec web', 'exec args cannot be empty - hint: give a program after the id, or --process FILE'],
    ['create web --bundle', '--bundle: needs a value: --bundle DIR'],
    ['create --preserve-fds x web', '--preserve-fds: is not a number: "x"'],
    ['create --preserve-fds -1 web', '--preserve-fds: out of range 0..1048576: -1'],
    ['create --preserve-fds 99999999999 web', '--preserve-fds: is not a number: "99999999999"'],
    ['run --detach=maybe web', '--detach: must be true or false (got "maybe")'],
    ['--log-format xml state web', '--log-format: invalid log-format: xml - hint: text or json'],
    ['list -f yaml', '--format: invalid format option: yaml - hint: table or json'],
    ['--rootless maybe list', '--rootless: must be one of true, false, auto (got "maybe")'],
    [
      '--systemd-cgroup --cgroup-manager=cgroupfs list',
      '--cgroup-manager: cgroupfs contradicts --systemd-cgroup - hint: leave one of both out',
    ],
    [
      '--cgroup-manager=Systemd list',
      '--cgroup-manager: unknown cgroup manager "Systemd" - hint: cgroupfs, systemd or disabled',
    ],
    ['checkpoint --status-fd x web', '--status-fd: is not a number: "x"'],
    ['restore --lazy web', 'unknown flag "--lazy" of restore - hint: see: runt restore --help'],
  ];
  it.each(cases)('%s', (line, expected) => expect(failure(words(line))).toBe(expected));
});

it('finds the log of a line that cannot be parsed', () => {
  expect(findLogOptions(words('--log l --log-format json crate'))).toEqual({ log: 'l', logFormat: 'json' });
  expect(findLogOptions(words('-log=l --nope'))).toEqual({ log: 'l', logFormat: 'text' });
  expect(findLogOptions(words('--nope'))).toEqual({ log: undefined, logFormat: 'text' });
});

it('has no flag or short name twice in a command', () => {
  for (const command of commands) {
    const names = command.flags.flatMap((flag) => (flag.short === undefined ? [flag.name] : [flag.name, flag.short]));
    expect(new Set(names).size).toBe(names.length);
  }
});
