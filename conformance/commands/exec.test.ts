/** exec: a second process in a running container, with the container's defaults and its own flags. Exit 255 when exec itself fails. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, useBench } from '../harness/container.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };

function start(change?: Parameters<Bench['configure']>[1]): void {
  bench.current.configure(['/bin/sleep', '1000'], change);
  expect(bench.current.detached(['run', '-d', '-b', bench.current.bundle, 'a'])).toEqual(done);
}

/** [order] registered after the bench's own hook, so it runs before the audit. */
afterEach(() => {
  bench.current.runt(['delete', '--force', 'a']);
});

function exec(...args: string[]) {
  return bench.current.runt(['exec', ...args]);
}

beforeEach((context) => {
  if (!context.task.name.includes('[own start]')) start();
});

test('relays output and status, and everything after the id is the command', () => {
  expect(exec('a', '/bin/sh', '-c', 'echo out; echo err >&2; exit 5')).toEqual({
    status: 5,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  expect(exec('a', 'echo', '-d', '--env', '-t')).toEqual({ status: 0, stdout: '-d --env -t\n', stderr: '' });
  expect(bench.current.runt(['exec', 'a', 'cat'], { input: 'in\n' })).toEqual({
    status: 0,
    stdout: 'in\n',
    stderr: '',
  });
});

test('sees the container: namespaces, root, cgroup, hostname', () => {
  for (const kind of ['pid', 'net', 'ipc', 'uts', 'mnt', 'cgroup', 'user']) {
    const own = exec('a', 'readlink', `/proc/self/ns/${kind}`).stdout;
    expect(own).toBe(exec('a', 'readlink', `/proc/1/ns/${kind}`).stdout);
  }
  expect(exec('a', 'hostname').stdout).toBe('runt\n');
  expect(exec('a', 'grep', '^0::', '/proc/self/cgroup').stdout).toBe('0::/\n');
});

test('has the container process’s credentials by default', () => {
  const fields = (pid: string) =>
    exec('a', 'grep', '-E', '^(Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp):', `/proc/${pid}/status`).stdout;
  expect(fields('self')).toBe(fields('1'));
});

test('flags change user, groups, cwd, environment, capabilities', () => {
  expect(exec('--user', '1000:1000', 'a', 'id', '-u').stdout).toBe('1000\n');
  expect(exec('-u', '1000:100', '-g', '7', '-g', '8', 'a', 'id', '-G').stdout).toBe('100 7 8\n');
  expect(exec('--cwd', '/tmp', 'a', 'pwd').stdout).toBe('/tmp\n');
  expect(exec('-e', 'A=1', '--env=B=2', 'a', 'sh', '-c', 'echo $A$B').stdout).toBe('12\n');
  expect(exec('--user', '1000', 'a', 'sh', '-c', 'echo $HOME').stdout).toBe('/home/user\n');
  const capability = exec('--cap', 'CAP_NET_RAW', 'a', 'grep', '^CapEff', '/proc/self/status').stdout;
  expect(BigInt(`0x${capability.split('\t')[1]?.trim()}`) & (1n << 13n)).not.toBe(0n);
  expect(exec('--cap', 'CAP_NET_RAW', 'a', 'grep', '^CapInh', '/proc/self/status').stdout).toBe(
    'CapInh:\t0000000000000000\n',
  );
});

test.each(['-1', '4294967295', '4294967296', '99999999999', ' 5', '5x', '0x10', '1:', ':'])(
  '--user %j is refused',
  (user) => {
    expect(exec(`--user=${user}`, 'a', 'id')).toMatchObject({
      status: 255,
      stdout: '',
      stderr: expect.stringContaining('--user'),
    });
  },
);

test.each(['1', '1000', '2147483647', '4294967294'])('--user %s is that uid', (user) => {
  expect(exec('--user', user, 'a', 'id', '-u').stdout).toBe(`${user}\n`);
});

test('--process takes a whole process from a file', () => {
  const file = join(bench.current.directory, 'process.json');
  writeFileSync(
    file,
    JSON.stringify({
      args: ['/bin/sh', '-c', 'pwd; id -u; echo $X'],
      cwd: '/tmp',
      env: ['X=y', 'PATH=/bin'],
      user: { uid: 1000, gid: 1000 },
    }),
  );
  expect(exec('--process', file, 'a')).toEqual({ status: 0, stdout: '/tmp\n1000\ny\n', stderr: '' });
  expect(exec('-p', file, 'a').status).toBe(0);
});

test('--detach with --pid-file', () => {
  const pidFile = join(bench.current.directory, 'pid');
  expect(bench.current.detached(['exec', '-d', '--pid-file', pidFile, 'a', 'sleep', '1000'])).toEqual(done);
  const pid = readFileSync(pidFile, 'utf8');
  expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('sleep\n');
});

test('a signal is answered with 128 + signal', () => {
  expect(exec('a', 'sh', '-c', 'kill -9 $$').status).toBe(137);
});

test('failures are 255, name the cause, write no pid file', () => {
  const pidFile = join(bench.current.directory, 'pid');
  expect(exec('--pid-file', pidFile, 'a', 'nothing-like-that')).toMatchObject({
    status: 255,
    stdout: '',
    stderr: expect.stringMatching(/exec failed: .*executable file not found in \$PATH/),
  });
  expect(existsSync(pidFile)).toBe(false);
  expect(exec('a', '/nothing/there')).toMatchObject({
    status: 255,
    stderr: expect.stringContaining('no such file or directory'),
  });
  expect(exec('a', '/etc/passwd')).toMatchObject({ status: 255, stderr: expect.stringContaining('permission denied') });
  expect(exec('--cwd', '/nothing', 'a', 'true').status).not.toBe(0);
  expect(exec('a')).toMatchObject({ status: expect.any(Number), stdout: '' });
  expect(exec('missing', 'true')).toMatchObject({
    status: 255,
    stderr: expect.stringContaining('container does not exist'),
  });
});

test('is refused for a stopped container', () => {
  bench.current.runt(['kill', 'a', 'KILL']);
  const deadline = Date.now() + 5000;
  while (bench.current.state('a').status !== 'stopped' && Date.now() < deadline);
  expect(exec('a', 'true')).toMatchObject({
    status: 255,
    stderr: expect.stringContaining('cannot exec in a stopped container'),
  });
});

test('joins the container’s user namespace as its root [own start]', () => {
  start((config) => {
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    config.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
  });
  expect(exec('a', 'sh', '-c', 'id -u; cat /proc/self/uid_map').stdout).toMatch(/^0\n +0 +100000 +65536\n$/);
});
