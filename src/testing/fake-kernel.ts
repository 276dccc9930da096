/**
 * The fake Kernel: a deterministic in-memory Linux for one process. Every call is recorded in order, and one of them (or all
 * from one on) can be made to fail. See fake-world.ts for what it models and what it does not.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { CGROUP2_SUPER_MAGIC, PROC_SUPER_MAGIC, RDTGROUP_SUPER_MAGIC, S_IFDIR } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { fillCgroup } from './fake-cgroup.ts';
import { fakeFiles } from './fake-files.ts';
import { attributeTree, type FakeLsm, moduleTree, selinuxfs } from './fake-lsm.ts';
import { listMounts } from './fake-mountinfo.ts';
import { fakeMounts } from './fake-mounts.ts';
import { type FakeNetworks, listNetwork } from './fake-netlink.ts';
import { FakeProcess } from './fake-process.ts';
import { Blocked, Ended, fakeProcesses, type Role } from './fake-processes.ts';
import { fillResctrlRoot } from './fake-resctrl.ts';
import {
  listWorld,
  makeMount,
  makeNode,
  type Node,
  type Place,
  plant,
  resetCounters,
  type Tree,
} from './fake-world.ts';

export interface Fault {
  /** The call to fail, counted from 1 over those that can fail. */
  readonly at: number;
  readonly errno: string;
  /** Every later call of the same name fails as well. */
  readonly sticky: boolean;
}

export interface FakeOptions {
  readonly files: Tree;
  /** More of /proc. */
  readonly processes?: Tree;
  readonly role?: Role;
  readonly fault?: Fault;
  /** Security modules of the host; none without. */
  readonly lsm?: FakeLsm;
  /** A container's cgroup below the root of the tree, with more files than a new one has, or other content. */
  readonly cgroup?: { readonly name: string; readonly inode: number; readonly files?: Tree };
}

export interface FakeKernel {
  readonly kernel: Kernel;
  /** One line for each call: name(arguments). */
  readonly trace: string[];
  /** The (first) call the fault hit: its name and its index in the trace; undefined when it never fired. */
  readonly fired: () => { readonly name: string; readonly index: number } | undefined;
  readonly world: () => string[];
  /** The network devices of the container. */
  readonly network: () => string[];
  /** To do what a process in one of the namespaces would. */
  readonly networks: FakeNetworks;
  readonly openDescriptors: () => number;
  /** Paths of what is open beyond the standard streams. */
  readonly descriptors: () => string[];
  /** Processes that were made and not reaped: "100 running". */
  readonly children: () => string[];
  /** What ended or blocked this half, whatever the code made of it. */
  readonly halted: () => Blocked | Ended | undefined;
}

/** Calls that cannot fail, or whose failure means nothing: not counted by faults. */
const infallible = new Set([
  'close',
  'getpid',
  'getuid',
  'geteuid',
  'getegid',
  'umask',
  'environ',
  'uname',
  'clockGettime',
  'parseJson',
  'errnoName',
  'jsonPosition',
  'sha256',
  'exit',
  'seccompVersion',
  'makeRaw',
  'seccompResolveName',
  'seccompActionAvailable',
  'seccompFlagKnown',
  'execTail',
  'execTailAtGate',
  'waitid',
  'waitidOrErrno',
  'pidfdSendSignal',
  'kill',
]);

const procTree: Tree = {
  self: {
    ns: { user: { $link: 'user:[4026531837]' }, pid: { $link: 'pid:[4026531836]' }, net: 'net:[1]' },
    fd: {},
    stat: '50 (runt) S 49 50 50 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0',
    uid_map: '         0          0 4294967295',
    attr: {},
    cgroup: '0::/',
    oom_score_adj: '0',
    mountinfo: '',
  },
  '1': { stat: '1 (init) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0' },
  '50': { stat: '50 (runt) S 49 50 50 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0' },
  '90': { uid_map: '', gid_map: '', setgroups: 'allow', ns: { user: '' } },
  '100': {
    stat: '100 (runt) S 50 100 100 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12400 0 0',
    oom_score_adj: '0',
    uid_map: '',
    gid_map: '',
    setgroups: 'allow',
    ns: { pid: { $link: 'pid:[4026532000]' }, net: 'net:[2]' },
  },
  sys: {
    kernel: { random: { boot_id: '11111111-2222-3333-4444-555555555555\n' }, cap_last_cap: '40\n', hostname: 'host' },
    net: { ipv4: { ip_forward: '0' } },
  },
  kcore: '',
  keys: '',
  bus: {},
  fs: {},
  irq: {},
  'sysrq-trigger': '',
};

const devTree: Tree = {
  null: { $device: [1, 3] },
  zero: { $device: [1, 5] },
  full: { $device: [1, 7] },
  random: { $device: [1, 8] },
  urandom: { $device: [1, 9] },
  tty: { $device: [5, 0] },
};

export function createFakeKernel(options: FakeOptions): FakeKernel {
  resetCounters();
  const root = makeNode(S_IFDIR | 0o755);
  const place: Place = { node: root, mount: makeMount(root, 'rootfs'), parent: undefined, name: '' };
  plant(root, { proc: {}, dev: devTree, sys: { fs: { cgroup: {} } }, run: {}, tmp: {} });
  const procfs = procTreeWith(options.lsm);
  const proc = cover(place, ['proc'], PROC_SUPER_MAGIC, procfs);
  const cgroups = cover(place, ['sys', 'fs', 'cgroup'], CGROUP2_SUPER_MAGIC, {});
  fillCgroup(cgroups);
  if (options.cgroup !== undefined) addCgroup(cgroups, options.cgroup);
  plant(root, options.files);
  if (options.lsm !== undefined) addModules(place, options.lsm);
  if (options.processes !== undefined) plant(proc, options.processes);
  if (root.children.get('sys')?.children.get('fs')?.children.has('resctrl') === true) {
    fillResctrlRoot(cover(place, ['sys', 'fs', 'resctrl'], RDTGROUP_SUPER_MAGIC, {}));
  }

  const process = new FakeProcess(place, place);
  const mountinfo = proc.children.get('self')?.children.get('mountinfo');
  if (mountinfo !== undefined) Object.defineProperty(mountinfo, 'text', { get: () => listMounts(place) });
  const role: Role = options.role ?? { name: 'parent', inbox: [], peerEnded: true, outbox: [], gate: undefined };
  const methods: Kernel = { ...fakeFiles(process), ...fakeMounts(process, procfs), ...fakeProcesses(process, role) };
  const trace: string[] = [];
  const recorder = record(methods, trace, options.fault);
  return {
    kernel: recorder.kernel,
    trace,
    fired: recorder.fired,
    world: () => [...listWorld(root), ...listNetwork(process.networks, 'net:[1]')],
    network: () => listNetwork(process.networks, 'net:[2]'),
    networks: process.networks,
    openDescriptors: () => process.descriptors.size,
    descriptors: () => process.listDescriptors(),
    children: () => [...process.children].map(([pid, { life }]) => `${pid} ${life}`),
    halted: recorder.halted,
  };
}

function procTreeWith(lsm: FakeLsm = {}): Tree {
  return { ...procTree, self: { ...(procTree.self as Tree), attr: attributeTree(lsm) } };
}

function addModules(root: Place, lsm: FakeLsm): void {
  plant(root.node, { sys: { fs: { selinux: {} }, ...moduleTree(lsm) } });
  if (lsm.selinux !== undefined) cover(root, selinuxfs.path, selinuxfs.magic, {});
}

function cover(root: Place, path: readonly string[], magic: number, tree: Tree): Node {
  let { node } = root;
  for (const name of path) node = node.children.get(name) ?? node;
  const top = makeNode(S_IFDIR | 0o755, { magic, ino: magic === PROC_SUPER_MAGIC ? 1 : 2 });
  node.covers.push({ on: root.mount.id, mount: makeMount(top, 'fake') });
  plant(top, tree);
  return top;
}

function addCgroup(root: Node, { name, inode, files }: NonNullable<FakeOptions['cgroup']>): void {
  const made = makeNode(S_IFDIR | 0o755, { ino: inode });
  fillCgroup(made, root);
  plant(made, { 'cgroup.procs': '100\n', 'cgroup.events': 'populated 1\nfrozen 0\n', ...files });
  root.children.set(name, made);
}

/** Wraps every method: writes the trace line, fails the chosen call. */
function record(
  methods: Kernel,
  trace: string[],
  fault: Fault | undefined,
): Pick<FakeKernel, 'kernel' | 'fired' | 'halted'> {
  let count = 0;
  let halted: Blocked | Ended | undefined;
  let fired: { name: string; index: number } | undefined;
  const kernel = new Proxy(methods, {
    get(target, name: keyof Kernel) {
      const method: unknown = target[name];
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        // A process that has ended, or that waits, does nothing more: whatever catches the exception gets it again.
        if (halted !== undefined) throw halted;
        trace.push(`${name}(${args.map(show).join(', ')})`);
        if (fault !== undefined && !infallible.has(name)) {
          count += 1;
          if (count === fault.at || (fault.sticky && fired?.name === name)) {
            fired ??= { name, index: trace.length - 1 };
            if (name.endsWith('OrErrno') || name === 'faccessat2') return fault.errno;
            throw new RuntimeError({ kind: 'kernel', syscall: name, errno: fault.errno, path: 'injected' });
          }
        }
        try {
          return method.apply(target, args);
        } catch (error) {
          if (error instanceof Blocked || error instanceof Ended) halted = error;
          throw error;
        }
      };
    },
  });
  return { kernel, fired: () => fired, halted: () => halted };
}

function show(value: unknown): string {
  if (value instanceof Fd) return `<${value.path}>`;
  if (value instanceof Uint8Array) return `bytes[${value.length}]`;
  if (typeof value === 'string') return JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}...` : value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'object' && value !== null
    ? `{${Object.entries(value)
        .map(([key, each]) => `${key}: ${show(each)}`)
        .join(', ')}}`
    : String(value);
}
