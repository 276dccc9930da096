/** What a person or an engine sees of a mistake: one line, the right exit code, nothing left, a suggestion for a typo. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();

function fails(args: readonly string[], expected: string | RegExp, status = 1): string {
  const result = bench.current.runt(args);
  expect(result, args.join(' ')).toMatchObject({ status, stdout: '' });
  expect(result.stderr.trimEnd().split('\n'), args.join(' ')).toHaveLength(1);
  if (typeof expected === 'string') expect(result.stderr).toContain(expected);
  else expect(result.stderr).toMatch(expected);
  return result.stderr;
}

test('typos in commands and flags get the nearest suggestion', () => {
  fails(['craete', 'a'], /craete.*create/);
  fails(['stat', 'a'], /sta(te|rt)/);
  fails(['run', '--bundel', '/x', 'a'], /--bundel.*--bundle/);
  fails(['delete', '--fore', 'a'], /--fore.*--force/);
  fails(['--rot', '/x', 'list'], /--rot.*--root/);
});

// [shows runtime.md#query-state/1 runtime.md#create/1 runtime.md#start/1 runtime.md#kill/1 runtime.md#delete/1]
test('missing and surplus arguments', () => {
  for (const command of ['create', 'run', 'start', 'state', 'kill', 'delete', 'exec']) {
    const result = bench.current.runt([command]);
    expect(result.status, command).toBe(command === 'exec' ? result.status : 1);
    expect(result.stderr, command).not.toBe('');
  }
  expect(bench.current.runt(['state', 'a', 'b']).status).toBe(1);
});

// [shows runtime.md#create/2]
test.each(['', '.', '..', 'a/b', 'a\nb', 'ü', '-x', '../../etc', 'x'.repeat(300)])(
  'id %j is refused by every command',
  (id) => {
    bench.current.configure(['/bin/true']);
    for (const command of ['create', 'run', 'start', 'state', 'kill', 'delete']) {
      const result = bench.current.runt([
        command,
        ...(command === 'create' || command === 'run' ? ['-b', bench.current.bundle] : []),
        '--',
        id,
      ]);
      expect(result.status, command).toBe(1);
      expect(result.stdout).toBe('');
    }
    expect(bench.current.runt(['delete', '--force', '--', id]).status).toBe(1);
    expect(existsSync(bench.current.stateRoot)).toBe(true);
  },
);

test('flags stand before and after the id, with one dash and two, with = and without', () => {
  bench.current.configure(['/bin/true']);
  const { bundle } = bench.current;
  for (const args of [
    ['run', '--bundle', bundle, 'a'],
    ['run', `--bundle=${bundle}`, 'a'],
    ['run', 'a', '--bundle', bundle],
    ['run', '-bundle', bundle, '-no-subreaper', 'a'],
    ['run', '-b', bundle, '--no-new-keyring', 'a', '--no-pivot=false'],
    ['--debug=false', '--log-format=json', 'run', '-b', bundle, '--', 'a'],
  ]) {
    expect(bench.current.runt(args), args.join(' ')).toEqual({ status: 0, stdout: '', stderr: '' });
  }
});

test('--version and --help answer on stdout alone', () => {
  const version = bench.current.runt(['--version']);
  expect(version).toMatchObject({ status: 0, stderr: '' });
  expect(version.stdout).toMatch(/version \d+\.\d+\.\d+/);
  expect(version.stdout).toMatch(/\nspec: 1\.3\.0\n/);
  for (const args of [['--help'], ['help'], ['run', '--help'], ['exec', '-h']]) {
    const result = bench.current.runt(args);
    expect(result, args.join(' ')).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toContain('--');
  }
});

test('--log: one JSON record for a failure, parseable as one object, and the line on stderr', () => {
  const log = join(bench.current.directory, 'log.json');
  const result = bench.current.runt(['--log', log, '--log-format', 'json', 'state', 'nothing']);
  expect(result.status).toBe(1);
  expect(JSON.parse(readFileSync(log, 'utf8'))).toEqual({
    level: 'error',
    msg: expect.stringContaining('container does not exist'),
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
  rmSync(log);
  bench.current.runt(['--log', log, '--log-format', 'text', 'state', 'nothing']);
  expect(readFileSync(log, 'utf8')).toMatch(/level=error msg="container does not exist"|container does not exist/);
  fails(['--log-format', 'xml', 'list'], 'invalid log-format: xml');
});

test('a success writes nothing to the log', () => {
  const log = join(bench.current.directory, 'log.json');
  bench.current.configure(['/bin/true']);
  expect(
    bench.current.runt(['--log', log, '--log-format', 'json', 'run', '-b', bench.current.bundle, 'a']).status,
  ).toBe(0);
  expect(existsSync(log) ? readFileSync(log, 'utf8') : '').toBe('');
});

// [shows bundle.md#container-format/1]
test('bundles that are not there, or not a bundle', () => {
  fails(['run', '-b', '/nothing/there', 'a'], /\/nothing\/there.*no such file or directory/);
  fails(['run', '-b', bench.current.bundle, 'a'], /config\.json.*no such file or directory/);
  mkdirSync(join(bench.current.bundle, 'config.json'));
  fails(['run', '-b', bench.current.bundle, 'a'], /config\.json.*(not a regular file|is a directory)/);
});

test.each([
  ['', /config\.json/],
  ['null', /object/],
  ['[]', /object/],
  ['{"ociVersion":"1.3.0",}', /config\.json:1:\d+/],
  ['{"ociVersion":"1.3.0"} x', /config\.json:1:24/],
  ['{"ociVersion":"1.3.0","ociVersion":"1.3.0"}', /duplicate key/],
  [`{"x":${'['.repeat(100)}${']'.repeat(100)}}`, /64/],
  ['\u{feff}{}', /config\.json/],
])('config.json %j is refused with its place', (text, expected) => {
  writeFileSync(join(bench.current.bundle, 'config.json'), text);
  fails(['run', '-b', bench.current.bundle, 'a'], expected);
});

test('every fault of a configuration is reported at once, each with pointer, line and column', () => {
  bench.current.configure(['/bin/true'], (config) => {
    config.process.cwd = 'relative';
    config.process.user.uid = -1;
    config.linux.namespaces.push({ type: 'pid' });
    delete config.ociVersion;
  });
  const line = fails(['run', '-b', bench.current.bundle, 'a'], '/process/cwd');
  for (const pointer of ['/process/user/uid', '/linux/namespaces/6', 'ociVersion']) expect(line).toContain(pointer);
  expect(line).toMatch(/config\.json:1:\d+/);
});

test('a pid file that cannot be written stops the container before it is made', () => {
  bench.current.configure(['/bin/true']);
  fails(['run', '-b', bench.current.bundle, '--pid-file', '/nothing/there/pid', 'a'], /pid-file|\/nothing\/there/);
});

test('a state root that others can write to, or that is a link, is refused', () => {
  const open = join(bench.current.directory, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  const result = bench.current.runt(['--root', open, 'state', 'a']);
  expect(result.status).toBe(1);
  expect(result.stderr).toContain(open);
  symlinkSync(bench.current.stateRoot, join(bench.current.directory, 'link'));
  bench.current.configure(['/bin/true']);
  expect(
    bench.current.runt(['--root', join(bench.current.directory, 'link'), 'run', '-b', bench.current.bundle, 'a'])
      .status,
  ).toBe(1);
});

test('closed standard descriptors do no harm', () => {
  bench.current.configure(['/bin/sh', '-c', 'exit 4']);
  const { binary, stateRoot, bundle } = bench.current;
  const result = bench.current.runt(['--version']);
  expect(result.status).toBe(0);
  const script = `'${binary}' --root '${stateRoot}' run -b '${bundle}' a <&- >&- 2>&-`;
  expect(spawnStatus(script)).toBe(4);
});

function spawnStatus(script: string): number | null {
  return spawnSync('sh', ['-c', script]).status;
}

test('Intel RDT on a host that has none mounted: its own sentence, and nothing is left', () => {
  bench.current.configure(['/bin/true'], (config) => {
    config.linux.intelRdt = { closID: '/' };
  });
  fails(['run', '-b', bench.current.bundle, 'a'], /\/linux\/intelRdt: no resctrl file system is mounted/);
});
