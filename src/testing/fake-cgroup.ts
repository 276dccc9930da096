/**
 * The cgroup v2 tree of the fake kernel: a directory has the files of the controllers that its parent gives it, and a write is
 * taken, rounded, merged or refused as Linux does it, as far as the runtime uses it. [man cgroups.7]
 */
import { CGROUP2_SUPER_MAGIC } from '../kernel/flags.ts';
import { fail, isDirectory, type Node, plant, type Tree } from './fake-world.ts';

const coreFiles: Tree = {
  'cgroup.procs': '',
  'cgroup.subtree_control': '',
  'cgroup.events': 'populated 0\nfrozen 0\n',
  'cgroup.freeze': '0\n',
  'cgroup.kill': '',
  'cgroup.type': 'domain\n',
};

const controllerFiles: { readonly [controller: string]: Tree } = {
  cpu: { 'cpu.weight': '100\n', 'cpu.max': 'max 100000\n', 'cpu.max.burst': '0\n', 'cpu.idle': '0\n' },
  memory: {
    'memory.max': 'max\n',
    'memory.high': 'max\n',
    'memory.low': '0\n',
    'memory.swap.max': 'max\n',
    'memory.current': '0\n',
    'memory.swap.current': '0\n',
  },
  pids: { 'pids.max': 'max\n' },
  io: { 'io.max': '', 'io.weight': 'default 100\n' },
  cpuset: { 'cpuset.cpus': '\n', 'cpuset.mems': '\n' },
  hugetlb: { 'hugetlb.2MB.max': 'max\n', 'hugetlb.2MB.rsvd.max': 'max\n' },
};

/** A new cgroup, with what its parent gives; the root of the tree has everything. */
export function fillCgroup(directory: Node, parent?: Node): void {
  directory.magic = CGROUP2_SUPER_MAGIC;
  directory.onMkdir = (made) => fillCgroup(made, directory);
  plant(directory, coreFiles);
  const given = parent === undefined ? Object.keys(controllerFiles) : words(textOf(parent, 'cgroup.subtree_control'));
  giveControllers(directory, given);
}

function giveControllers(directory: Node, names: readonly string[]): void {
  for (const name of names) {
    for (const [file, text] of Object.entries(controllerFiles[name] ?? {}))
      if (!directory.children.has(file)) plant(directory, { [file]: text });
  }
  plant(directory, { 'cgroup.controllers': `${names.join(' ')}\n` });
}

/** What the file holds after the write; throws what write(2) would fail with. */
export function writeCgroup(directory: Node, file: string, text: string): string {
  const value = text.trim();
  if (file === 'cgroup.subtree_control') return enable(directory, value);
  const rule = rules[file] ?? (file.startsWith('hugetlb.') ? sizeIn(2 ** 21) : undefined);
  return rule === undefined ? text : `${rule(value, textOf(directory, file), directory)}\n`;
}

type Rule = (value: string, before: string, directory: Node) => string;

const refuse = (errno: string): never => fail('write', errno);

/** Rounded down to pages. */
const sizeIn =
  (granule: number): Rule =>
  (value) => {
    if (value === 'max') return value;
    const size = /^\d+$/.test(value) ? BigInt(value) : refuse('EINVAL');
    return size >= 2n ** 63n - 4096n ? 'max' : String(size - (size % BigInt(granule)));
  };

const wholeNumber = (least: number, greatest: number, errno: string): Rule => {
  return (value) => {
    const isInRange = /^\d+$/.test(value) && Number(value) >= least && Number(value) <= greatest;
    return isInRange ? value : refuse(errno);
  };
};

const number = (directory: Node, file: string): number => Number.parseInt(textOf(directory, file), 10);

/** One line for each key; a device whose limits are all "max" has none. */
const keyed: Rule = (value, before) => {
  const [key = '', ...given] = words(value);
  const lines = before.split('\n').filter((line) => line !== '');
  const own = new Map(
    words(lines.find((line) => words(line)[0] === key) ?? 'x rbps=max wbps=max riops=max wiops=max')
      .slice(1)
      .map((word) => word.split('=') as [string, string]),
  );
  for (const word of given) {
    const [name = '', limit = ''] = word.split('=');
    if (!own.has(name)) refuse('EINVAL');
    own.set(name, limit);
  }
  const rest = lines.filter((line) => words(line)[0] !== key);
  if ([...own.values()].every((limit) => limit === 'max')) return rest.join('\n');
  return [...rest, `${key} ${[...own].map(([name, limit]) => `${name}=${limit}`).join(' ')}`].join('\n');
};

const weights: Rule = (value, before) => {
  const [first = '', second] = words(value);
  const key = second === undefined ? 'default' : first;
  const rest = before.split('\n').filter((line) => line !== '' && words(line)[0] !== key);
  if (second === 'default') return rest.join('\n');
  const line = `${key} ${second ?? first}`;
  return (key === 'default' ? [line, ...rest] : [...rest, line]).join('\n');
};

const cpuMax: Rule = (value, _before, directory) => {
  const [quota = '', period = '100000'] = words(value);
  if (quota !== 'max' && !(Number(quota) >= 1000)) return refuse('EINVAL');
  if (quota !== 'max' && number(directory, 'cpu.max.burst') > Number(quota)) return refuse('EINVAL');
  return `${quota} ${period}`;
};

const cpuBurst: Rule = (value, _before, directory) => {
  const quota = number(directory, 'cpu.max');
  return Number(value) > quota ? refuse('EINVAL') : value;
};

const cpuWeight: Rule = (value, before, directory) =>
  number(directory, 'cpu.idle') === 1 ? refuse('EINVAL') : wholeNumber(1, 10000, 'ERANGE')(value, before, directory);

/** An idle group weighs nothing; one that is not any more weighs what a new one does. */
const cpuIdle: Rule = (value, before, directory) => {
  const idle = wholeNumber(0, 1, 'EINVAL')(value, before, directory);
  if (idle !== before.trim()) plant(directory, { 'cpu.weight': idle === '1' ? '0\n' : '100\n' });
  return idle;
};

const rules: { readonly [file: string]: Rule } = {
  'memory.max': sizeIn(4096),
  'memory.high': sizeIn(4096),
  'memory.low': sizeIn(4096),
  'memory.swap.max': sizeIn(4096),
  'pids.max': (value, before, directory) =>
    value === 'max' ? value : wholeNumber(0, 4194304, 'EINVAL')(value, before, directory),
  'cpu.max': cpuMax,
  'cpu.max.burst': cpuBurst,
  'cpu.weight': cpuWeight,
  'cpu.idle': cpuIdle,
  'io.max': keyed,
  'io.weight': weights,
  'io.bfq.weight': weights,
};

function enable(directory: Node, value: string): string {
  const given = new Set(words(textOf(directory, 'cgroup.subtree_control')));
  for (const word of words(value)) {
    const name = word.slice(1);
    if (!words(textOf(directory, 'cgroup.controllers')).includes(name)) refuse('ENOENT');
    given.add(name);
  }
  for (const child of directory.children.values()) if (isDirectory(child)) giveControllers(child, [...given]);
  return `${[...given].join(' ')}\n`;
}

function textOf(directory: Node, file: string): string {
  return directory.children.get(file)?.text ?? '';
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
