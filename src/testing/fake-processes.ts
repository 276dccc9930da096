/**
 * Processes, sockets, terminals, seccomp of the fake kernel. clone3 returns once: as the parent or as the child, as the role
 * says (a JavaScript test cannot fork); run-two-halves.ts runs both. What the other half has said is the inbox.
 */
import type { Kernel, Message, TailOperation } from '../kernel/kernel.ts';
import type { FakeProcess } from './fake-process.ts';
import { fail } from './fake-world.ts';
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

export interface Role {
  readonly name: 'parent' | 'child';
  /** Packets from the other half, in order. */
  readonly inbox: string[];
  /** The other half has ended: an empty inbox is the end of file. */
  readonly peerEnded: boolean;
  readonly outbox: string[];
  /** What `start` would say at the gate; undefined: nobody comes. */
  readonly gate: readonly string[] | undefined;
}

type Methods = Exclude<
  keyof Kernel,
  | keyof ReturnType<typeof import('./fake-files.ts').fakeFiles>
  | keyof ReturnType<typeof import('./fake-mounts.ts').fakeMounts>
>;

export function fakeProcesses(process: FakeProcess, role: Role): Pick<Kernel, Methods> {
  let isChild = false;
  let pairs = 0;
  const gate = [...(role.gate ?? [])];
  const object = (what: string) => process.newFd<'object'>({ kind: 'object', what }, what);
  const socket = (end: 'parent' | 'child' | 'other', type: number) =>
    process.newFd<'object'>({ kind: 'socket', end, type, listening: false }, 'socket');
  return {
    clone3() {
      isChild = role.name === 'child';
      return isChild ? { pid: 0, pidfd: undefined } : { pid: 100, pidfd: object('pidfd of 100') };
    },
    waitid: () => ({ pid: 100, code: 1, status: 0 }),
    waitidOrErrno: () => ({ pid: 100, code: 1, status: 0 }),
    pidfdOpen: (pid) => object(`pidfd of ${pid}`),
    pidfdSendSignal: () => undefined,
    kill: () => undefined,
    exit: (code) => {
      throw new Ended(code);
    },
    unshare: () => {},
    setns: () => {},
    prctl: () => 0,
    setsid: () => {},
    setpgid: () => {},
    getpid: () => (isChild ? 1 : 50),
    getppid: () => (isChild ? 0 : 49),
    getuid: () => 0,
    geteuid: () => 0,
    getegid: () => 0,
    setresuid: () => {},
    setresgid: () => {},
    setgroups: () => {},
    getgroups: () => [],
    capget: () => ({ effective: 0x1ffffffffffn, permitted: 0x1ffffffffffn, inheritable: 0n }),
    prlimit: (_pid, _resource, limit) => limit ?? { soft: 1024, hard: 1048576 },
    sethostname: () => {},
    setdomainname: () => {},
    personality: () => {},
    keyctlJoinSessionKeyring: () => 1,
    keyctlDescribe: () => 'keyring;0;0;3f3f0000;_ses',
    keyctlSetperm: () => {},
    execve: () => 'ENOENT',
    schedSetaffinity: () => {},
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
    ioctlTiocgptpeer: () => object('pty slave'),
    ioctlTiocsptlck: () => {},
    ioctlTiocgptn: () => 0,
    ioctlTiocsctty: () => {},
    ioctlTiocgwinsz: () => undefined,
    ioctlTiocswinsz: () => {},
    tcgets: () => undefined,
    tcsets: () => {},
    makeRaw: (termios) => termios,
    ioctlNsGetNstype: () => 0x40000000,
    ioctlNsGetUserns: () => object('user namespace'),
    socketpair(type) {
      pairs += 1;
      // The first pair is the handshake; later ones (none today) would be private.
      return pairs === 1
        ? [socket('parent', type), socket('child', type)]
        : [socket('other', type), socket('other', type)];
    },
    socketUnix: (type) => socket('other', type),
    interfaceUp: () => {},
    connectUnix: () => {},
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
      if (open.kind === 'socket' && open.end !== 'other') role.outbox.push(data);
    },
    recvmsg(fd): Message {
      const open = process.openOf(fd, 'recvmsg');
      if (open.kind !== 'socket') return { data: gate.shift() ?? '', fds: [] };
      const data = role.inbox.shift();
      if (data !== undefined) return { data, fds: [] };
      if (role.peerEnded) return { data: '', fds: [] };
      throw new Blocked(`a message for the ${open.end}`);
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
    sha256: () => '0'.repeat(64),
    clockGettime: () => [1700000000, 5],
    environ: () => [],
    uname: () => ({ release: '6.18.0', machine: 'x86_64', nodename: 'host' }),
    errnoName: (errno) => `errno ${errno}`,
    architecture: 'x86_64',
    buildInfo: { version: '0.0.0', commit: '', quickjs: '' },
    isSealed: () => true,
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
