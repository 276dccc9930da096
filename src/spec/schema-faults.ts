/**
 * What ajv's generated code found, told in sentences. Pure; runs only when there is something to tell, so it may take its time.
 * It looks the value up by its pointer: the generated code carries neither values nor messages.
 */
import { type Fault, nearest, pointerToken, showValue } from './fault.ts';
import type { SchemaError } from './generated/validate.js';

const typeNames: Readonly<Record<string, string>> = Object.freeze({
  object: 'an object',
  array: 'an array',
  string: 'a string',
  boolean: 'true or false',
  null: 'null',
});

/** What to write for a property that is missing. */
const examples: Readonly<Record<string, string>> = Object.freeze({
  ociVersion: 'write "ociVersion": "1.3.0"',
  root: 'write "root": {"path": "rootfs"}',
  cwd: 'write "cwd": "/"',
  args: 'write "args": ["sh"]',
  uid: 'write "uid": 0',
  gid: 'write "gid": 0',
  allow: 'write "allow": true or false',
  destination: 'write where in the container to mount, such as "/data"',
  defaultAction: 'write "defaultAction": "SCMP_ACT_ERRNO"',
});

/** A hostile file can have millions of faults; nobody reads more than these. */
const mostFaults = 1000;

/** One fault for each error, in the order found. `value` is what was validated. */
export function schemaFaults(errors: readonly SchemaError[], value: unknown): Fault[] {
  const faults = errors.slice(0, mostFaults).map((error) => explain(error, lookUp(value, error.instancePath)));
  const rest = errors.length - faults.length;
  if (rest > 0) faults.push({ pointer: '', what: `has ${rest} more faults` });
  return faults;
}

function explain(error: SchemaError, got: unknown): Fault {
  const { instancePath: pointer, params } = error;
  switch (error.keyword) {
    case 'type':
      return typeFault(pointer, params.type, got);
    case 'required':
      return missing(`${pointer}/${pointerToken(String(params.missingProperty))}`, String(params.missingProperty));
    case 'dependentRequired': {
      const name = String(params.missingProperty);
      return {
        pointer: `${pointer}/${name}`,
        what: `is missing: ${String(params.property)} is there`,
        right: 'write both or neither',
      };
    }
    case 'enum':
      return enumFault(pointer, params.allowedValues as readonly string[], got);
    case 'integer':
      return integerFault(pointer, { least: String(params.least), greatest: String(params.greatest) }, got);
    case 'text':
      return textFault(pointer, String(params.rule), String(got));
    case 'keys':
      return keyFault(`${pointer}/${pointerToken(String(params.key))}`, String(params.key));
    case 'minItems':
      return { pointer, what: `must have at least ${String(params.limit)} entry (got none)` };
    case 'maxItems':
      return { pointer, what: `must have at most ${String(params.limit)} entries (got ${(got as unknown[]).length})` };
    default:
      return { pointer, what: `is not valid (${error.keyword})` };
  }
}

function missing(pointer: string, name: string): Fault {
  const right = examples[name];
  return right === undefined ? { pointer, what: 'is missing' } : { pointer, what: 'is missing', right };
}

function typeFault(pointer: string, type: unknown, got: unknown): Fault {
  const types = Array.isArray(type) ? type : [type];
  const wanted = types.map((name) => typeNames[String(name)] ?? String(name)).join(' or ');
  const fault = { pointer, what: `must be ${wanted} (got ${showTyped(got)})` };
  const isScalar = typeof got === 'number' || typeof got === 'bigint' || typeof got === 'boolean';
  if (types[0] === 'string' && isScalar) return { ...fault, right: `write "${String(got)}"` };
  if (types[0] === 'array' && typeof got === 'string') return { ...fault, right: `write [${showValue(got)}]` };
  if (types[0] === 'boolean' && (got === 'true' || got === 'false'))
    return { ...fault, right: `write ${got} without quotes` };
  return fault;
}

function showTyped(got: unknown): string {
  if (typeof got === 'string') return `the string ${showValue(got)}`;
  return typeof got === 'number' || typeof got === 'bigint' ? `the number ${String(got)}` : showValue(got);
}

function enumFault(pointer: string, allowed: readonly string[], got: unknown): Fault {
  const names = allowed.filter((name) => name !== '');
  const what = `must be one of ${names.join(', ')} (got ${showTyped(got)})`;
  const near = typeof got === 'string' ? nearest(got, names) : undefined;
  return near === undefined ? { pointer, what } : { pointer, what, right: `did you mean "${near}"?` };
}

function integerFault(pointer: string, range: { least: string; greatest: string }, got: unknown): Fault {
  const wanted = `must be a whole number from ${range.least} to ${range.greatest}`;
  if (typeof got === 'string') {
    const isNumeric = got !== '' && String(Number(got)) === got;
    const fault = { pointer, what: `${wanted} (got ${showTyped(got)})` };
    return isNumeric ? { ...fault, right: `write ${got} without quotes` } : fault;
  }
  if (typeof got !== 'number' && typeof got !== 'bigint') return { pointer, what: `${wanted} (got ${showValue(got)})` };
  if (typeof got === 'number' && !Number.isInteger(got)) return { pointer, what: `${wanted}: ${got} is not whole` };
  if (Object.is(got, -0)) return { pointer, what: `${wanted}: -0 is not an integer of the kernel`, right: 'write 0' };
  return { pointer, what: `${wanted}: ${String(got)} is out of range` };
}

function textFault(pointer: string, rule: string, got: string): Fault {
  if (got.includes('\0')) {
    return {
      pointer,
      what: `contains NUL at character ${got.indexOf('\0')}: the kernel would cut it there (got ${showValue(got)})`,
    };
  }
  switch (rule) {
    case 'absolute':
    case 'absoluteOrEmpty':
      return {
        pointer,
        what: `must be an absolute path (got ${showValue(got)})`,
        right: `write e.g. ${showValue(`/${got}`)}`,
      };
    case 'nonempty':
      return { pointer, what: 'must not be empty' };
    case 'line':
      return { pointer, what: `must be one line without newline (got ${showValue(got)})` };
    case 'env':
      return got.startsWith('=')
        ? { pointer, what: `must have a name before the = (got ${showValue(got)})`, right: 'write NAME=value' }
        : {
            pointer,
            what: `must be NAME=value, has no = (got ${showValue(got)})`,
            right: `write ${showValue(`${got}=`)} for an empty value`,
          };
    case 'access':
      return {
        pointer,
        what: `must be made of the letters r, w and m (got ${showValue(got)})`,
        right: 'write "rwm" for all',
      };
    default:
      return { pointer, what: `must be a size such as 64KB, 2MB or 1GB (got ${showValue(got)})` };
  }
}

function keyFault(pointer: string, key: string): Fault {
  return key === ''
    ? { pointer, what: 'has an empty key' }
    : { pointer, what: `has a key that contains NUL (got ${showValue(key)})` };
}

/** The value at a JSON pointer, undefined if there is none. Own properties only: a pointer may name __proto__. */
function lookUp(value: unknown, pointer: string): unknown {
  let at = value;
  for (const token of pointerTokens(pointer)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, token)) return undefined;
    at = (at as { readonly [key: string]: unknown })[token];
  }
  return at;
}

export function pointerTokens(pointer: string): readonly string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
