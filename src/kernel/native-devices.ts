/** Terminals, namespace descriptors, sockets, bpf, seccomp, text and time: the rest of the real Kernel. [man ioctl_tty.2, unix.7, bpf.2, seccomp.2] */
import * as native from 'native:kernel';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from './fd.ts';
import type { Kernel } from './kernel.ts';
import { check, checkData, errnoOrUndefined, kernelError, newFd } from './native-result.ts';

type DeviceMethods =
  | 'ioctlTiocgptpeer'
  | 'ioctlTiocsptlck'
  | 'ioctlTiocsctty'
  | 'ioctlTiocgwinsz'
  | 'ioctlTiocswinsz'
  | 'tcgets'
  | 'tcsets'
  | 'makeRaw'
  | 'ioctlNsGetNstype'
  | 'socketpair'
  | 'socketUnix'
  | 'socketNetlink'
  | 'setsockoptNumber'
  | 'interfaceUp'
  | 'connectUnixOrErrno'
  | 'bindUnix'
  | 'listen'
  | 'accept4'
  | 'sendmsg'
  | 'recvmsg'
  | 'recvmsgBytes'
  | 'bpfLoadCgroupDevice'
  | 'bpfProgAttach'
  | 'bpfProgQuery'
  | 'bpfProgGetFdById'
  | 'bpfProgDetach'
  | 'seccompCompile'
  | 'seccompVersion'
  | 'seccompResolveName'
  | 'seccompActionAvailable'
  | 'seccompFlagKnown'
  | 'parseJson'
  | 'jsonPosition'
  | 'sha256'
  | 'errnoName'
  | 'clockGettime'
  | 'environ'
  | 'uname'
  | 'architecture'
  | 'buildInfo';

export const nativeDevices: Pick<Kernel, DeviceMethods> = {
  ioctlTiocgptpeer: (master, flags) =>
    newFd('ioctl TIOCGPTPEER', native.ioctlTiocgptpeer(master.number, flags), 'pty slave'),
  ioctlTiocsptlck(master, lock) {
    check('ioctl TIOCSPTLCK', native.ioctlTiocsptlck(master.number, lock), master.path);
  },
  ioctlTiocsctty(fd, steal) {
    check('ioctl TIOCSCTTY', native.ioctlTiocsctty(fd.number, steal), fd.path);
  },
  ioctlTiocgwinsz(fd) {
    const result = native.ioctlTiocgwinsz(fd.number);
    return typeof result === 'number' ? undefined : result;
  },
  ioctlTiocswinsz(fd, rows, columns) {
    check('ioctl TIOCSWINSZ', native.ioctlTiocswinsz(fd.number, rows, columns), fd.path);
  },
  tcgets(fd) {
    const result = native.tcgets(fd.number);
    return typeof result === 'number' ? undefined : result;
  },
  tcsets(fd, termios) {
    check('ioctl TCSETS', native.tcsets(fd.number, termios), fd.path);
  },
  makeRaw: (termios, outputProcessing) => native.makeRaw(termios, outputProcessing),
  ioctlNsGetNstype: (fd) => check('ioctl NS_GET_NSTYPE', native.ioctlNsGetNstype(fd.number), fd.path),
  socketpair(type) {
    const [first, second] = checkData('socketpair', native.socketpair(type));
    return [new Fd<'object'>(first, 'socket'), new Fd<'object'>(second, 'socket')];
  },
  socketUnix: (type) => newFd('socket', native.socketUnix(type), 'socket'),
  socketNetlink: () => newFd('socket', native.socketNetlink(), 'netlink socket'),
  setsockoptNumber(fd, level, name, value) {
    check('setsockopt', native.setsockoptNumber(fd.number, level, name, value), fd.path);
  },
  interfaceUp(name) {
    check('ioctl SIOCSIFFLAGS', native.interfaceUp(name), name);
  },
  connectUnixOrErrno: (fd, path) => errnoOrUndefined(native.connectUnix(fd.number, path)),
  bindUnix(fd, path) {
    check('bind', native.bindUnix(fd.number, path), path);
  },
  listen(fd, backlog) {
    check('listen', native.listen(fd.number, backlog), fd.path);
  },
  accept4(fd) {
    const result = native.accept4(fd.number);
    if (result >= 0) return new Fd<'object'>(result, 'connection');
    if (native.errnoName(-result) === 'EINTR') return undefined;
    throw kernelError('accept4', result, fd.path);
  },
  sendmsg(fd, data, fds) {
    const numbers = fds.map((each) => each.number);
    return check('sendmsg', native.sendmsg(fd.number, data, numbers), fd.path);
  },
  recvmsg(fd, maximumBytes) {
    const { data, fds } = checkData('recvmsg', native.recvmsg(fd.number, maximumBytes), fd.path);
    return { data, fds: fds.map((number) => new Fd<'object'>(number, 'received descriptor')) };
  },
  recvmsgBytes(fd, maximumBytes) {
    const { data, fds } = checkData('recvmsg', native.recvmsgBytes(fd.number, maximumBytes), fd.path);
    return { data, fds: fds.map((number) => new Fd<'object'>(number, 'received descriptor')) };
  },
  bpfLoadCgroupDevice: (program) => newFd('bpf BPF_PROG_LOAD', native.bpfLoadCgroupDevice(program), 'device program'),
  bpfProgAttach(cgroup, program, flags, replace) {
    const replaceNumber = replace === undefined ? -1 : replace.number;
    check(
      'bpf BPF_PROG_ATTACH',
      native.bpfProgAttach(cgroup.number, program.number, flags, replaceNumber),
      cgroup.path,
    );
  },
  bpfProgQuery: (cgroup) => checkData('bpf BPF_PROG_QUERY', native.bpfProgQuery(cgroup.number), cgroup.path),
  bpfProgGetFdById: (id) => newFd('bpf BPF_PROG_GET_FD_BY_ID', native.bpfProgGetFdById(id), `bpf program ${id}`),
  bpfProgDetach(cgroup, program) {
    check('bpf BPF_PROG_DETACH', native.bpfProgDetach(cgroup.number, program.number), cgroup.path);
  },
  seccompCompile(request) {
    const result = native.seccompCompile(request);
    if (!('error' in result)) return result;
    throw new RuntimeError({
      kind: 'spec',
      pointer: '/linux/seccomp',
      message: `libseccomp refuses the profile: ${result.error}`,
    });
  },
  seccompVersion: () => native.seccompVersion(),
  seccompResolveName: (architecture, name) => native.seccompResolveName(architecture, name),
  seccompActionAvailable: (action) => native.seccompActionAvailable(action) >= 0,
  seccompFlagKnown: (flag) => native.seccompFlagKnown(flag),
  parseJson: (text) => native.parseJson(text),
  jsonPosition: (text, pointer) => native.jsonPosition(text, pointer),
  sha256: (data) => native.sha256(data),
  errnoName: (errno) => native.errnoName(errno),
  clockGettime: (clock) => native.clockGettime(clock),
  environ: () => native.environ(),
  uname: () => native.uname(),
  architecture: native.architecture,
  buildInfo: native.buildInfo,
};
