/**
 * A bundle, a state root and a home of an ordinary user, who has ranges in /etc/subuid and /etc/subgid: what tests of rootless
 * containers work with. The files of /etc are bound over for the length of a test file, in the tests' own mount namespace.
 * Everything of the user's lies in a directory of the tests' own /run, removed after each test; then the audit compares.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { audit, type Snapshot, takeSnapshot } from './audit.ts';
import type { Result } from './container.ts';
import { type Config, defaultConfig } from './default-config.ts';
import { makeRootfs } from './rootfs.ts';

export const uid = 12345;
export const gid = 12346;
/** Of /etc/subuid and /etc/subgid. */
export const firstSubId = 3_000_000;

const cgroupRoot = '/sys/fs/cgroup';
const tables = {
  passwd: `tester:x:${uid}:${gid}::/:/bin/sh\n`,
  group: `tester:x:${gid}:\n`,
  subuid: `tester:${firstSubId}:65536\n`,
  subgid: `tester:${firstSubId}:65536\n`,
};

export interface UserOptions {
  readonly env?: Record<string, string | undefined>;
  /** The cgroup that the user is in, below the root; default: the tests' own, where the user has no right. */
  readonly cgroup?: string;
  /** What comes before the runtime: ["unshare", "-U"]. */
  readonly through?: readonly string[];
}

export class OrdinaryUser {
  readonly directory = mkdtempSync('/run/user-');
  readonly bundle = join(this.directory, 'bundle');
  readonly runtimeDirectory = join(this.directory, 'xdg');
  readonly binary = join(this.directory, 'runt');

  constructor() {
    chmodSync(this.directory, 0o755);
    copyFileSync(process.env.RUNT_TEST_BINARY ?? '', this.binary);
    chmodSync(this.binary, 0o755);
    makeRootfs(join(this.bundle, 'rootfs'));
    mkdirSync(this.runtimeDirectory, { mode: 0o700 });
    this.own(
      '',
      'bundle',
      'xdg',
      'bundle/rootfs',
      ...readdirSync(join(this.bundle, 'rootfs')).map((name) => `bundle/rootfs/${name}`),
    );
  }

  own(...paths: readonly string[]): void {
    for (const path of paths) chownSync(join(this.directory, path), uid, gid);
  }

  /** Any command as the user, in the bundle; stdin empty. */
  command(argv: readonly string[], { env, cgroup }: UserOptions = {}): Result {
    const enter = cgroup === undefined ? '' : `echo $$ > ${cgroupRoot}/${cgroup}/cgroup.procs || exit 99;`;
    const identity = ['/usr/bin/setpriv', '--reuid', `${uid}`, '--regid', `${gid}`, '--clear-groups'];
    const result = spawnSync('/bin/sh', ['-c', `${enter} exec "$@"`, 'sh', ...identity, ...argv], {
      encoding: 'utf8',
      input: '',
      cwd: this.bundle,
      env: { PATH: '/usr/bin:/bin', XDG_RUNTIME_DIR: this.runtimeDirectory, ...env } as NodeJS.ProcessEnv,
      timeout: 30_000,
    });
    if (result.error !== undefined) throw result.error;
    return { status: result.status, stdout: result.stdout, stderr: result.stderr };
  }

  runt(args: readonly string[], options: UserOptions = {}): Result {
    return this.command([...(options.through ?? []), this.binary, ...args], options);
  }

  /** create and exec --detach: what outlives the command must not hold the test's pipes. */
  detached(args: readonly string[], options: UserOptions = {}): Result {
    const errors = join(this.runtimeDirectory, 'stderr');
    const result = this.command(
      ['sh', '-c', '"$@" </dev/null >/dev/null 2>"$0"', errors, ...(options.through ?? []), this.binary, ...args],
      options,
    );
    const stderr = existsSync(errors) ? readFileSync(errors, 'utf8') : '';
    rmSync(errors, { force: true });
    return { ...result, stderr };
  }

  /** Writes config.json: what `runt spec --rootless` would, running args, changed by `change`. */
  configure(args: readonly string[], change: (config: Config) => void = () => {}): void {
    const config = defaultConfig(args);
    const { linux } = config;
    linux.namespaces = [
      ...linux.namespaces.filter((each: { type: string }) => each.type !== 'network'),
      { type: 'user' },
    ];
    linux.uidMappings = [{ containerID: 0, hostID: uid, size: 1 }];
    linux.gidMappings = [{ containerID: 0, hostID: gid, size: 1 }];
    delete linux.resources;
    config.mounts[5] = {
      destination: '/sys',
      type: 'none',
      source: '/sys',
      options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'],
    };
    config.mounts[2].options.pop();
    change(config);
    writeFileSync(join(this.bundle, 'config.json'), JSON.stringify(config));
  }

  /** Runs a shell script in a container; fails the test if it does not exit 0. */
  script(text: string, change?: (config: Config) => void, options?: UserOptions): string {
    this.configure(['/bin/sh', '-c', text], change);
    const result = this.runt(['run', 'test'], options);
    expect(result, text).toMatchObject({ status: 0, stderr: '' });
    return result.stdout;
  }

  /** The one line of a run that must fail, with nothing left in the state root. */
  refusal(change?: (config: Config) => void, options?: UserOptions): string {
    this.configure(['/bin/true'], change);
    const result = this.runt(['run', 'test'], options);
    expect(result).toMatchObject({ status: 1, stdout: '' });
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    const root = join(this.runtimeDirectory, 'runt');
    expect(existsSync(root) ? readdirSync(root).filter((name) => !name.startsWith('.')) : []).toEqual([]);
    return result.stderr.trim();
  }

  /** A cgroup that is the user's: NAME, and NAME/own, in which the user's processes are. */
  delegate(name: string): string {
    for (const path of [name, `${name}/own`]) {
      mkdirSync(join(cgroupRoot, path));
      for (const file of ['', 'cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'])
        chownSync(join(cgroupRoot, path, file), uid, gid);
    }
    return `${name}/own`;
  }

  undelegate(name: string): void {
    spawnSync('rmdir', [join(cgroupRoot, name, 'own'), join(cgroupRoot, name)]);
  }
}

/** All of the ranges: the own id is root, 65536 others follow. */
export function withRanges(config: Config): void {
  const map = (hostID: number) => [
    { containerID: 0, hostID, size: 1 },
    { containerID: 1, hostID: firstSubId, size: 65536 },
  ];
  config.linux.uidMappings = map(uid);
  config.linux.gidMappings = map(gid);
}

/** Gives each test of a file a fresh OrdinaryUser, and fails the test that leaves anything behind. */
export function useOrdinaryUser(): { readonly current: OrdinaryUser } {
  let user: OrdinaryUser | undefined;
  let before: Snapshot | undefined;
  const etc = '/run/rootless-etc';
  beforeAll(() => {
    if (statSync('/usr/bin/newuidmap', { throwIfNoEntry: false }) === undefined)
      throw new Error('newuidmap is missing: npm test installs the package uidmap');
    mkdirSync(etc);
    for (const [name, line] of Object.entries(tables)) {
      writeFileSync(join(etc, name), readFileSync(`/etc/${name}`, 'utf8') + line);
      bindOver(join(etc, name), `/etc/${name}`);
    }
  });
  afterAll(() => {
    for (const name of Object.keys(tables)) spawnSync('umount', [`/etc/${name}`]);
    rmSync(etc, { recursive: true });
  });
  beforeEach(() => {
    before = takeSnapshot();
    user = new OrdinaryUser();
  });
  afterEach(() => {
    if (user === undefined || before === undefined) return;
    const root = join(user.runtimeDirectory, 'runt');
    const ids = existsSync(root) ? readdirSync(root).filter((name) => !name.startsWith('.')) : [];
    for (const id of ids) user.runt(['delete', '--force', id]);
    rmSync(user.directory, { recursive: true });
    const leftovers = [...ids.map((id) => `state: ${id}`), ...audit(before, '/run/none')];
    user = undefined;
    expect(leftovers, 'the test left something behind').toEqual([]);
  });
  return {
    get current(): OrdinaryUser {
      if (user === undefined) throw new Error('only inside a test');
      return user;
    },
  };
}

export function bindOver(source: string, target: string): void {
  const result = spawnSync('mount', ['--bind', source, target], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(result.stderr);
}
