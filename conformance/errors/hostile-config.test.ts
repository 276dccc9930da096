/** config.json and the command line as an attacker or an accident would have them: security notes, section 3, rows 4, 7-9, 11-17, 39-41, 50. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import { expectRefusal } from './expect-refusal.ts';

const bench = useBench();
const configPath = () => join(bench.current.bundle, 'config.json');
const run = (...more: readonly string[]) => ['run', ...more, '-b', bench.current.bundle, 'a'];

function soundText(): string {
  bench.current.configure(['/bin/true']);
  return readFileSync(configPath(), 'utf8');
}

describe('the file', () => {
  test('truncated at many offsets', () => {
    const text = soundText();
    for (let length = 0; length < text.length; length += 41) {
      writeFileSync(configPath(), text.slice(0, length));
      expectRefusal(bench.current, run(), /config\.json/);
    }
  }, 60_000);

  test('invalid UTF-8: FF, overlong, a surrogate, cut short', () => {
    const text = soundText();
    const [before = '', after = ''] = text.split('"hostname":"runt"');
    for (const bytes of [
      [0xff, 0xfe],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf0, 0x9f, 0x92],
      [0xf4, 0x90, 0x80, 0x80],
    ]) {
      const middle = Buffer.concat([Buffer.from('"hostname":"a'), Buffer.from(bytes), Buffer.from('"')]);
      writeFileSync(configPath(), Buffer.concat([Buffer.from(before), middle, Buffer.from(after)]));
      expectRefusal(bench.current, run(), /config\.json.*UTF-8/);
    }
  });

  test.each([
    ['raw NUL', (text: string) => text.replace('"runt"', '"ru\0nt"')],
    ['NaN', (text: string) => text.replace('"hard":1024', '"hard":NaN')],
    ['-Infinity', (text: string) => text.replace('"hard":1024', '"hard":-Infinity')],
    ['hexadecimal', (text: string) => text.replace('"hard":1024', '"hard":0x400')],
    ['leading zero', (text: string) => text.replace('"hard":1024', '"hard":01024')],
    ['comment', (text: string) => text.replace('{', '{/* */')],
    ['single quotes', (text: string) => text.replace('"runt"', "'runt'")],
    ['unpaired surrogate', (text: string) => text.replace('"runt"', '"\\ud800"')],
    ['two values', (text: string) => `${text}{}`],
    ['duplicate key in the depth', (text: string) => text.replace('"uid":0', '"uid":0,"uid":0')],
    ['duplicate key by escape', (text: string) => text.replace('"hostname":', '"hostnam\\u0065":"x","hostname":')],
  ])('%s is refused with its place', (_what, change) => {
    const text = soundText();
    const changed = change(text);
    expect(changed).not.toBe(text);
    writeFileSync(configPath(), changed);
    expectRefusal(bench.current, run(), /config\.json:\d+:\d+/);
  });

  test.each([65, 10_000, 100_000, 10_000_000])('nesting of %i, in a known and in an unknown key', (depth) => {
    soundText();
    for (const key of ['zz', 'mounts']) {
      writeFileSync(configPath(), `{"ociVersion":"1.3.0","${key}":${'['.repeat(depth)}${']'.repeat(depth)}}`);
      expectRefusal(bench.current, run(), /config\.json.*64/);
    }
  });

  test('too large is refused before it is parsed', () => {
    soundText();
    truncateSync(configPath(), 32 * 1024 * 1024 + 1);
    expectRefusal(bench.current, run(), /config\.json.*(33554432|32 MiB|too large)/);
    truncateSync(configPath(), 2 ** 40);
    expectRefusal(bench.current, run(), /config\.json.*(33554432|32 MiB|too large)/);
  });

  test('3 MB of spaces are no object', () => {
    writeFileSync(configPath(), ' '.repeat(3_000_000));
    expectRefusal(bench.current, run(), /config\.json/);
  });

  test.each([
    ['a FIFO', (path: string) => spawnSync('mkfifo', [path])],
    ['a directory', (path: string) => mkdirSync(path)],
    ['/dev/zero', (path: string) => symlinkSync('/dev/zero', path)],
    ['/dev/tty', (path: string) => symlinkSync('/dev/tty', path)],
    ['a link to itself', (path: string) => symlinkSync('config.json', path)],
    ['a dangling link', (path: string) => symlinkSync('/nothing/there', path)],
    ['a file of /proc', (path: string) => symlinkSync('/proc/self/mem', path)],
  ])('%s never blocks', (_what, make) => {
    make(configPath());
    expectRefusal(bench.current, run(), /config\.json/);
    expectRefusal(bench.current, ['run', '-f', configPath(), '-b', bench.current.bundle, 'a'], /config\.json/);
  });

  test('many faults are one line of bounded length', () => {
    bench.current.configure(['/bin/true'], (config) => {
      config.mounts = Array.from({ length: 2000 }, () => ({ destination: 5 }));
    });
    expect(expectRefusal(bench.current, run(), /\/mounts\/0/).length).toBeLessThan(20_000);
  });

  test('values of the annotations come back from state digit for digit, odd keys included', () => {
    bench.current.configure(['/bin/sleep', '100']);
    const annotations = '{"__proto__":"p","constructor":"c","a\\u20acb":"\\ud83d\\ude00","n":"9007199254740993"}';
    const text = readFileSync(configPath(), 'utf8').replace('"hostname":', `"annotations":${annotations},"hostname":`);
    writeFileSync(configPath(), text);
    expect(bench.current.create('a')).toMatchObject({ status: 0, stderr: '' });
    const state = bench.current.runt(['state', 'a']);
    expect(JSON.parse(state.stdout).annotations).toEqual(JSON.parse(annotations));
    expect(bench.current.runt(['delete', '--force', 'a']).status).toBe(0);
  });

  test.each([
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
    '18446744073709551614',
    '18446744073709551615',
  ])('a limit of %s is kept digit for digit in the saved configuration, and taken', (digits) => {
    soundText();
    const text = readFileSync(configPath(), 'utf8')
      .replace('"hard":1024,"soft":1024', `"hard":${digits},"soft":${digits}`)
      .replace('RLIMIT_NOFILE', 'RLIMIT_CPU')
      .replace('["/bin/true"]', '["/bin/cat","/proc/self/limits"]');
    writeFileSync(configPath(), text);
    const result = bench.current.run('a');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    const [, soft, hard] = /Max cpu time +(\S+) +(\S+)/.exec(result.stdout) ?? [];
    const expected = digits === '18446744073709551615' ? 'unlimited' : digits;
    expect([soft, hard]).toEqual([expected, expected]);
    expect(bench.current.create('b').status).toBe(0);
    expect(readFileSync(join(bench.current.stateRoot, 'b/config.json'), 'utf8')).toContain(`"hard":${digits},`);
    expect(bench.current.runt(['delete', '--force', 'b']).status).toBe(0);
  });
});

describe('the command line', () => {
  test.each([
    [['--log-format', 'xml', 'list'], /xml/],
    [['--root', '', 'list'], /root/],
    [['--root', '/', 'list'], /root/],
    [['--root', `/${'x'.repeat(300)}`, 'create', '-b', '/', 'a'], /./],
    [['--root', `/${'x/'.repeat(3000)}`, 'state', 'a'], /./],
    [['list', '--format', 'yaml'], /yaml/],
    [['exec', '--nothing', 'a', 'true'], /--nothing/],
    [['run', '--preserve-fds', '-1', 'a'], /preserve-fds/],
    [['run', '--preserve-fds', '1e6', 'a'], /preserve-fds/],
    [['run', '--preserve-fds', '99999999999999999999', 'a'], /preserve-fds/],
  ] as const)('%j', (args, expected) => {
    const result = bench.current.runt(args);
    expectRefusal(bench.current, args, expected, { status: args[0] === 'exec' ? (result.status ?? 0) : 1 });
    expect(result.status).toBe(args[0] === 'exec' ? result.status : 1);
    expect(result.status).not.toBe(0);
  });

  test('signals that do not exist', () => {
    bench.current.configure(['/bin/sleep', '100']);
    expect(bench.current.create('a').status).toBe(0);
    for (const signal of ['999', '65', '-1', 'SIGFOO', '9x', ' 9', '1e1']) {
      expectRefusal(bench.current, ['kill', '--', 'a', signal], /signal/);
    }
    expect(bench.current.state('a').status).toBe('created');
    expect(bench.current.runt(['delete', '--force', 'a']).status).toBe(0);
  });

  test('an id is checked by delete --force before any path is used', () => {
    for (const id of ['..', '.', 'a/../..', '/', 'a\nb', '\u20ac', 'x'.repeat(256)]) {
      expectRefusal(bench.current, ['delete', '--force', '--', id], /id/);
    }
  });

  test('more descriptors to preserve than there are', () => {
    soundText();
    expectRefusal(bench.current, run('--preserve-fds', '1000'), /preserved-fd 0 \(of 1000\).*EBADF/);
  });

  test.each(['junk', '-1', '', '99999999999', '1 2'])('LISTEN_FDS=%j', (value) => {
    soundText();
    const result = bench.current.run('a', { env: { LISTEN_FDS: value, LISTEN_PID: String(process.pid) } });
    expect(result.stdout).toBe('');
    expect(result.stderr.split('\n').length).toBeLessThanOrEqual(2);
  });

  test.each([
    ['a directory', (path: string) => mkdirSync(path)],
    ['in a file', () => {}],
  ])('--pid-file: %s', (what, make) => {
    soundText();
    const path = what === 'in a file' ? join(configPath(), 'pid') : join(bench.current.directory, 'pid');
    make(path);
    expectRefusal(bench.current, run('--pid-file', path), /pid/);
  });

  test('--pid-file: a FIFO or a link there is replaced, never opened', () => {
    soundText();
    const path = join(bench.current.directory, 'pid');
    const victim = join(bench.current.directory, 'victim');
    writeFileSync(victim, 'mine');
    spawnSync('mkfifo', [path]);
    expect(bench.current.runt(run('--pid-file', path))).toMatchObject({ status: 0, stderr: '' });
    rmSync(path);
    symlinkSync(victim, path);
    expect(bench.current.runt(run('--pid-file', path))).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    expect(readFileSync(path, 'utf8')).toMatch(/^\d+$/);
  });

  test('--console-socket: missing, not a socket, nobody listening, a name that is too long', () => {
    bench.current.configure(['/bin/true'], (config) => {
      config.process.terminal = true;
    });
    const { directory, bundle } = bench.current;
    const file = join(directory, 'file');
    writeFileSync(file, '');
    for (const path of [join(directory, 'missing'), file, directory, join(directory, 'x'.repeat(200)), '']) {
      const args = ['create', '-b', bundle, '--console-socket', path, 'a'];
      expectRefusal(bench.current, args, /console.socket/);
    }
  });

  test('--console-socket: a listener that never reads, and one that hangs up', async () => {
    bench.current.configure(['/bin/true'], (config) => {
      config.process.terminal = true;
    });
    const path = join(bench.current.directory, 'console.sock');
    const server = createServer((connection) => connection.destroy());
    await new Promise<void>((done) => server.listen(path, done));
    const { binary, stateRoot, bundle } = bench.current;
    const child = spawn(binary, ['--root', stateRoot, 'create', '-b', bundle, '--console-socket', path, 'a'], {
      stdio: 'ignore',
    });
    const status = await new Promise((done) => child.on('exit', done));
    await new Promise((done) => server.close(done));
    // The hang-up may come before or after the descriptor was taken over: an error, or a created container.
    expect([0, 1]).toContain(status);
    expect(bench.current.runt(['delete', '--force', 'a']).status).toBe(0);
  });

  test.each([
    ['a FIFO', (path: string) => spawnSync('mkfifo', [path])],
    ['a directory', (path: string) => mkdirSync(path)],
    ['/dev/full', (path: string) => symlinkSync('/dev/full', path)],
  ])('--log on %s does not stop an operation for ever', (_what, make) => {
    soundText();
    const log = join(bench.current.directory, 'log');
    make(log);
    const start = performance.now();
    const result = bench.current.runt(['--log', log, 'state', 'nothing'], { timeoutMs: 5000 });
    expect(result.status).toBe(1);
    expect(result.stderr).not.toBe('');
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('stdout that is full or gone is an error of one line, never a signal', () => {
    const { binary, stateRoot } = bench.current;
    for (const command of ['features', 'list', 'spec --help']) {
      const full = spawnSync('sh', ['-c', `'${binary}' --root '${stateRoot}' ${command} >/dev/full`], {
        encoding: 'utf8',
      });
      expect(full.status, command).toBe(1);
      expect(full.stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(full.stderr).toMatch(/ENOSPC/);
    }
    const script = `'${binary}' --root '${stateRoot}' features | true; echo "\${PIPESTATUS[0]}"`;
    const gone = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(['0\n', '1\n']).toContain(gone.stdout);
  });

  test('no arguments at all', () => {
    const result = bench.current.runt([]);
    expect(result.status === 0 ? result.stdout : result.stderr).not.toBe('');
  });
});
