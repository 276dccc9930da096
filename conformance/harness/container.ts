/**
 * What a test works with: a bundle in a folder of its own, a state root of its own, and the runtime under test. After each
 * test the audit compares the machine with how it was before: a leftover process, mount, cgroup or file fails the test.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { audit, type Snapshot, takeSnapshot } from './audit.ts';
import { type Config, defaultConfig } from './default-config.ts';
import { cloneRootfs } from './rootfs.ts';

export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

export class Bench {
  readonly directory: string;
  readonly stateRoot: string;
  readonly bundle: string;
  readonly rootfs: string;
  readonly binary: string;

  constructor() {
    const workspace = process.env.RUNT_TEST_WORKSPACE;
    const binary = process.env.RUNT_TEST_BINARY;
    if (workspace === undefined || binary === undefined) throw new Error('the global set-up did not run');
    this.binary = binary;
    this.directory = mkdtempSync(join(workspace, 't-'));
    this.stateRoot = join(this.directory, 'state');
    this.bundle = join(this.directory, 'bundle');
    this.rootfs = join(this.bundle, 'rootfs');
    mkdirSync(this.stateRoot, { mode: 0o700 });
    mkdirSync(this.bundle);
    cloneRootfs(join(workspace, 'rootfs'), this.rootfs);
  }

  /** Writes config.json: the default configuration running args, changed by `change`. */
  configure(args: readonly string[], change: (config: Config) => void = () => {}): void {
    const config = defaultConfig(args);
    change(config);
    writeFileSync(join(this.bundle, 'config.json'), JSON.stringify(config));
  }

  /** runt --root STATE args..., with a time limit. */
  runt(args: readonly string[], options: RunOptions = {}): Result {
    const result: SpawnSyncReturns<string> = spawnSync(this.binary, ['--root', this.stateRoot, ...args], {
      encoding: 'utf8',
      input: options.input ?? '',
      cwd: options.cwd ?? this.directory,
      env: { PATH: process.env.PATH ?? '', ...options.env },
      timeout: options.timeoutMs ?? 20_000,
    });
    if (result.error !== undefined) throw result.error;
    return { status: result.status, stdout: result.stdout, stderr: result.stderr };
  }

  /** Runs a container in the foreground with the configured bundle. */
  run(id: string, options: RunOptions = {}): Result {
    return this.runt(['run', '--bundle', this.bundle, id], options);
  }

  /** Configures and runs a shell script in the container; fails the test if it does not exit 0. */
  script(text: string, change?: (config: Config) => void): string {
    this.configure(['/bin/sh', '-c', text], change);
    const result = this.run('test');
    expect(result, text).toMatchObject({ status: 0, stderr: '' });
    return result.stdout;
  }

  /** Creates a container detached from the test's pipes: its stdio is /dev/null, so spawnSync can return. */
  create(id: string, extra: readonly string[] = []): Result {
    return this.detached(['create', '--bundle', this.bundle, ...extra, id]);
  }

  /** A runtime call whose child outlives it: stdout is not a pipe that the child would hold open; stderr goes to a file. */
  detached(args: readonly string[]): Result {
    const quoted = [this.binary, '--root', this.stateRoot, ...args].map(quote).join(' ');
    const errors = join(this.directory, 'stderr');
    const result = spawnSync(
      'sh',
      ['-c', `${quoted} </dev/null >/dev/null 2>${quote(errors)}; code=$?; cat ${quote(errors)} >&2; exit $code`],
      {
        encoding: 'utf8',
        cwd: this.directory,
        timeout: 20_000,
      },
    );
    if (result.error !== undefined) throw result.error;
    return { status: result.status, stdout: result.stdout, stderr: result.stderr };
  }

  state(id: string): { status: string; pid: number; [key: string]: unknown } {
    const result = this.runt(['state', id]);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    return JSON.parse(result.stdout);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Gives each test of a file a fresh Bench, and fails the test that leaves anything behind. */
export function useBench(): { readonly current: Bench } {
  let bench: Bench | undefined;
  let before: Snapshot | undefined;
  beforeEach(() => {
    before = takeSnapshot();
    bench = new Bench();
  });
  afterEach(() => {
    const finished = bench;
    if (finished === undefined || before === undefined) return;
    const leftovers = audit(before, finished.stateRoot);
    spawnSync('sh', [
      '-c',
      `for d in ${quote(finished.stateRoot)}/*/; do [ -d "$d" ] && ${quote(finished.binary)} --root ${quote(finished.stateRoot)} delete --force "$(basename "$d")"; done`,
    ]);
    finished.remove();
    bench = undefined;
    expect(leftovers, 'the test left something behind').toEqual([]);
  });
  return {
    get current(): Bench {
      if (bench === undefined) throw new Error('only inside a test');
      return bench;
    },
  };
}
