/**
 * Is what a cgroup file shows what was written into it? A write that the kernel took is not yet a limit: it rounds sizes down to
 * pages, prints lists in its own form, keeps one line for each device, and a cpuset partition only says that it is invalid.
 * Pure; the caller wrote and read (rule B12). Files that are not known here are taken at the write's word. [man cgroups.7]
 */

/** written: one line, as given; seen: the whole file. */
export type Comparison = (written: string, seen: string) => boolean;

/** undefined: the kernel's answer to the write is all that can be known. */
export function comparisonOf(file: string): Comparison | undefined {
  const known = comparisons.get(file);
  if (known !== undefined || !file.startsWith('hugetlb.') || !file.endsWith('.max')) return known;
  const granuleBytes = pageBytes(file.slice('hugetlb.'.length));
  return (written, seen) => isSameSize(written, seen, granuleBytes);
}

/** The largest page of any architecture that we run on. */
const MEMORY_PAGE_BYTES = 65536n;

const memorySize: Comparison = (written, seen) => isSameSize(written, seen, MEMORY_PAGE_BYTES);
const sameText: Comparison = (written, seen) => written.trim() === seen.trim();

/** The quota, and the period when it was given. */
const samePrefix: Comparison = (written, seen) => {
  const shown = words(seen);
  return words(written).every((word, index) => word === shown[index]);
};

const comparisons: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ['memory.max', memorySize],
  ['memory.high', memorySize],
  ['memory.low', memorySize],
  ['memory.min', memorySize],
  ['memory.swap.max', memorySize],
  ['memory.swap.high', memorySize],
  ['memory.zswap.max', memorySize],
  ['memory.oom.group', sameText],
  ['pids.max', sameText],
  ['cpu.weight', sameText],
  ['cpu.idle', sameText],
  ['cpu.max', samePrefix],
  ['cpu.max.burst', sameText],
  ['cpuset.cpus', isSameList],
  ['cpuset.mems', isSameList],
  ['cpuset.cpus.exclusive', isSameList],
  ['cpuset.cpus.partition', sameText],
  ['cgroup.max.depth', sameText],
  ['cgroup.max.descendants', sameText],
  ['io.max', isInItsLine],
  ['io.latency', isInItsLine],
  ['rdma.max', isInItsLine],
  ['misc.max', isInItsLine],
  ['io.weight', isWeightInForce],
  ['io.bfq.weight', isWeightInForce],
]);

/** Beyond what the kernel counts in pages it shows "max". */
const GREATEST_SIZE = 2n ** 63n - 2n ** 34n;

/** Rounded down to whole pages. A size that cannot be read here (octal) is the kernel's to judge. */
function isSameSize(written: string, seen: string, granuleBytes: bigint): boolean {
  const wanted = parseSize(written.trim());
  const shown = parseSize(seen.trim());
  if (wanted === undefined || shown === undefined) return wanted === undefined && written.trim() !== 'max';
  if (wanted === 'max' || shown === 'max') return wanted === shown || (wanted !== 'max' && wanted >= GREATEST_SIZE);
  return shown <= wanted && wanted - shown < granuleBytes;
}

const SUFFIXES = 'kmgtpe';

/** As the kernel's memparse: decimal or 0x, one letter; nothing at all is 0. */
function parseSize(text: string): bigint | 'max' | undefined {
  if (text === 'max') return text;
  const shift = SUFFIXES.indexOf(text.slice(-1).toLowerCase());
  const isHex = text.startsWith('0x');
  const hasSuffix = shift >= 0 && text !== '' && !(isHex && 'e' === text.slice(-1).toLowerCase());
  const digits = hasSuffix ? text.slice(0, -1) : text;
  if (!isNumber(digits) || (digits.length > 1 && digits[0] === '0' && !isHex)) return undefined;
  return BigInt(digits) << (hasSuffix ? 10n * BigInt(shift + 1) : 0n);
}

function isNumber(text: string): boolean {
  const digits = text.startsWith('0x') ? text.slice(2) : text;
  const allowed = text.startsWith('0x') ? '0123456789abcdefABCDEF' : '0123456789';
  for (const digit of digits) if (!allowed.includes(digit)) return false;
  return !text.startsWith('0x') || digits !== '';
}

/** "2MB" of "2MB.max" and "2MB.rsvd.max". */
function pageBytes(name: string): bigint {
  const size = parseSize(name.slice(0, name.indexOf('B')).toLowerCase());
  return typeof size === 'bigint' && size > 0n ? size : 1n;
}

function words(text: string): readonly string[] {
  return text
    .trim()
    .split(' ')
    .filter((word) => word !== '');
}

/** Lists of numbers and ranges. A list in a form that the kernel knows and we do not ("0-31:2/4", "all") is taken at its word. */
function isSameList(written: string, seen: string): boolean {
  const wanted = parseList(written);
  const shown = parseList(seen);
  if (wanted === undefined) return true;
  return shown !== undefined && wanted.length === shown.length && wanted.every((number, i) => number === shown[i]);
}

const MOST_NUMBERS = 65536;

function parseList(text: string): readonly number[] | undefined {
  const numbers = new Set<number>();
  for (const part of text.trim().split(',')) {
    if (part === '') continue;
    const [first, last = first, more] = part.split('-');
    if (first === undefined || last === undefined || more !== undefined) return undefined;
    if (first === '' || last === '' || !isNumber(first) || !isNumber(last)) return undefined;
    if (Number(last) - Number(first) > MOST_NUMBERS) return undefined;
    for (let number = Number(first); number <= Number(last); number++) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** The line of the file that begins with the key (a device, a resource); undefined: there is none. */
export function lineOf(seen: string, key: string): string | undefined {
  return seen.split('\n').find((line) => words(line)[0] === key);
}

/** A device without limits has no line. */
function isInItsLine(written: string, seen: string): boolean {
  const [key = '', ...wanted] = words(written);
  const shown = words(lineOf(seen, key) ?? '');
  return wanted.every((word) => shown.includes(word) || (isNoLimit(word) && !shown.some((each) => limits(each, word))));
}

/** Counts of operations are kept in 32 bits, bytes in 64: what is greater is none. */
function isNoLimit(word: string): boolean {
  const value = word.slice(word.indexOf('=') + 1);
  if (value === 'max') return true;
  if (!isNumber(value)) return false;
  return BigInt(value) >= (word.includes('iops=') ? 2n ** 32n - 1n : 2n ** 64n - 1n);
}

/** Whether `shown` is a limit of the same thing as `word`. */
function limits(shown: string, word: string): boolean {
  const name = (text: string) => text.slice(0, text.indexOf('=') + 1);
  return name(shown) === name(word) && !shown.endsWith('=max');
}

/** "100" is the weight of all devices without one of their own: "default 100". An old bfq shows the number alone. */
function isWeightInForce(written: string, seen: string): boolean {
  const [first = '', second] = words(written);
  if (second === undefined) return words(lineOf(seen, 'default') ?? '')[1] === first || seen.trim() === first;
  const shown = words(lineOf(seen, first) ?? '')[1];
  return second === 'default' ? shown === undefined : shown === second;
}
