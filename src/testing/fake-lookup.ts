/** Path lookup of the fake kernel: links, "..", mounts, and the RESOLVE_* rules that the runtime relies on. [man openat2.2] */
import { RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV } from '../kernel/flags.ts';
import { fail, isDirectory, isLink, isNamespace, type Place, topOf } from './fake-world.ts';

export interface Lookup {
  /** The directory that holds (or would hold) the last component. */
  readonly directory: Place;
  readonly name: string;
  /** undefined: it does not exist. */
  readonly place: Place | undefined;
}

export interface LookupOptions {
  readonly root: Place;
  readonly resolve: number;
  readonly followLast: boolean;
  readonly syscall: string;
}

const linkLimit = 40;

export function lookup(start: Place, path: string, options: LookupOptions): Lookup {
  if (path === '') fail(options.syscall, 'ENOENT', path);
  return walk(start, path, options, { links: 0, base: start });
}

interface Walk {
  links: number;
  readonly base: Place;
}

function walk(start: Place, path: string, options: LookupOptions, state: Walk): Lookup {
  const scoped = (options.resolve & RESOLVE_IN_ROOT) !== 0;
  if (path.startsWith('/') && (options.resolve & RESOLVE_BENEATH) !== 0) fail(options.syscall, 'EXDEV', path);
  let at = path.startsWith('/') ? (scoped ? state.base : topOf(options.root)) : start;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0) return { directory: at, name: '.', place: at };
  for (const [index, name] of parts.entries()) {
    const last = index === parts.length - 1;
    if (!isDirectory(at.node)) fail(options.syscall, 'ENOTDIR', path);
    if (name === '..') {
      at = goUp(at, options, state, path);
      if (last) return { directory: at, name: '.', place: at };
      continue;
    }
    const found = at.node.children.get(name);
    if (found === undefined) {
      if (last) return { directory: at, name, place: undefined };
      fail(options.syscall, 'ENOENT', path);
    }
    const place = topOf({ node: found, mount: at.mount, parent: at, name });
    if (place.mount !== at.mount && (options.resolve & RESOLVE_NO_XDEV) !== 0) fail(options.syscall, 'EXDEV', path);
    if (isLink(place.node) && !isNamespace(place.node) && (!last || options.followLast)) {
      const next = follow(place, at, parts.slice(index + 1), options, state);
      return next;
    }
    if (last) return { directory: at, name, place };
    at = place;
  }
  return fail(options.syscall, 'ENOENT', path);
}

function goUp(at: Place, options: LookupOptions, state: Walk, path: string): Place {
  if (at.node === state.base.node && at.mount === state.base.mount) {
    if ((options.resolve & RESOLVE_BENEATH) !== 0) fail(options.syscall, 'EXDEV', path);
    if ((options.resolve & RESOLVE_IN_ROOT) !== 0) return at;
  }
  return at.parent ?? at;
}

function follow(place: Place, directory: Place, rest: readonly string[], options: LookupOptions, state: Walk): Lookup {
  if ((options.resolve & RESOLVE_NO_SYMLINKS) !== 0) fail(options.syscall, 'ELOOP', place.name);
  state.links += 1;
  if (state.links > linkLimit) fail(options.syscall, 'ELOOP', place.name);
  return walk(directory, [place.node.target, ...rest].join('/'), options, state);
}
