/** The processes part of the real Kernel: clone3, waiting, namespaces, identities, limits, signals. [man clone3.2, waitid.2, setns.2, credentials.7] */
import * as native from 'native:kernel';
import { Fd } from './fd.ts';
import type { Kernel } from './kernel.ts';
import { check, checkData, errnoOrUndefined, kernelError, newFd } from './native-result.ts';

type ProcessMethods =
  | 'clone3'
  | 'clone3Shared'
  | 'waitid'
  | 'waitidOrErrno'
  | 'pidfdOpen'
  | 'pidfdSendSignal'
  | 'kill'
  | 'exit'
  | 'unshare'
  | 'setns'
  | 'prctl'
  | 'setsid'
  | 'setpgid'
  | 'getpid'
  | 'getuid'
  | 'geteuid'
  | 'getegid'
  | 'setresuid'
  | 'setresgid'
  | 'setgroups'
  | 'capget'
  | 'prlimit'
  | 'sethostname'
  | 'setdomainname'
  | 'personality'
  | 'schedSetattr'
  | 'schedGetattr'
  | 'schedSetaffinity'
  | 'schedGetaffinity'
  | 'ioprioSet'
  | 'ioprioGet'
  | 'setMempolicy'
  | 'getMempolicy'
  | 'keyctlJoinSessionKeyring'
  | 'keyctlDescribe'
  | 'keyctlSetperm'
  | 'execve'
  | 'execTail'
  | 'execTailAtGate'
  | 'sigprocmask'
  | 'signalfd'
  | 'readSignalfd'
  | 'ignoreSignal';

export const nativeProcesses: Pick<Kernel, ProcessMethods> = {
  clone3(flags, exitSignal, cgroup) {
    const result = native.clone3(flags, exitSignal, cgroup === undefined ? -1 : cgroup.number);
    const [pid, pidfd] = checkData('clone3', result);
    return { pid, pidfd: pid === 0 ? undefined : new Fd<'object'>(pidfd, `pidfd of ${pid}`) };
  },
  clone3Shared(flags, exitSignal, cgroup, life) {
    const result = native.clone3Shared(flags, exitSignal, cgroup === undefined ? -1 : cgroup.number, life);
    const [pid, pidfd] = checkData('clone3', result);
    return { pid, pidfd: new Fd<'object'>(pidfd, `pidfd of ${pid}`) };
  },
  waitid(idtype, id, options) {
    const result = native.waitid(idtype, id, options);
    if (typeof result !== 'number') return result;
    if (native.errnoName(-result) === 'EINTR') return undefined;
    throw kernelError('waitid', result);
  },
  waitidOrErrno(idtype, id, options) {
    const result = native.waitid(idtype, id, options);
    if (typeof result !== 'number') return result;
    const errno = native.errnoName(-result);
    return errno === 'EINTR' ? undefined : errno;
  },
  pidfdOpen: (pid, flags) => newFd('pidfd_open', native.pidfdOpen(pid, flags), `process ${pid}`),
  pidfdSendSignal: (pidfd, signal) => errnoOrUndefined(native.pidfdSendSignal(pidfd.number, signal)),
  kill: (pid, signal) => errnoOrUndefined(native.kill(pid, signal)),
  exit: (code) => native.exit(code),
  unshare(flags) {
    check('unshare', native.unshare(flags));
  },
  setns(fd, flags) {
    check('setns', native.setns(fd.number, flags), fd.path);
  },
  prctl: (option, arg2, arg3, arg4, arg5) => check('prctl', native.prctl(option, arg2, arg3, arg4, arg5)),
  setsid() {
    check('setsid', native.setsid());
  },
  setpgid(pid, pgid) {
    check('setpgid', native.setpgid(pid, pgid));
  },
  getpid: () => native.getpid(),
  getuid: () => native.getuid(),
  geteuid: () => native.geteuid(),
  getegid: () => native.getegid(),
  setresuid(ruid, euid, suid) {
    check('setresuid', native.setresuid(ruid, euid, suid));
  },
  setresgid(rgid, egid, sgid) {
    check('setresgid', native.setresgid(rgid, egid, sgid));
  },
  setgroups(gids) {
    check('setgroups', native.setgroups(gids));
  },
  capget: () => checkData('capget', native.capget()),
  prlimit: (pid, resource, limit) => checkData('prlimit64', native.prlimit(pid, resource, limit?.soft, limit?.hard)),
  sethostname(name) {
    check('sethostname', native.sethostname(name), name);
  },
  setdomainname(name) {
    check('setdomainname', native.setdomainname(name), name);
  },
  personality(persona) {
    check('personality', native.personality(persona));
  },
  schedSetattr(pid, { policy, flags, nice, priority, runtime, deadline, period }) {
    check('sched_setattr', native.schedSetattr(pid, policy, flags, nice, priority, runtime, deadline, period));
  },
  schedGetattr: (pid) => checkData('sched_getattr', native.schedGetattr(pid)),
  schedSetaffinity(pid, mask) {
    check('sched_setaffinity', native.schedSetaffinity(pid, mask));
  },
  schedGetaffinity: (pid) => checkData('sched_getaffinity', native.schedGetaffinity(pid)),
  ioprioSet(pid, priority) {
    check('ioprio_set', native.ioprioSet(pid, priority));
  },
  ioprioGet: (pid) => check('ioprio_get', native.ioprioGet(pid)),
  setMempolicy(mode, nodes) {
    check('set_mempolicy', native.setMempolicy(mode, nodes));
  },
  getMempolicy: () => checkData('get_mempolicy', native.getMempolicy()),
  keyctlJoinSessionKeyring: (name) => check('keyctl', native.keyctlJoinSessionKeyring(name), name),
  keyctlDescribe: (key) => checkData('keyctl', native.keyctlDescribe(key)),
  keyctlSetperm(key, permissions) {
    check('keyctl', native.keyctlSetperm(key, permissions));
  },
  execve: (path, argv, envp) => native.errnoName(-native.execve(path, argv, envp)),
  execTail: (report, exitCode, operations) =>
    native.execTail(report === undefined ? -1 : report.number, exitCode, operations),
  execTailAtGate: (listener, exitCode, operations, namespaces) =>
    native.execTailAtGate(
      listener.number,
      exitCode,
      operations,
      namespaces.map(({ number }) => number),
    ),
  sigprocmask(how, signals) {
    check('rt_sigprocmask', native.sigprocmask(how, signals));
  },
  signalfd: (signals) => newFd('signalfd4', native.signalfd(signals), 'signalfd'),
  readSignalfd: (fd) => checkData('read', native.readSignalfd(fd.number), fd.path),
  ignoreSignal(signal, ignore) {
    check('rt_sigaction', native.ignoreSignal(signal, ignore));
  },
};
