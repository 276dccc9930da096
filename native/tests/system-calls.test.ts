/** One program for each group of calls whose marshalling is more than numbers and names. */
import { afterAll, describe, expect, test } from 'vitest';
import { compileProgram, makeDirectory, removeDirectory, runProgram } from './run-program.ts';

const directory = makeDirectory();
afterAll(() => removeDirectory(directory));
const isRoot = process.getuid?.() === 0;

function lines(name: string, body: string, args: readonly string[] = [], prefix: readonly string[] = []): string[] {
  const { stdout, stderr } = runProgram(compileProgram(directory, name, body), args, prefix);
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
}

test('processes: clone3, pidfd, waitid, execve, signalfd, poll', () => {
  const body = `
    k.sigprocmask(0, [17, 10]);
    const sfd = k.signalfd([17, 10]);
    const [pid, pidfd] = k.clone3(0, 17, -1);
    if (pid === 0) { print('child ' + (pidfd === -1)); k.exit(9); }
    print(show(k.poll([pidfd, sfd, -1], [1, 1, 1], 5000)[0]));
    print(show({ ...k.waitid(3, pidfd, 4), pid: 'P' }));
    print(show(k.waitid(3, pidfd, 4 | 1)));
    const signal = k.readSignalfd(sfd);
    print(signal.signal + ' ' + (signal.pid === pid));
    print(show(k.poll([sfd], [1], 0)));
    const [second, fd] = k.clone3(0, 17, -1);
    if (second === 0) { k.execve('/bin/sh', ['sh', '-c', 'echo $A; kill -9 $$'], ['A=from env']); k.exit(1); }
    print(show({ ...k.waitid(3, fd, 4), pid: 'P' }));
    print(k.pidfdSendSignal(fd, 0));
    const jobs = () => { Promise.resolve().then(() => 1); return k.clone3(0, 17, -1); };
    try { jobs(); } catch (error) { print(error.message); }`;
  expect(lines('processes', body)).toEqual([
    'child true',
    '1',
    '{"pid":"P","code":1,"status":9}',
    '-10',
    '17 true',
    '[0]',
    'from env',
    '{"pid":"P","code":2,"status":9}',
    '-3',
    'clone3: a promise job is pending',
  ]);
});

test('terminals: a pseudo terminal pair, its size and its modes', () => {
  const body = `
    const master = k.openat2(-100, '/dev/ptmx', 2, 0, 0);
    print(k.ioctlTiocsptlck(master, 0) + ' ' + (k.ioctlTiocgptn(master) >= 0));
    const slave = k.ioctlTiocgptpeer(master, 2);
    print(k.fcntl(slave, 1, 0));
    print(k.ioctlTiocswinsz(master, 40, 132) + show(k.ioctlTiocgwinsz(slave)));
    const cooked = k.tcgets(slave);
    print(cooked.length + ' ' + k.tcsets(slave, k.makeRaw(cooked, false)));
    k.write(master, 'a\\r'); print(show(Array.from(k.read(slave, 10))));
    k.write(slave, 'x\\n'); print(show(Array.from(k.read(master, 10))));
    k.tcsets(slave, k.makeRaw(cooked, true)); k.write(slave, 'x\\n'); print(show(Array.from(k.read(master, 10))));
    print(k.tcgets(k.openat2(-100, '/dev/null', 0, 0, 0)));`;
  expect(lines('terminals', body)).toEqual([
    '0 true',
    '1',
    '0{"rows":40,"columns":132}',
    '36 0',
    '[97,13]',
    '[120,10]',
    '[120,13,10]',
    '-25',
  ]);
});

test('files: attributes, directories, links, locks, times, sealing', () => {
  const body = `
    const root = k.openat2(-100, argv[1], 0o200000, 0, 0);
    print([k.mkdirat(root, 'd', 0o700), k.symlinkat('d/none', root, 'l'), k.mkdirat(root, 'd', 0o700)].join());
    print(k.readlinkat(root, 'l') + ' ' + k.readlinkat(root, 'd'));
    const file = k.openat2(root, 'd/f', 0o102, 0o640, 8);
    print(k.write(file, 'é') + ' ' + k.ftruncate(file, 1) + ' ' + show(k.readAll(k.openat2(root, 'd/f', 0, 0, 8), 10)));
    print(k.futimensSeconds(file, 5, 1e9) + ' ' + k.fchmod(file, 0o4711));
    const stat = k.statx(file, '', 0x1000);
    print([stat.size, stat.mtimeSeconds, (stat.mode & 0o7777).toString(8), stat.nlink].join());
    print(k.openat2(root, '../x', 0, 0, 8) + ' ' + k.openat2(root, 'l', 0o400000, 0, 4));
    print(k.renameat2(root, 'd', root, 'e', 1) + ' ' + show(k.readDirectory(root).sort()) + k.unlinkat(root, 'l', 0));
    print(k.flock(file, 6) + ' ' + k.flock(k.openat2(root, 'e/f', 0, 0, 8), 6));
    const memory = k.memfdCreate('m', 2); k.write(memory, new Uint8Array(100000).fill(97));
    k.fcntl(memory, 1033, 15); print(k.write(memory, 'x') + ' ' + k.fcntl(memory, 1034, 0));
    const again = k.openat2(-100, '/proc/self/fd/' + memory, 0, 0, 0);
    print(k.readAll(again, 100000).length + ' ' + k.readAll(k.openat2(-100, '/proc/self/fd/' + memory, 0, 0, 0), 99999));
    print(k.getcwd() + ' ' + k.fchdir(root) + ' ' + (k.getcwd() === argv[1]));
    print(k.fsetxattr(file, 'user.x', new Uint8Array([1, 0, 255])) + ' ' + show(k.flistxattr(file)) + show(Array.from(k.fgetxattr(file, 'user.x'))));`;
  expect(lines('files', body, [directory], ['env', '-C', '/'])).toEqual([
    '0,0,-17',
    'd/none -22',
    '2 0 -84',
    '0 0',
    '1,1000000000,4711,1',
    '-18 -40',
    expect.stringMatching(/^0 \["e",.*"l",.*\]0$/),
    '0 -11',
    '-1 15',
    '100000 -27',
    '/ 0 true',
    expect.stringMatching(/^(0 \["user\.x"\]\[1,0,255\]|-95 .*)$/),
  ]);
});

describe.skipIf(!isRoot)('as root, in namespaces of its own', () => {
  const prefix = ['unshare', '-m', '-u', '-n', '-p', '-f', '--mount-proc', '--propagation', 'private'];
  test('mounts by descriptor: fsopen, mount_setattr, move_mount, open_tree', () => {
    const body = `
      const fs = k.fsopen('tmpfs', 0);
      print([k.fsconfig(fs, 1, 'size', '64k', 0), k.fsconfig(fs, 0, 'nonsense', null, 0), k.fsconfig(fs, 6, null, null, 0)].join());
      const mount = k.fsmount(fs, 0, 2);
      print(k.mountSetattr(mount, '', 0x1000, 8, 0, 0, -1) + ' ' + (k.fstatfsFlags(mount) & 0xe) + ' ' + k.fstatfs(mount).toString(16));
      const at = k.openat2(-100, argv[1], 0o10200000, 0, 0);
      print(k.moveMount(mount, '', at, '', 0x44));
      k.fchdir(mount); print(k.getcwd() === argv[1]);
      const copy = k.openTree(mount, '', 0x1001); print(k.statx(copy, '', 0x1000).mountId !== k.statx(mount, '', 0x1000).mountId);
      print(k.umount(2) + ' ' + k.sethostname('a-host') + ' ' + k.uname().nodename + ' ' + k.interfaceUp('lo') + ' ' + k.interfaceUp('none'));
      const ns = k.openat2(-100, '/proc/self/ns/uts', 0, 0, 0); print(k.ioctlNsGetNstype(ns) + ' ' + k.setns(ns, 0x04000000));`;
    expect(lines('mounts', body, [directory], prefix)).toEqual([
      '0,-22,0',
      '0 10 1021994',
      '0',
      'true',
      'true',
      '0 0 a-host 0 -19',
      '67108864 0',
    ]);
  });

  test('a device program is loaded, attached, found and detached', () => {
    const body = `
      const fs = k.fsopen('cgroup2', 0); k.fsconfig(fs, 6, null, null, 0);
      const root = k.fsmount(fs, 0, 0);
      const name = 'runt-native-' + k.clockGettime(0)[0];
      print(k.mkdirat(root, name, 0o755));
      const group = k.openat2(root, name, 0o200000, 0, 0);
      const program = k.bpfLoadCgroupDevice(new Uint8Array([0xb7, 0, 0, 0, 1, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]));
      print(program > 0);
      print(show(k.bpfProgQuery(group)) + k.bpfProgAttach(group, program, 2, -1));
      const ids = k.bpfProgQuery(group); print(ids.length);
      const found = k.bpfProgGetFdById(ids[0]); print(found > 0);
      print(k.bpfProgDetach(group, found) + show(k.bpfProgQuery(group)));
      print(k.unlinkat(root, name, 0x200));`;
    expect(lines('devices', body, [], prefix)).toEqual(['0', 'true', '[]0', '1', 'true', '0[]', '0']);
  });
});
