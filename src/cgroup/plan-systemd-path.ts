/**
 * cgroupsPath of the form slice:prefix:name -> the unit and where its cgroup is. An empty part has runc's default: the slice
 * system.slice (user.slice for a user's manager), the prefix runc, the container's id. Pure.
 * [spec config-linux.md#cgroups-path] [man systemd.unit.5, systemd.slice.5]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { SystemdManager } from './systemd-unit.ts';

export interface SystemdPath {
  /** "runc-web.scope", or "pods.slice" when the name ends in .slice. */
  readonly unit: string;
  readonly isSlice: boolean;
  readonly slice: string;
  /** Below the manager's own cgroup: the slices from the top down, then the unit. */
  readonly components: readonly string[];
}

const pointer = '/linux/cgroupsPath';
const SLICE = '.slice';
/** What systemd takes as the length of a unit's name, its NUL included. */
const UNIT_NAME_LIMIT = 256;

export function planSystemdPath(cgroupsPath: string | undefined, id: string, manager: SystemdManager): SystemdPath {
  const [slice, prefix, name] = splitPath(cgroupsPath ?? '', id);
  const parent = slice === '' ? (manager === 'user' ? 'user.slice' : 'system.slice') : slice;
  const parents = expandSlice(parent);
  if (name.endsWith(SLICE)) {
    // A slice's place is in its name alone: a-b.slice lies in a.slice.
    const components = expandSlice(name);
    if (components.length === 0) throw refusal(name, 'is the root slice, which holds the whole host');
    return { unit: name, isSlice: true, slice: parent, components };
  }
  const unit = `${prefix}-${name}.scope`;
  checkUnitName(unit);
  return { unit, isSlice: false, slice: parent, components: [...parents, unit] };
}

function splitPath(cgroupsPath: string, id: string): readonly [string, string, string] {
  if (cgroupsPath === '') return ['', 'runc', id];
  const parts = cgroupsPath.split(':');
  const [slice, prefix, name] = parts;
  if (parts.length !== 3 || slice === undefined || prefix === undefined || name === undefined) {
    throw refusal(cgroupsPath, 'is not of the form slice:prefix:name');
  }
  if (name === '') throw refusal(cgroupsPath, 'has no name after the second colon');
  return [slice, prefix, name];
}

/** "a-b.slice" -> a.slice, a-b.slice; "-.slice" -> nothing: the root. */
export function expandSlice(slice: string): readonly string[] {
  if (!slice.endsWith(SLICE) || slice.length === SLICE.length) {
    throw refusal(slice, 'is not the name of a slice: it must end in .slice');
  }
  const stem = slice.slice(0, -SLICE.length);
  if (stem === '-') return [];
  const components: string[] = [];
  let prefix = '';
  for (const part of stem.split('-')) {
    if (part === '') throw refusal(slice, 'is not the name of a slice: a dash stands between two names');
    prefix = prefix === '' ? part : `${prefix}-${part}`;
    components.push(`${prefix}${SLICE}`);
  }
  checkUnitName(slice);
  return components;
}

/** The letters that systemd takes in a unit's name. */
function checkUnitName(unit: string): void {
  if (unit.length >= UNIT_NAME_LIMIT) {
    throw refusal(`${unit.slice(0, 40)}...`, `makes the name of a unit longer than ${UNIT_NAME_LIMIT - 1} bytes`);
  }
  for (let index = 0; index < unit.length; index += 1) {
    if (isUnitLetter(unit.charCodeAt(index))) continue;
    const letter = String.fromCodePoint(unit.codePointAt(index) as number);
    throw refusal(unit, `has ${JSON.stringify(letter)}, which the name of a unit may not have`);
  }
}

/** A-Z a-z 0-9 and : - _ . \ (not @: it makes templates). */
function isUnitLetter(code: number): boolean {
  const isDigit = code >= 0x30 && code <= 0x39;
  const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return isDigit || isLetter || ':-_.\\'.includes(String.fromCharCode(code));
}

function refusal(value: string, reason: string): RuntimeError {
  return new RuntimeError({
    kind: 'spec',
    pointer,
    message: `${JSON.stringify(value)} ${reason}`,
    hint: 'with systemd cgroups write it as in "system.slice:runc:web", or leave it out',
  });
}
