/**
 * Processes, sockets, terminals, seccomp of the fake kernel. clone3 returns once: as the parent or as the child, as the role
 * says (a JavaScript test cannot fork); run-two-halves.ts runs both. What the other half has said is the inbox.
 */
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  P_ALL,
  P_PID,
  S_IFCHR,
  SIGKILL,
  WNOWAIT,
} from '../kernel/flags.ts';
import type { Kernel, Message, TailOperation } from '../kernel/kernel.ts';
import type { FileMethods } from '../kernel/native-files.ts';
import type { MountMethods } from '../kernel/native-mounts.ts';
import { fakeErrnos } from './fake-netlink.ts';
import type { FakeProcess } from './fake-process.ts';
import { fakeScheduling } from './fake-scheduling.ts';
import { fail, makeNode, type Node, type Open } from './fake-world.ts';
import { parseJson } from './parse-json.ts';

/** Thrown when this half waits for something the other has not said yet: what it waits for. */
export class Blocked {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

/** Thrown by exit and execTail: the end of a half. */
export class Ended {
  readonly code: number;
  readonly tail: readonly TailOperation[] | undefined;
  constructor(code: number, tail?: readonly TailOperation[]) {
    this.code = code;
    this.tail = tail;
  }
}

/** Thrown by exit of a process in between, which both halves run: it is the end of neither. */
class HelperEnded {}

export interface Role {
  readonly name: 'parent' | 'child';
  /** Packets from the other half, in order. */
  readonly inbox: string[];
  /** The other half has ended: an empty inbox is the end of file. */
  readonly peerEnded: boolean;
  /** The other half was killed after its last packet: what is sent to it then fails. */
  readonly peerKilled?: boolean | undefined;
  readonly outbox: string[];
  /** What criu answers, in order, and the process that it has made by then. */
  readonly criu?: { readonly data: Uint8Array; readonly born?: number }[] | undefined;
  readonly environment?: readonly string[] | undefined;
  /** What `start` would say at the gate; undefined: nobody comes. */
  readonly gate: readonly string[] | undefined;
}

/** Its /proc entry is in fake-kernel.ts. */
const holderPid = 90;

/** By the name of the file, as under /proc/PID/ns. */
const namespaceTypes: Readonly<Record<string, number>> = {
  cgroup: CLONE_NEWCGROUP,
  ipc: CLONE_NEWIPC,
  mnt: CLONE_NEWNS,
  net: CLONE_NEWNET,
  pid: CLONE_NEWPID,
  time: CLONE_NEWTIME,
  user: CLONE_NEWUSER,
  uts: CLONE_NEWUTS,
};

const pidOf = (open: Open | undefined): number => (open?.kind === 'object' ? (open.pid ?? 0) : 0);

/** [man waitid.2] */
const CLD_EXITED = 1;
const CLD_KILLED = 2;

type Methods = Exclude<keyof Kernel, FileMethods | MountMethods>;

export function fakeProcesses(process: FakeProcess, role: Role): Pick<Kernel, Methods> {
  let isChild = false;
  let isHelper = false;
  let clones = 0;
  /** Where criu's processes are: those of the last clone3 into a cgroup. */
  let criuCgroup: Node | undefined;
  let pairs = 0;
  const gate = [...(role.gate ?? [])];
  const object = (what: string) => process.newFd<'object'>({ kind: 'object', what }, what);
  const pidfd = (pid: number) => process.newFd<'object'>({ kind: 'object', what: 'pidfd', pid }, `pidfd of ${pid}`);
  const waitid = (type: number, id: number, options: number) => {
    const ended = [...process.children].find(([, { life }]) => life === 'killed')?.[0] ?? 0;
    const pid = type === P_ALL ? ended : type === P_PID ? id : pidOf(process.descriptors.get(id));
    const child = process.children.get(pid);
    // Hooks end by themselves and well; the container's process ends when it is killed, or when its half has ended.
    if ((options & WNOWAIT) === 0) process.reap(pid);
    return { pid, code: child?.life === 'killed' ? CLD_KILLED : CLD_EXITED, status: child?.life === 'killed' ? 9 : 0 };
  };
  const socket = (end: 'parent' | 'child' | 'other', type: number) =>
    process.newFd<'object'>({ kind: 'socket', end, type, listening: false }, 'socket');
  const runHelper = (life: () => never): void => {
    isHelper = true;
    process.isHelper = true;
    try {
      life();
    } catch (error) {
      if (!(error instanceof HelperEnded)) throw error;
    } finally {
      isHelper = false;
      process.isHelper = false;
    }
  };
  return {
    clone3(flags, _exitSignal, cgroup) {
      if (flags === CLONE_NEWUSER && cgroup === undefined) {
        // Not for the container: it only holds a user namespace, and ends when its pipe is closed.
        process.born(holderPid, undefined);
        return { pid: holderPid, pidfd: pidfd(holderPid) };
      }
      const pid = 100 + clones;
      clones += 1;
      // The first is the container's; later ones are hooks, which succeed at once.
      if (pid === 100 && role.name === 'child') {
        isChild = true;
        return { pid: 0, pidfd: undefined };
      }
      const node = cgroup === undefined ? undefined : process.placeOf(cgroup, 'clone3').node;
      criuCgroup = node ?? criuCgroup;
      process.born(pid, node);
      return { pid, pidfd: pidfd(pid) };
    },
    clone3Shared(_flags, _exitSignal, cgroup, life) {
      // Not for the container: a process that makes the container's process and ends.
      if (cgroup === undefined) {
        runHelper(life);
        return { pid: 99, pidfd: object('pidfd of 99') };
      }
      isChild = role.name === 'child';
      if (isChild) life();
      return { pid: 100, pidfd: object('pidfd of 100') };
    },
    waitid,
    waitidOrErrno: waitid,
    pidfdOpen: pidfd,
    pidfdSendSignal: (fd, signal) =>
      signal === SIGKILL ? process.kill(pidOf(process.descriptors.get(fd.number))) : undefined,
    kill: (pid, signal) => (signal === SIGKILL ? process.kill(pid) : undefined),
    exit: (code) => {
      if (isHelper && !isChild) throw new HelperEnded();
      throw new Ended(code);
    },
    unshare: () => {},
    setns: (fd) => {
      const namespace = process.textOf(fd.number);
      if (process.networks.has(namespace)) process.network = namespace;
    },
    prctl: () => 0,
    setsid: () => {},
    setpgid: () => {},
    getpid: () => (isChild ? 1 : 50),
    getuid: () => 0,
    geteuid: () => 0,
    getegid: () => 0,
    setresuid: () => {},
    setresgid: () => {},
    setgroups: () => {},
    capget: () => ({ effective: 0x1ffffffffffn, permitted: 0x1ffffffffffn, inheritable: 0n }),
    prlimit: (_pid, _resource, limit) => limit ?? { soft: 1024, hard: 1048576 },
    sethostname: () => {},
    setdomainname: () => {},
    personality: () => {},
    ...fakeScheduling(),
    keyctlJoinSessionKeyring: () => 1,
    keyctlDescribe: () => 'keyring;0;0;3f3f0000;_ses',
    keyctlSetperm: () => {},
    execve: () => 'ENOENT',
    execTail: (_report, _exitCode, operations) => {
      throw new Ended(0, operations);
    },
    execTailAtGate: (_listener, _exitCode, operations) => {
      if (role.gate === undefined) throw new Blocked('the start gate');
      throw new Ended(0, operations);
    },
    sigprocmask: () => {},
    signalfd: () => object('signalfd'),
    readSignalfd: () => ({ signal: 15, pid: 1 }),
    ignoreSignal: () => {},
    ioctlTiocgptpeer: () => {
      const node = makeNode(S_IFCHR | 0o620, { rdev: [136, 0] });
      const place = { node, mount: process.rootPlace.mount, parent: undefined, name: '0' };
      return process.newFd<'object'>({ kind: 'file', place, offset: 0, flags: 2, path: false }, '/dev/pts/0');
    },
    ioctlTiocsptlck: () => {},
    ioctlTiocsctty: () => {},
    ioctlTiocgwinsz: () => undefined,
    ioctlTiocswinsz: () => {},
    tcgets: () => undefined,
    tcsets: () => {},
    makeRaw: (termios) => termios,
    ioctlNsGetNstype: (fd) =>
      namespaceTypes[fd.path.slice(fd.path.lastIndexOf('/') + 1)] ?? fail('ioctl', 'ENOTTY', fd.path),
    socketpair(type) {
      pairs += 1;
      // The first pair is the handshake; later ones (none today) would be private.
      return pairs === 1
        ? [socket('parent', type), socket('child', type)]
        : [socket('other', type), socket('other', type)];
    },
    socketUnix: (type) => socket('other', type),
    socketNetlink: () =>
      process.newFd<'object'>(
        { kind: 'netlink', network: process.network, answers: [] },
        `netlink socket in ${process.network}`,
      ),
    setsockoptNumber: () => {},
    interfaceUp: () => {},
    connectUnixOrErrno: () => undefined,
    bindUnix(_fd, path) {
      const found = process.lookup(
        'bind',
        process.newFd({ kind: 'file', place: process.cwd, offset: 0, flags: 0, path: true }, '.'),
        path,
        0,
        false,
      );
      if (found.place !== undefined) fail('bind', 'EADDRINUSE', path);
    },
    listen: () => {},
    accept4: () => {
      if (role.gate === undefined) throw new Blocked('the start gate');
      return process.newFd({ kind: 'object', what: 'gate' }, 'gate');
    },
    sendmsg(fd, data) {
      const open = process.openOf(fd, 'sendmsg');
      if (open.kind !== 'socket' || open.end === 'other') return data.length;
      // The packets that the other half sent before it was killed can still be read; nothing reaches it any more.
      if (role.peerKilled === true && role.inbox.length === 0) fail('sendmsg', 'EPIPE', fd.path);
      role.outbox.push(data);
      return data.length;
    },
    recvmsg(fd): Message {
      const open = process.openOf(fd, 'recvmsg');
      if (open.kind !== 'socket') return { data: gate.shift() ?? '', fds: [] };
      const data = role.inbox.shift();
      if (data !== undefined) return { data, fds: [] };
      if (role.peerEnded) return { data: '', fds: [] };
      throw new Blocked(`a message for the ${open.end}`);
    },
    recvmsgBytes() {
      const answer = role.criu?.shift();
      if (answer?.born !== undefined) process.born(answer.born, criuCgroup);
      return { data: answer?.data ?? new Uint8Array(), fds: [] };
    },
    bpfLoadCgroupDevice: () => object('device program'),
    bpfProgAttach: () => {},
    bpfProgQuery: () => [],
    bpfProgGetFdById: () => object('device program'),
    bpfProgDetach: () => {},
    seccompCompile: () => ({ program: new Uint8Array(8), unknown: [] }),
    seccompVersion: () => '2.5.4',
    seccompResolveName: () => 0,
    seccompActionAvailable: () => true,
    seccompFlagKnown: () => true,
    parseJson: parseOrFault,
    jsonPosition: () => undefined,
    errnoName: (errno) => fakeErrnos[errno] ?? `errno ${errno}`,
    sha256: () => '0'.repeat(64),
    clockGettime: () => [1700000000, 5],
    environ: () => role.environment ?? [],
    uname: () => ({ release: '6.18.0', machine: 'x86_64', nodename: 'host' }),
    architecture: 'x86_64',
    buildInfo: { version: '0.0.0', commit: '', quickjs: '' },
  };
}

/** The test parser throws; the kernel's answers with the fault's place. */
function parseOrFault(text: string): ReturnType<Kernel['parseJson']> {
  try {
    return { value: parseJson(text) };
  } catch (error) {
    return { error: String(error), offset: 0, line: 1, column: 1, pointer: '' };
  }
}
