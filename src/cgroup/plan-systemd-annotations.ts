/**
 * Annotations org.systemd.property.NAME -> properties of the container's unit. Whoever writes annotations need not be allowed
 * to act on the host, and a property can be a command that systemd runs as root (ExecStopPost) or start and stop other units
 * (Wants, Conflicts): so only those of the table are taken, with their types, and any other is refused by name. `features`
 * publishes the table as annotations to be filtered. Pure. [CVE-2024-3154] [man systemd.scope.5, systemd.kill.5]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { DbusValue } from './dbus-message.ts';
import { type GvariantType, parseGvariant } from './parse-gvariant.ts';
import type { SystemdProperty } from './systemd-unit.ts';

const PREFIX = 'org.systemd.property.';

type PlainType = Exclude<GvariantType, 'sec'>;

/**
 * How the unit ends, what it is called, what it waits for. Nothing that runs a program, acts on another unit, or gives the
 * container more than its limits.
 */
const types: { readonly [name: string]: PlainType } = Object.freeze({
  After: 'as',
  Before: 'as',
  CollectMode: 's',
  DefaultDependencies: 'b',
  Description: 's',
  FinalKillSignal: 'i',
  KillMode: 's',
  KillSignal: 'i',
  OOMPolicy: 's',
  RuntimeMaxUSec: 't',
  SendSIGHUP: 'b',
  SendSIGKILL: 'b',
  TimeoutStopUSec: 't',
});

/** NAME or, for a duration, NAMESec. */
function isSeconds(name: string): boolean {
  return name.endsWith('Sec') && !name.endsWith('USec') && types[microsecondsName(name)] === 't';
}

const microsecondsName = (name: string): string => `${name.slice(0, -'Sec'.length)}USec`;

/** Every annotation that changes what is asked of systemd, for `features`. */
export const systemdAnnotations: readonly string[] = Object.keys(types)
  .flatMap((name) => (name.endsWith('USec') ? [name, `${name.slice(0, -'USec'.length)}Sec`] : [name]))
  .map((name) => PREFIX + name)
  .sort();

export function planSystemdAnnotations(
  annotations: { readonly [key: string]: string } | undefined,
): readonly SystemdProperty[] {
  if (annotations === undefined) return noProperties;
  const properties: SystemdProperty[] = [];
  for (const [key, text] of Object.entries(annotations)) {
    if (key.startsWith(PREFIX)) properties.push(planProperty(key.slice(PREFIX.length), text, pointerOf(key)));
  }
  return properties;
}

const noProperties: readonly SystemdProperty[] = [];

function planProperty(name: string, text: string, pointer: string): SystemdProperty {
  const inSeconds = isSeconds(name);
  const type = inSeconds ? 'sec' : Object.hasOwn(types, name) ? types[name] : undefined;
  if (type === undefined) {
    throw fault(pointer, `is not a property that an annotation may set`, `these are: ${Object.keys(types).join(' ')}`);
  }
  const value = parseGvariant(text, type);
  if (value === undefined)
    throw fault(pointer, `${JSON.stringify(text.slice(0, 80))} is not ${typeNames[type]}`, example(type));
  refuseControls(value, pointer);
  if (type !== 'sec') return { name, value: { signature: type, value } };
  return { name: microsecondsName(name), value: { signature: 't', value: toMicroseconds(value) } };
}

/**
 * systemd writes the properties into a file of the unit, NAME=TEXT, and reads it again at the next daemon-reload: what follows a
 * newline would be a property of its own there, past the table.
 */
function refuseControls(value: DbusValue, pointer: string): void {
  const texts = typeof value === 'string' ? [value] : Array.isArray(value) ? (value as readonly string[]) : [];
  for (const text of texts) {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code >= 0x20 && code !== 0x7f) continue;
      throw fault(pointer, `${JSON.stringify(text.slice(0, 80))} has a control character`, 'write it in one line');
    }
  }
}

function toMicroseconds(seconds: DbusValue): bigint {
  return BigInt(Math.round((seconds as number) * 1_000_000));
}

const typeNames: Readonly<Record<GvariantType, string>> = Object.freeze({
  b: 'a boolean',
  i: 'a number of type int32',
  u: 'a number of type uint32',
  t: 'a number of type uint64',
  s: 'a string',
  as: 'a list of strings',
  sec: 'a number of seconds',
});

function example(type: GvariantType): string {
  const text = { b: 'true', i: '37', u: 'uint32 37', t: 'uint64 37', s: "'text'", as: "['a.service']", sec: '37' }[
    type
  ];
  return `write it in the text format of GVariant, as in ${text}`;
}

function pointerOf(key: string): string {
  return `/annotations/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function fault(pointer: string, message: string, hint: string): RuntimeError {
  return new RuntimeError({ kind: 'spec', pointer, message, hint });
}
