/**
 * Mount options as strings -> what the descriptor-based mount API wants: attributes to set and clear, recursive attributes,
 * propagation changes, superblock flags, file system parameters. Every option of the specification's table is here; a string
 * that is not in the table is a parameter of the file system, which decides about it. Later options win over earlier ones.
 * Pure; where the parts go (fsmount, mount_setattr, fsconfig) is decided by plan-mounts.ts.
 * [spec config.md#configLinuxMountOptions] [man mount_setattr.2, fsconfig.2, mount.8]
 */
import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_RELATIME,
  MOUNT_ATTR_STRICTATIME,
  MS_PRIVATE,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '../kernel/flags.ts';
import type { AttributeChange, FsParameter, PropagationChange } from './rootfs-step.ts';

export interface MountOptions {
  readonly bind: boolean;
  readonly recursiveBind: boolean;
  readonly remount: boolean;
  readonly copyUp: boolean;
  /** idmap or ridmap was given (the last one counts). */
  readonly idMap: IdMapOption | undefined;
  /** crun's options about symbolic links; undefined: none was given. */
  readonly links: LinkOptions | undefined;
  readonly attributes: AttributeChange;
  /** An option about attributes or the superblock was given, even one that changes nothing. */
  readonly mentionsAttributes: boolean;
  /** undefined: none was given. */
  readonly recursiveAttributes: AttributeChange | undefined;
  readonly propagation: readonly PropagationChange[];
  /** ro, sync, ... in the order of the table; what a new superblock has anyway (rw, async) is in superblockCleared. */
  readonly superblockSet: readonly FsParameter[];
  readonly superblockCleared: readonly FsParameter[];
  readonly parameters: readonly FsParameter[];
}

/** [man crun.1] */
export interface LinkOptions {
  /** src-nofollow: a link as source is mounted itself. */
  readonly keepSource: boolean;
  /** dest-nofollow: a link as destination is covered itself. */
  readonly keepTarget: boolean;
  /** copy-symlink: a link as source is made anew at the destination. */
  readonly copy: boolean;
}

export interface IdMapOption {
  readonly recursive: boolean;
  /** crun's "idmap=uids=0-1-10;gids=0-1-10": what follows the first =, else ''. */
  readonly text: string;
  /** Index into the mount's options. */
  readonly option: number;
}

/** SB_* bits of our own: index into superblockNames. */
const SB_RDONLY = 1;
const SB_SYNCHRONOUS = 2;
const SB_DIRSYNC = 4;
const SB_MANDLOCK = 8;
const SB_LAZYTIME = 16;
const SB_I_VERSION = 32;

/** [set, clear] as fsconfig(2) spells them; nothing un-sets dirsync. */
const superblockNames: readonly (readonly [number, string, string | undefined])[] = [
  [SB_RDONLY, 'ro', 'rw'],
  [SB_SYNCHRONOUS, 'sync', 'async'],
  [SB_DIRSYNC, 'dirsync', undefined],
  [SB_MANDLOCK, 'mand', 'nomand'],
  [SB_LAZYTIME, 'lazytime', 'nolazytime'],
  [SB_I_VERSION, 'iversion', 'noiversion'],
];

interface Rule {
  readonly attribute: number;
  readonly superblock: number;
  /** The option takes the bits away. */
  readonly clear: boolean;
  /** The attribute is a value of the access time field (MOUNT_ATTR__ATIME), not a bit. */
  readonly atime: boolean;
  readonly recursive: boolean;
  /** MS_* */
  readonly propagation: number;
  readonly word: 'bind' | 'rbind' | 'remount' | 'tmpcopyup' | 'idmap' | 'ridmap' | LinkWord | undefined;
}

type LinkWord = 'src-nofollow' | 'dest-nofollow' | 'copy-symlink';

const nothing: Rule = {
  attribute: 0,
  superblock: 0,
  clear: false,
  atime: false,
  recursive: false,
  propagation: 0,
  word: undefined,
};

/** [option, its opposite, attribute, superblock flag]; the recursive forms exist for all with an attribute. */
const pairs: readonly (readonly [string, string, number, number])[] = [
  ['ro', 'rw', MOUNT_ATTR_RDONLY, SB_RDONLY],
  ['nosuid', 'suid', MOUNT_ATTR_NOSUID, 0],
  ['nodev', 'dev', MOUNT_ATTR_NODEV, 0],
  ['noexec', 'exec', MOUNT_ATTR_NOEXEC, 0],
  ['nodiratime', 'diratime', MOUNT_ATTR_NODIRATIME, 0],
  ['nosymfollow', 'symfollow', MOUNT_ATTR_NOSYMFOLLOW, 0],
  ['sync', 'async', 0, SB_SYNCHRONOUS],
  ['mand', 'nomand', 0, SB_MANDLOCK],
  ['lazytime', 'nolazytime', 0, SB_LAZYTIME],
  ['iversion', 'noiversion', 0, SB_I_VERSION],
];

/**
 * norelatime changes nothing: without another word the kernel's default is relatime, for mount(2) too. The opposites of noatime
 * and strictatime lead back to that default.
 */
const accessTimes: readonly (readonly [string, number])[] = [
  ['relatime', MOUNT_ATTR_RELATIME],
  ['noatime', MOUNT_ATTR_NOATIME],
  ['strictatime', MOUNT_ATTR_STRICTATIME],
  ['atime', MOUNT_ATTR_RELATIME],
  ['nostrictatime', MOUNT_ATTR_RELATIME],
];

const propagations: readonly (readonly [string, number])[] = [
  ['private', MS_PRIVATE],
  ['shared', MS_SHARED],
  ['slave', MS_SLAVE],
  ['unbindable', MS_UNBINDABLE],
];

/** Built when the module is loaded, that is before the start-up snapshot. */
const rules: ReadonlyMap<string, Rule> = buildRules();

function buildRules(): Map<string, Rule> {
  const map = new Map<string, Rule>();
  for (const [set, clear, attribute, superblock] of pairs) {
    map.set(set, { ...nothing, attribute, superblock });
    map.set(clear, { ...nothing, attribute, superblock, clear: true });
    if (attribute === 0) continue;
    map.set(`r${set}`, { ...nothing, attribute, recursive: true });
    map.set(`r${clear}`, { ...nothing, attribute, clear: true, recursive: true });
  }
  for (const [name, attribute] of accessTimes) {
    map.set(name, { ...nothing, attribute, atime: true });
    map.set(`r${name}`, { ...nothing, attribute, atime: true, recursive: true });
  }
  for (const [name, propagation] of propagations) {
    map.set(name, { ...nothing, propagation });
    map.set(`r${name}`, { ...nothing, propagation, recursive: true });
  }
  map.set('dirsync', { ...nothing, superblock: SB_DIRSYNC });
  for (const word of ['bind', 'rbind', 'remount', 'tmpcopyup', 'idmap', 'ridmap'] as const) {
    map.set(word, { ...nothing, word });
  }
  for (const word of ['src-nofollow', 'dest-nofollow', 'copy-symlink'] as const) map.set(word, { ...nothing, word });
  // silent and loud only choose what the kernel logs about a bad superblock; fsconfig(2) has no word for it.
  for (const name of ['defaults', 'norelatime', 'silent', 'loud']) map.set(name, nothing);
  map.set('rnorelatime', { ...nothing, recursive: true });
  return map;
}

/** For `features`: every option that is not left to the file system, sorted. */
export const knownMountOptions: readonly string[] = [...rules.keys()].sort();

interface Change {
  set: number;
  clear: number;
}

type Draft = { -readonly [key in keyof MountOptions]: MountOptions[key] } & {
  attributes: Change;
  recursiveAttributes: Change | undefined;
};

const noParameters: readonly FsParameter[] = [];
const noChanges: readonly PropagationChange[] = [];

/** Never throws: what cannot be is for the planner or the kernel. On the hot path: nothing is made that is not needed. */
export function parseMountOptions(options: readonly string[]): MountOptions {
  const draft: Draft = {
    bind: false,
    recursiveBind: false,
    remount: false,
    copyUp: false,
    idMap: undefined,
    links: undefined,
    attributes: { set: 0, clear: 0 },
    mentionsAttributes: false,
    recursiveAttributes: undefined,
    propagation: noChanges,
    superblockSet: noParameters,
    superblockCleared: noParameters,
    parameters: noParameters,
  };
  let superblock: Change | undefined;
  let parameters: FsParameter[] | undefined;
  for (let i = 0; i < options.length; i++) {
    const option = options[i];
    if (option === undefined || option === '') continue;
    const rule = rules.get(option);
    if (rule === undefined) {
      const idMap = parseIdMapOption(option, i);
      if (idMap !== undefined) {
        draft.idMap = idMap;
        continue;
      }
      parameters ??= [];
      addParameters(parameters, option, i);
      continue;
    }
    addRule(draft, rule, i);
    if (rule.superblock === 0) continue;
    superblock ??= { set: 0, clear: 0 };
    changeBits(superblock, rule.superblock, rule.clear);
  }
  if (parameters !== undefined) draft.parameters = parameters;
  if (superblock !== undefined) {
    draft.superblockSet = superblockParameters(superblock.set, 1);
    draft.superblockCleared = superblockParameters(superblock.clear, 2);
  }
  return draft;
}

function addRule(draft: Draft, rule: Rule, option: number): void {
  if (rule.word !== undefined) {
    addWord(draft, rule.word, option);
  } else if (rule.propagation !== 0) {
    draft.propagation = [...draft.propagation, { propagation: rule.propagation, recursive: rule.recursive }];
  } else if (rule.recursive) {
    draft.recursiveAttributes ??= { set: 0, clear: 0 };
    changeAttributes(draft.recursiveAttributes, rule);
  } else if (rule !== nothing) {
    draft.mentionsAttributes = true;
    changeAttributes(draft.attributes, rule);
  }
}

function addWord(draft: Draft, word: NonNullable<Rule['word']>, option: number): void {
  if (word === 'bind' || word === 'rbind') draft.bind = true;
  if (word === 'rbind') draft.recursiveBind = true;
  else if (word === 'remount') draft.remount = true;
  else if (word === 'tmpcopyup') draft.copyUp = true;
  else if (word === 'idmap' || word === 'ridmap') draft.idMap = { recursive: word === 'ridmap', text: '', option };
  else if (word !== 'bind') addLinkWord(draft, word);
}

function addLinkWord(draft: Draft, word: LinkWord): void {
  const { keepSource = false, keepTarget = false, copy = false } = draft.links ?? {};
  draft.links = {
    keepSource: keepSource || word === 'src-nofollow',
    keepTarget: keepTarget || word === 'dest-nofollow',
    copy: copy || word === 'copy-symlink',
  };
}

/** undefined: it is none. What the text says is read by parse-id-map-option.ts. */
function parseIdMapOption(text: string, option: number): IdMapOption | undefined {
  if (text.startsWith('idmap=')) return { recursive: false, text: text.slice(6), option };
  return text.startsWith('ridmap=') ? { recursive: true, text: text.slice(7), option } : undefined;
}

function changeAttributes(change: Change, rule: Rule): void {
  if (rule.atime) chooseAccessTime(change, rule.attribute);
  else changeBits(change, rule.attribute, rule.clear);
}

function changeBits(change: Change, bits: number, clear: boolean): void {
  if (clear) {
    change.set &= ~bits;
    change.clear |= bits;
  } else {
    change.set |= bits;
    change.clear &= ~bits;
  }
}

/** The access time is a field: mount_setattr(2) wants all of its bits cleared whatever is set. */
function chooseAccessTime(change: Change, value: number): void {
  change.set = (change.set & ~MOUNT_ATTR__ATIME) | value;
  change.clear |= MOUNT_ATTR__ATIME;
}

/** An option of the superblock has no single place: the mount is named. */
function superblockParameters(bits: number, column: 1 | 2): readonly FsParameter[] {
  if (bits === 0) return noParameters;
  const list: FsParameter[] = [];
  for (const names of superblockNames) {
    const key = names[column];
    if ((bits & names[0]) === 0 || key === undefined) continue;
    list.push({ key, value: null, option: -1, optional: names[0] === SB_I_VERSION });
  }
  return list;
}

/** One string may hold several parameters, as mount(2) would take them; a backslash protects commas (overlay). */
function addParameters(list: FsParameter[], option: string, index: number): void {
  if (option.includes(',') && !option.includes('\\')) {
    for (const part of option.split(',')) if (part !== '') list.push(parseParameter(part, index));
  } else {
    list.push(parseParameter(option, index));
  }
}

function parseParameter(text: string, option: number): FsParameter {
  const equals = text.indexOf('=');
  if (equals < 0) return { key: text, value: null, option, optional: false };
  return { key: text.slice(0, equals), value: text.slice(equals + 1), option, optional: false };
}
