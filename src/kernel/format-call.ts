/**
 * One call to the kernel and its answer as a line for --debug: openat2(</bundle>, "config.json", 0, 0, 0) = <config.json>. Pure.
 * Shown are numbers, descriptors by name, and only such texts as name something of the system; contents, environments, programs'
 * arguments, values of mount options and messages are not, because they may be anybody's secrets.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from './fd.ts';

/** Method -> how many of its texts, from the first, may be read by whoever reads the log. */
const shownTexts: { readonly [method: string]: number } = {
  openat2: 1,
  openat2OrErrno: 1,
  statx: 1,
  statxOrErrno: 1,
  mkdirat: 1,
  mkdiratOrErrno: 1,
  mknodat: 1,
  symlinkat: 2,
  unlinkat: 1,
  unlinkatOrErrno: 1,
  renameat2: 2,
  readlinkat: 1,
  faccessat2: 1,
  fsetxattr: 1,
  fgetxattr: 1,
  memfdCreate: 1,
  fsopen: 1,
  fsconfig: 1,
  fspick: 1,
  openTree: 1,
  openTreeOrErrno: 1,
  moveMount: 2,
  moveMountOrErrno: 2,
  mountSetattr: 1,
  umountEntry: 1,
  sethostname: 1,
  setdomainname: 1,
  keyctlJoinSessionKeyring: 1,
  interfaceUp: 1,
  bindUnix: 1,
  connectUnixOrErrno: 1,
  execve: 1,
};

/** Where an answer that is a text is the name of an error, or of something of the system. */
const shownAnswers: ReadonlySet<string> = new Set(['readlinkat', 'execve', 'kill', 'pidfdSendSignal', 'faccessat2']);

/** Longer, or of more than one line, or JSON: content, not a setting. */
const longestSetting = 80;

export function formatCall(method: string, args: readonly unknown[], answer: string): string {
  let texts = shownTexts[method] ?? 0;
  const shown = args.map((arg, index) => {
    if (typeof arg !== 'string') return formatValue(arg);
    if (texts > 0) {
      texts -= 1;
      return JSON.stringify(arg);
    }
    return method === 'write' && isSetting(args[0], arg, index) ? JSON.stringify(arg) : sizeOf(arg);
  });
  return `${method}(${shown.join(', ')}) = ${answer}`;
}

export function formatAnswer(method: string, answer: unknown): string {
  if (typeof answer === 'string' && !method.endsWith('OrErrno') && !shownAnswers.has(method)) return sizeOf(answer);
  if (answer === undefined) return 'ok';
  return typeof answer === 'string' ? answer : formatValue(answer);
}

export function formatFailure(error: unknown): string {
  if (error instanceof RuntimeError) return error.fields.errno ?? error.fields.kind;
  return 'an error that is not the kernel’s';
}

/** Into the kernel's own files: a limit, a map, a label. */
function isSetting(fd: unknown, text: string, index: number): boolean {
  if (!(fd instanceof Fd) || index !== 1 || text.length > longestSetting || text.includes('{')) return false;
  return /(^|\/)(sys|proc|cgroup|cpu|cpuset|memory|pids|io|hugetlb|rdma|misc|uid_map|gid_map|setgroups|oom_score_adj|tasks|schemata|timens_offsets)\b/.test(
    fd.path,
  );
}

function formatValue(value: unknown): string {
  if (value instanceof Fd) return `<${value.path}>`;
  if (typeof value === 'string') return sizeOf(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return isPlain(value) ? `[${value.map(formatValue).join(', ')}]` : `${value.length} items`;
  if (typeof value === 'function') return 'life';
  if (typeof value === 'object' && value !== null) {
    if ('mode' in value && 'ino' in value) return `{mode: ${Number(value.mode).toString(8)}, ino: ${value.ino}}`;
    return `{${Object.entries(value)
      .map(([name, each]) => `${name}: ${formatValue(each)}`)
      .join(', ')}}`;
  }
  return String(value);
}

const isPlain = (list: readonly unknown[]): boolean =>
  list.length <= 16 && list.every((each) => typeof each === 'number' || each instanceof Fd);

const sizeOf = (text: string): string => `${text.length} characters`;
