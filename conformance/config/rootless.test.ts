/**
 * Containers of an ordinary user: id maps with and without newuidmap, no cgroup rights and delegated ones, the state root,
 * rootless in rootless. [spec config-linux.md#user-namespaces] [man user_namespaces.7] [man newuidmap.1] [CVE-2023-25809]
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../harness/default-config.ts';
import { bindOver, firstSubId, gid, uid, useOrdinaryUser, withRanges } from '../harness/ordinary-user.ts';

const user = useOrdinaryUser();
const squeeze = (text: string) => text.replaceAll(/ +/g, ' ');
const cgroups = () =>
  readdirSync('/sys/fs/cgroup', { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => name);

describe('id maps', () => {
  test('the own id alone, without any tool: setgroups is denied, devices work', () => {
    const text =
      'id -u; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; echo x > /dev/null; head -c1 /dev/zero | wc -c; stat -c %u /';
    const output = user.current.script(text, undefined, { env: { PATH: '/nowhere' } });
    expect(squeeze(output)).toBe(`0\n 0 ${uid} 1\n 0 ${gid} 1\ndeny\n1\n0\n`);
  });

  test('ranges by newuidmap and newgidmap: other users, groups, owners on the host', () => {
    const output = user.current.script(
      'id -u; id -G; cat /proc/self/uid_map /proc/self/setgroups; touch /data/file',
      (config) => {
        withRanges(config);
        config.root.readonly = false;
        config.process.user = { uid: 1000, gid: 1000, additionalGids: [10] };
        spawnSync('chmod', ['777', join(user.current.bundle, 'rootfs/data')]);
      },
    );
    expect(squeeze(output)).toBe(`1000\n1000 10\n 0 ${uid} 1\n 1 ${firstSubId} 65536\nallow\n`);
    const { uid: owner, gid: group } = statSync(join(user.current.bundle, 'rootfs/data/file'));
    expect([owner, group]).toEqual([firstSubId + 999, firstSubId + 999]);
  });

  test.each<readonly [string, (config: Config) => void, RegExp]>([
    [
      'ranges of others',
      (config) => {
        withRanges(config);
        config.linux.uidMappings[1].hostID = 5_000_000;
      },
      /\/linux\/uidMappings: \/usr\/bin\/newuidmap: failed with status 1 for .*not allowed/,
    ],
    [
      'root of the host',
      (config) => {
        config.linux.gidMappings[0].hostID = 0;
      },
      /\/linux\/gidMappings: \/usr\/bin\/newgidmap: failed with status 1 for 0=0\+1/,
    ],
    [
      'groups where setgroups is denied',
      (config) => {
        config.process.user.additionalGids = [10];
      },
      /\/process\/user\/additionalGids: .*setgroups/,
    ],
    [
      'a user that is not mapped',
      (config) => {
        config.process.user.uid = 1;
      },
      /\/process\/user\/uid: .*EINVAL.*not mapped/,
    ],
    [
      'a group that is not mapped',
      (config) => {
        config.process.user.gid = 1;
      },
      /\/process\/user\/gid: .*EINVAL.*not mapped/,
    ],
    [
      'the message queues of the host',
      (config) => {
        config.linux.namespaces = config.linux.namespaces.filter((each: { type: string }) => each.type !== 'ipc');
      },
      /\/mounts\/4: mqueue: .*EPERM.*needs an ipc namespace of its own/,
    ],
    [
      'a group of devpts that is not mapped',
      (config) => {
        config.mounts[2].options.push('gid=5');
      },
      /\/mounts\/2\/options\/5: .*gid=5.* not mapped/,
    ],
    [
      'no user namespace',
      (config) => {
        config.linux.namespaces.pop();
        delete config.linux.uidMappings;
        delete config.linux.gidMappings;
      },
      /rootless container requires user namespaces/,
    ],
    [
      'a mount with mapped ids',
      (config) => {
        config.mounts.push({
          destination: '/data',
          source: '/etc',
          options: ['bind'],
          uidMappings: config.linux.uidMappings,
          gidMappings: config.linux.gidMappings,
        });
      },
      /id-mapped mounts are not supported for rootless containers/,
    ],
    [
      'a lower OOM score',
      (config) => {
        config.process.oomScoreAdj = -1000;
      },
      /\/process\/oomScoreAdj: .*EACCES.*CAP_SYS_RESOURCE/,
    ],
    [
      'a higher limit',
      (config) => {
        config.process.rlimits = [{ type: 'RLIMIT_MEMLOCK', soft: 2 ** 52, hard: 2 ** 52 }];
      },
      /\/process\/rlimits\/0: .*EPERM/,
    ],
  ])('%s: refused', (_, change, text) => {
    expect(user.current.refusal(change)).toMatch(text);
  });

  test.each([
    ['echo oops >&2; exit 3', /\/linux\/gidMappings: .*newgidmap: failed with status 3 .*saying "oops"/],
    ['kill -9 $$', /newgidmap: was killed by signal 9/],
    // It says that it has done it and has not.
    ['exit 0', /newuidmap|become root|not mapped|EINVAL|EPERM/],
  ])('a tool that does %j', (script, text) => {
    const directory = join(user.current.directory, 'tools');
    mkdirSync(directory);
    for (const name of ['newgidmap', 'newuidmap'])
      writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    expect(user.current.refusal(withRanges, { env: { PATH: `${directory}:/usr/bin:/bin` } })).toMatch(text);
  });

  test('a tool in the PATH of the container is never used', () => {
    const planted = join(user.current.bundle, 'newuidmap');
    writeFileSync(planted, '#!/bin/sh\ntouch /run/planted-tool-ran\n', { mode: 0o755 });
    user.current.script(
      'true',
      (config) => {
        withRanges(config);
        config.process.env = [`PATH=${user.current.bundle}:.:/bin`];
      },
      { env: { PATH: '.:relative::/usr/bin:/bin' } },
    );
    expect(existsSync('/run/planted-tool-ran')).toBe(false);
  });

  test('without the tools ranges are refused in one sentence', () => {
    const empty = join(user.current.directory, 'empty');
    writeFileSync(empty, '');
    for (const name of ['newuidmap', 'newgidmap']) bindOver(empty, `/usr/bin/${name}`);
    try {
      expect(user.current.refusal(withRanges)).toMatch(
        /\/linux\/gidMappings: needs newgidmap, which is not installed.*uidmap/,
      );
    } finally {
      for (const name of ['newuidmap', 'newgidmap']) spawnSync('umount', [`/usr/bin/${name}`]);
    }
  });

  test('where setuid programs have no effect the refusal names that', () => {
    const text = user.current.refusal(withRanges, { through: ['setpriv', '--no-new-privs'] });
    expect(text).toMatch(/newgidmap: failed .*Operation not permitted.*no_new_privs/);
  });
});

describe('what the process gets', () => {
  test('its limits and OOM score, raised as far as an ordinary user may', () => {
    const output = user.current.script('cat /proc/self/oom_score_adj; ulimit -n; ulimit -Hn', (config) => {
      config.process.oomScoreAdj = 700;
      config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }];
    });
    expect(output).toBe('700\n100\n200\n');
  });

  test('a time namespace with offsets', () => {
    const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    const output = user.current.script('cat /proc/uptime', (config) => {
      config.linux.namespaces.push({ type: 'time' });
      config.linux.timeOffsets = { boottime: { secs: 1_000_000, nanosecs: 0 } };
    });
    expect(Number(output.split(' ')[0]) - uptime).toBeGreaterThanOrEqual(1_000_000);
  });

  test('a terminal', () => {
    user.current.configure(['/bin/sh', '-c', 'tty; stat -c %u /dev/pts/0'], (config) => {
      config.process.terminal = true;
    });
    const result = user.current.command(['script', '-qec', `${user.current.binary} run test`, '/dev/null']);
    expect(result.status).toBe(0);
    // script(1) says the end of its own input with NUL, which the terminal echoes.
    expect(result.stdout.replace('^@', '').replaceAll('\0', '')).toBe('/dev/pts/0\r\n0\r\n');
  });

  test('the sysfs of the host, read-only with all below it, where the network is the host’s', () => {
    const output = user.current.script(
      'ls /sys/class/net | grep -c lo; grep " /sys" /proc/self/mountinfo | grep -vc " ro,"; mkdir /sys/fs/cgroup/x 2>&1 || true',
      (config) => {
        config.mounts[5] = {
          destination: '/sys',
          type: 'sysfs',
          source: 'sysfs',
          options: ['nosuid', 'noexec', 'nodev', 'ro'],
        };
        config.mounts.pop();
        config.linux.maskedPaths = [];
      },
    );
    expect(output).toMatch(/^1\n0\n.*Read-only file system\n$/);
  });

  test('a sysfs of its own with a network of its own', () => {
    expect(
      user.current.script('ls /sys/class/net', (config) => {
        config.linux.namespaces.push({ type: 'network' });
        config.mounts[5] = { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] };
      }),
    ).toBe('lo\n');
  });
});

describe('cgroups', () => {
  const inside = 'cat /proc/self/cgroup | grep ^0::; mkdir /sys/fs/cgroup/x 2>&1 || true';
  const limit = (config: Config) => {
    config.linux.resources = { pids: { limit: 10 } };
  };

  test.each([['read-only'], ['writable']])(
    'no rights and no limits: none, and that of the caller is read-only (mounted %s)',
    (how) => {
      const before = cgroups();
      const output = user.current.script(inside, (config) => {
        if (how === 'writable') config.mounts[6].options = ['rw'];
      });
      expect(output).toMatch(/^0::\/\nmkdir: .*Read-only file system\n$/);
      expect(cgroups()).toEqual(before);
    },
  );

  test('no rights and the host’s cgroup namespace: masked [CVE-2023-25809]', () => {
    const output = user.current.script('ls -A /sys/fs/cgroup; mkdir /sys/fs/cgroup/x 2>&1 || true', (config) => {
      config.linux.namespaces = config.linux.namespaces.filter((each: { type: string }) => each.type !== 'cgroup');
      config.mounts[6].options = ['rw'];
    });
    expect(output).toMatch(/^mkdir: .*Read-only file system\n$/);
  });

  test.each<readonly [string, readonly string[], ((config: Config) => void) | undefined, RegExp]>([
    ['--rootless=false', ['--rootless=false'], undefined, /create the cgroup: .*EACCES/],
    [
      'a cgroupsPath',
      [],
      (config) => {
        config.linux.cgroupsPath = '/mine';
      },
      /create the cgroup: \/sys\/fs\/cgroup\/mine: .*EACCES/,
    ],
    [
      'a limit',
      ['--rootless=true'],
      limit,
      /\/linux\/resources\/pids\/limit: rootless needs no limits \+ no cgrouppath when no permission is granted for cgroups/,
    ],
  ])('no rights, but %s: refused', (_, flags, change, text) => {
    const { current } = user;
    current.configure(['/bin/true'], change);
    const result = current.runt([...flags, 'run', 'test']);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(text);
  });

  test('a delegated cgroup: beside the own one, writable for no other, gone afterwards', () => {
    const { current } = user;
    const own = current.delegate('delegated');
    try {
      current.configure(['/bin/sleep', '1000']);
      expect(current.detached(['create', 'web'], { cgroup: own })).toMatchObject({ status: 0, stderr: '' });
      expect(current.runt(['start', 'web'], { cgroup: own })).toMatchObject({ status: 0, stderr: '' });
      expect(statSync('/sys/fs/cgroup/delegated/web').uid).toBe(uid);
      const { pid } = JSON.parse(current.runt(['state', 'web']).stdout);
      expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toContain('0::/delegated/web\n');
      const where = ['exec', 'web', 'grep', '^0::', '/proc/self/cgroup'];
      expect(current.runt(where, { cgroup: own }).stdout).toBe('0::/\n');
      // From where it may not be put there: outside, as nothing is limited and the pid namespace ends with init.
      expect(current.runt(where)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^0::\/\.\.\//) });
      expect(current.runt(['ps', 'web', '-eo', 'pid,args']).stdout).toContain('sleep 1000');
      expect(current.runt(['pause', 'web'])).toMatchObject({ status: 0, stderr: '' });
      expect(current.runt(['list']).stdout).toContain('paused');
      expect(current.runt(['resume', 'web'])).toMatchObject({ status: 0, stderr: '' });
      const event = JSON.parse(current.runt(['events', '--stats', 'web']).stdout);
      expect(event).toMatchObject({
        type: 'stats',
        id: 'web',
        data: { cpu: { usage: { total: expect.any(Number) } } },
      });
      expect(current.runt(['delete', '--force', 'web'])).toMatchObject({ status: 0, stderr: '' });
      expect(existsSync('/sys/fs/cgroup/delegated/web')).toBe(false);
    } finally {
      current.undelegate('delegated');
    }
  });

  test('a relative cgroupsPath starts at the delegated cgroup; an absolute one may lie in it', () => {
    const { current } = user;
    const own = current.delegate('delegated');
    try {
      for (const [cgroupsPath, path] of [
        ['a/b', 'delegated/a/b'],
        ['/delegated/c', 'delegated/c'],
      ]) {
        current.configure(['/bin/sleep', '1000'], (config) => {
          config.linux.cgroupsPath = cgroupsPath;
        });
        expect(current.detached(['create', 'web'], { cgroup: own })).toMatchObject({ status: 0, stderr: '' });
        expect(existsSync(`/sys/fs/cgroup/${path}/cgroup.procs`)).toBe(true);
        expect(current.runt(['delete', '--force', 'web'])).toMatchObject({ status: 0, stderr: '' });
      }
      expect(
        readdirSync('/sys/fs/cgroup/delegated', { withFileTypes: true })
          .filter((each) => each.isDirectory())
          .map(({ name }) => name),
      ).toEqual(['own']);
    } finally {
      current.undelegate('delegated');
    }
  });

  test('a delegated cgroup that the caller is not in: said, nothing left', () => {
    const { current } = user;
    current.delegate('delegated');
    try {
      const text = current.refusal((config) => {
        config.linux.cgroupsPath = '/delegated/web';
      });
      expect(text).toMatch(/\/sys\/fs\/cgroup\/delegated\/web: .*no process may be put.*EACCES/);
      expect(existsSync('/sys/fs/cgroup/delegated/web')).toBe(false);
    } finally {
      current.undelegate('delegated');
    }
  });
});

describe('the life of a container', () => {
  test('create, exec, kill, delete without a cgroup: init’s end is the end of all', () => {
    const { current } = user;
    current.configure(['/bin/sleep', '1000'], withRanges);
    expect(current.detached(['create', 'web'])).toMatchObject({ status: 0, stderr: '' });
    // Before the start: init, which lets nobody look into it, hands its namespaces over, to as many as ask.
    const files = ['user', 'mnt', 'pid', 'net', 'ipc', 'uts'];
    const { pid } = JSON.parse(current.runt(['state', 'web']).stdout);
    const inits = files.map((file) => `${readlinkSync(`/proc/${pid}/ns/${file}`)}\n`).join('');
    const script = files.map((file) => `readlink /proc/self/ns/${file}`).join('; ');
    for (const _ of [1, 2]) {
      expect(current.runt(['exec', 'web', 'sh', '-c', script])).toMatchObject({ status: 0, stderr: '', stdout: inits });
    }
    const closed = 'ls /proc/1/fd || cat /proc/1/environ || cat /proc/1/maps || readlink /proc/1/exe';
    const looked = current.runt(['exec', '--cap', 'CAP_SYS_PTRACE', 'web', 'sh', '-c', closed]);
    expect({ ended: looked.status !== 0, stdout: looked.stdout }).toEqual({ ended: true, stdout: '' });
    expect(current.runt(['state', 'web']).stdout).toContain('"created"');
    expect(current.runt(['start', 'web'])).toMatchObject({ status: 0, stderr: '' });
    expect(current.runt(['exec', '--user', '7:8', '-g', '9', 'web', 'sh', '-c', 'id -u; id -G'])).toMatchObject({
      status: 0,
      stdout: '7\n8 9\n',
    });
    for (const needsCgroup of [
      ['ps', 'web'],
      ['pause', 'web'],
      ['events', '--stats', 'web'],
      ['update', '--pids-limit', '5', 'web'],
    ]) {
      const { status, stdout, stderr } = current.runt(needsCgroup);
      expect([status, stdout], needsCgroup[0]).toEqual([1, '']);
      expect(stderr, needsCgroup[0]).toMatch(
        /^runt: .*has no cgroup.* by an ordinary user where no cgroup could be made.*\n$/,
      );
    }
    expect(current.runt(['list']).stdout).toMatch(/web .* running .* tester/);
    expect(current.runt(['kill', 'web', 'KILL'])).toMatchObject({ status: 0, stderr: '' });
    for (let i = 0; i < 100 && !current.runt(['list']).stdout.includes('stopped'); i++) spawnSync('sleep', ['0.05']);
    expect(current.runt(['delete', 'web'])).toMatchObject({ status: 0, stderr: '' });
  });

  test('mounts add and remove: trees that the user may read, with and without an owner in the container', () => {
    const { current } = user;
    mkdirSync(join(current.directory, 'volume/inner'), { recursive: true });
    writeFileSync(join(current.directory, 'volume/file'), 'hello\n');
    mkdirSync(join(current.directory, 'closed/inner'), { recursive: true });
    chmodSync(join(current.directory, 'closed'), 0o700);
    for (const change of [() => {}, withRanges]) {
      current.configure(['/bin/sleep', '1000'], change);
      expect(current.detached(['create', 'web'])).toMatchObject({ status: 0, stderr: '' });
      expect(current.runt(['start', 'web'])).toMatchObject({ status: 0, stderr: '' });
      const inside = (script: string) => current.runt(['exec', 'web', '/bin/sh', '-c', script]);
      const volume = join(current.directory, 'volume');
      expect(current.runt(['mounts', 'add', '-o', 'ro,nosuid', 'web', volume, '/data'])).toMatchObject({
        status: 0,
        stderr: '',
      });
      expect(inside('cat /data/file; grep " /data " /proc/self/mountinfo | grep -c " ro,nosuid"').stdout).toBe(
        'hello\n1\n',
      );
      expect(inside('touch /data/x').stderr).toContain('Read-only file system');
      expect(current.runt(['mounts', 'remove', 'web', '/data'])).toMatchObject({ status: 0, stderr: '' });
      expect(inside('ls /data')).toMatchObject({ status: 0, stdout: '' });
      const closed = current.runt(['mounts', 'add', 'web', join(current.directory, 'closed/inner'), '/data']);
      expect([closed.status, closed.stdout]).toEqual([1, '']);
      expect(closed.stderr).toMatch(
        /^runt: mounts add failed: open .*\/closed\/inner for the container: .*EACCES.*\n$/,
      );
      expect(current.runt(['delete', '--force', 'web'])).toMatchObject({ status: 0, stderr: '' });
    }
  });

  test.each([
    ['without hooks', undefined],
    ['with a startContainer hook', [{ path: '/bin/sh', args: ['sh', '-c', 'ls /proc/self/fd > /data/hook'] }]],
  ])(
    'exec before the start, all kinds of namespaces, %s: what is handed over reaches neither hook nor program',
    (_, hooks) => {
      const { current } = user;
      current.configure(['/bin/sleep', '1000'], (config) => {
        const types = ['user', 'mount', 'pid', 'network', 'ipc', 'uts', 'cgroup', 'time'];
        config.linux.namespaces = types.map((type) => ({ type }));
        config.linux.timeOffsets = { monotonic: { secs: 100000 } };
        config.root.readonly = false;
        if (hooks !== undefined) config.hooks = { startContainer: hooks };
      });
      expect(current.detached(['create', 'web'])).toMatchObject({ status: 0, stderr: '' });
      const { pid } = JSON.parse(current.runt(['state', 'web']).stdout);
      const files = ['user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup', 'time'];
      const inits = files.map((file) => `${readlinkSync(`/proc/${pid}/ns/${file}`)}\n`).join('');
      const script = files.map((file) => `readlink /proc/self/ns/${file}`).join('; ');
      expect(current.runt(['exec', 'web', 'sh', '-c', script])).toMatchObject({ status: 0, stderr: '', stdout: inits });
      expect(readdirSync(`/proc/${pid}/fd`)).toHaveLength(3 + 1 + files.length);
      expect(current.runt(['start', 'web'])).toMatchObject({ status: 0, stderr: '' });
      const read = (name: string) => readFileSync(join(current.bundle, 'rootfs/data', name), 'utf8');
      expect(current.runt(['exec', 'web', 'sh', '-c', script])).toMatchObject({ status: 0, stderr: '' });
      expect(readdirSync(`/proc/${pid}/fd`).sort()).toEqual(['0', '1', '2']);
      if (hooks !== undefined) expect(read('hook')).toBe('0\n1\n2\n3\n');
      expect(current.runt(['delete', '--force', 'web'])).toMatchObject({ status: 0, stderr: '' });
    },
  );

  test('mounts add before the start', () => {
    const { current } = user;
    current.configure(['/bin/sh', '-c', 'ls /data']);
    writeFileSync(join(current.directory, 'file'), '');
    expect(current.detached(['create', 'web'])).toMatchObject({ status: 0, stderr: '' });
    expect(current.runt(['mounts', 'add', 'web', current.directory, '/data'])).toMatchObject({ status: 0, stderr: '' });
    expect(current.runt(['exec', 'web', 'ls', '/data']).stdout).toContain('file\n');
    expect(current.runt(['mounts', 'remove', 'web', '/data'])).toMatchObject({ status: 0, stderr: '' });
    expect(current.runt(['exec', 'web', 'ls', '/data'])).toMatchObject({ status: 0, stdout: '' });
    expect(current.runt(['delete', '--force', 'web'])).toMatchObject({ status: 0, stderr: '' });
  });

  test('it belongs to the user: another one may neither see nor end it', () => {
    const { current } = user;
    current.configure(['/bin/sleep', '1000']);
    current.detached(['create', 'web']);
    const other = ['--root', join(current.runtimeDirectory, 'runt')];
    const stranger = spawnSync(
      'setpriv',
      ['--reuid', '54321', '--clear-groups', current.binary, ...other, 'kill', 'web', 'KILL'],
      { encoding: 'utf8' },
    );
    expect(stranger.status).toBe(1);
    expect(stranger.stderr).toMatch(/EACCES/);
    expect(current.runt(['list']).stdout).toContain('created');
    expect(current.runt(['delete', '--force', 'web'])).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('the state root', () => {
  test('$XDG_RUNTIME_DIR/runt, for the owner alone, with the sticky bit', () => {
    user.current.script('true');
    expect(statSync(join(user.current.runtimeDirectory, 'runt')).mode & 0o7777).toBe(0o1700);
  });

  const hostile: readonly (readonly [string, (path: string) => void])[] = [
    [
      'another user’s',
      (path) => {
        mkdirSync(path, { mode: 0o755 });
        chownSync(path, 54321, 54321);
      },
    ],
    [
      'everybody’s',
      (path) => {
        mkdirSync(path);
        chmodSync(path, 0o777);
      },
    ],
    [
      'a link to another user’s',
      (path) => {
        mkdirSync(`${path}-real`, { mode: 0o755 });
        chownSync(`${path}-real`, 54321, 54321);
        symlinkSync(`${path}-real`, path);
      },
    ],
  ];
  test.each(hostile)('XDG_RUNTIME_DIR is %s: refused', (_, make) => {
    const path = join(user.current.directory, 'other');
    make(path);
    for (const command of [['list'], ['state', 'a'], ['run', 'a']]) {
      user.current.configure(['/bin/true']);
      const result = user.current.runt(command, { env: { XDG_RUNTIME_DIR: path } });
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/open the state root: .*refusing/);
    }
  });

  test('no XDG_RUNTIME_DIR', () => {
    const result = user.current.runt(['list'], { env: { XDG_RUNTIME_DIR: undefined } });
    expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining('XDG_RUNTIME_DIR is not set') });
  });

  test('what lies there and is no container is neither followed nor waited for', () => {
    const { current } = user;
    const root = join(current.runtimeDirectory, 'runt');
    mkdirSync(root, { mode: 0o700 });
    mkdirSync(join(current.directory, 'elsewhere'));
    symlinkSync(join(current.directory, 'elsewhere'), join(root, 'link'));
    mkdirSync(join(root, 'pipe'));
    spawnSync('mkfifo', [join(root, 'pipe/state.json')]);
    current.own('xdg/runt', 'xdg/runt/pipe', 'xdg/runt/pipe/state.json', 'elsewhere');
    expect(current.runt(['list']).status).toBe(0);
    expect(current.runt(['delete', '--force', 'link']).status).toBe(1);
    expect(existsSync(join(current.directory, 'elsewhere'))).toBe(true);
    expect(current.runt(['delete', '--force', 'pipe']).status).toBe(0);
    spawnSync('rm', [join(root, 'link')]);
  });
});

test('spec --rootless writes a configuration that runs', () => {
  const { current } = user;
  expect(current.runt(['spec', '--rootless'])).toMatchObject({ status: 0, stderr: '' });
  const path = join(current.bundle, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8'));
  expect(config.linux.uidMappings).toEqual([{ containerID: 0, hostID: uid, size: 1 }]);
  expect(config.linux.gidMappings).toEqual([{ containerID: 0, hostID: gid, size: 1 }]);
  expect(config.linux.resources).toBeUndefined();
  config.process.terminal = false;
  config.process.args = ['hostname'];
  writeFileSync(path, JSON.stringify(config));
  expect(current.runt(['run', 'test'])).toMatchObject({ status: 0, stdout: 'runc\n', stderr: '' });
});

describe('namespaces of a user namespace that is joined', () => {
  const files: Readonly<Record<string, string>> = {
    user: 'user',
    network: 'net',
    pid: 'pid',
    ipc: 'ipc',
    uts: 'uts',
    cgroup: 'cgroup',
    time: 'time',
    mount: 'mnt',
  };
  const all = ['network', 'pid', 'ipc', 'uts', 'cgroup', 'time'];
  const flags = [
    '--user',
    '--map-root-user',
    '--net',
    '--pid',
    '--ipc',
    '--uts',
    '--mount',
    '--cgroup',
    '--time',
    '--fork',
    '--kill-child',
  ];

  let holder: ChildProcess;
  let holderPid = '';
  const path = (kind: string) => `/proc/${holderPid}/ns/${files[kind]}`;

  beforeEach(() => {
    const argv = ['--reuid', `${uid}`, '--regid', `${gid}`, '--clear-groups', 'unshare', ...flags, 'sleep', '1000'];
    holder = spawn('setpriv', argv, { stdio: 'ignore' });
    holderPid = '';
    for (let i = 0; i < 500 && holderPid === ''; i++) {
      spawnSync('sleep', ['0.02']);
      const child = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim();
      if (child !== '' && readFileSync(`/proc/${child}/comm`, 'utf8') === 'sleep\n') holderPid = child;
    }
  });
  afterEach(async () => {
    holder.kill('SIGKILL');
    await new Promise((resolve) => holder.on('exit', resolve));
  });

  const joinByPath = (config: Config, kinds: readonly string[]) => {
    config.linux.namespaces = config.linux.namespaces.filter((each: { type: string }) => !kinds.includes(each.type));
    for (const type of kinds) config.linux.namespaces.push({ type, path: path(type) });
    if (kinds.includes('user')) {
      delete config.linux.uidMappings;
      delete config.linux.gidMappings;
    }
    if (kinds.includes('uts')) delete config.hostname;
    if (kinds.includes('cgroup'))
      config.mounts = config.mounts.filter((each: { type: string }) => each.type !== 'cgroup');
  };

  test.each([['alone', []], ...all.map((kind) => [`with ${kind}`, [kind]]), ['with all', all]] as [string, string[]][])(
    'user %s',
    (_, others) => {
      const kinds = ['user', ...others];
      const links = spawnSync('readlink', kinds.map(path), { encoding: 'utf8' }).stdout;
      const own = `for n in ${kinds.map((kind) => files[kind]).join(' ')}; do readlink /proc/self/ns/$n; done`;
      const output = user.current.script(`id -u; cat /proc/self/oom_score_adj; ${own}`, (config) => {
        config.process.oomScoreAdj = 300;
        joinByPath(config, kinds);
      });
      expect(output).toBe(`0\n300\n${links}`);
    },
  );

  test('a network namespace without the user namespace that it belongs to', () => {
    const text = user.current.refusal((config) => joinByPath(config, ['network']));
    expect(text).toMatch(/join the network namespace: .*EPERM.*user namespace/);
  });
});

describe('rootless in rootless', () => {
  test('root of a user namespace: recognised, state in XDG_RUNTIME_DIR, no cgroup needed', () => {
    const { current } = user;
    const output = current.script(
      'id -u; cat /proc/self/uid_map',
      (config) => {
        config.linux.uidMappings[0].hostID = 0;
        config.linux.gidMappings[0].hostID = 0;
      },
      { through: ['unshare', '--user', '--map-root-user', '--mount'] },
    );
    expect(squeeze(output)).toBe('0\n 0 0 1\n');
    expect(existsSync(join(current.runtimeDirectory, 'runt'))).toBe(true);
  });

  test('root of a user namespace, without a further one: devices are bound, sysctl and mounts work', () => {
    const output = user.current.script(
      'id -u; echo x > /dev/null; cat /proc/sys/net/ipv4/ip_forward',
      (config) => {
        config.linux.namespaces = [
          ...config.linux.namespaces.filter((each: { type: string }) => each.type !== 'user'),
          { type: 'network' },
        ];
        delete config.linux.uidMappings;
        delete config.linux.gidMappings;
        config.linux.sysctl = { 'net.ipv4.ip_forward': '1' };
      },
      { through: ['unshare', '--user', '--map-root-user', '--mount'] },
    );
    expect(output).toBe('0\n1\n');
  });

  test('a container in a container', () => {
    const { current } = user;
    mkdirSync(join(current.bundle, 'inner/rootfs'), { recursive: true });
    current.configure(['/bin/sh', '-c', 'id -u; cat /proc/self/uid_map; echo inner'], (config) => {
      withRanges(config);
      // Of two ranges outside, one inside cannot be made.
      const map = [
        { containerID: 0, hostID: 0, size: 1 },
        { containerID: 1, hostID: 1, size: 1000 },
      ];
      config.linux.uidMappings = map;
      config.linux.gidMappings = map;
      config.mounts = config.mounts.filter(
        (each: { destination: string }) => each.destination === '/proc' || each.destination === '/dev',
      );
      config.linux.maskedPaths = [];
      config.linux.readonlyPaths = [];
    });
    spawnSync('cp', [join(current.bundle, 'config.json'), join(current.bundle, 'inner/config.json')]);
    const output = current.script(
      'mkdir -m 700 /tmp/state && /bin/runt --root /tmp/state run --bundle /inner a',
      (config) => {
        withRanges(config);
        config.root.readonly = false;
        config.linux.maskedPaths = [];
        config.linux.readonlyPaths = [];
        config.process.capabilities = undefined;
        config.process.noNewPrivileges = false;
        config.mounts.push(
          { destination: '/bin/runt', source: current.binary, options: ['bind', 'ro'] },
          { destination: '/inner', source: join(current.bundle, 'inner'), options: ['bind', 'ro'] },
          { destination: '/inner/rootfs', source: join(current.bundle, 'rootfs'), options: ['bind'] },
          { destination: '/tmp', type: 'tmpfs', source: 'tmpfs' },
        );
      },
    );
    expect(squeeze(output)).toBe('0\n 0 0 1\n 1 1 1000\ninner\n');
  });
});
