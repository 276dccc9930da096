// The project's own JSON Schema keywords, as inline code for ajv's standalone output.
// `integer`: a whole number within a range. The parser yields a bigint for what lies beyond 2^53-1, so a `number` out of
//   that range has lost digits (1e30) and is refused. Value: a kind's name, or [least, greatest] for small ranges.
// `text`: a rule for a string. `keys`: the same for the keys of a map.
// No regular expressions: these run for each string of a hostile file on the hot path.
import { _, Name } from 'ajv';
import { _Code } from 'ajv/dist/compile/codegen/code.js';

export const INTEGER_KINDS = {
  uint8: ['0', '255'],
  uint16: ['0', '65535'],
  uint32: ['0', '4294967295'],
  uint64: ['0', '18446744073709551615'],
  int64: ['-9223372036854775808', '9223372036854775807'],
  limit64: ['-1', '9223372036854775807'],
};
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** [least, greatest] as decimal text, and whether a bigint can be in the range. */
export function integerRange(schema) {
  const [least, greatest] = Array.isArray(schema) ? schema.map(String) : (INTEGER_KINDS[schema] ?? []);
  if (least === undefined) throw new Error(`unknown integer kind ${JSON.stringify(schema)}`);
  return { least, greatest, wide: BigInt(greatest) > SAFE };
}

const raw = (text) => new _Code(text);

const integer = {
  keyword: 'integer',
  schemaType: ['string', 'array'],
  code(context) {
    const { data, schema } = context;
    const { least, greatest, wide } = integerRange(schema);
    const low = BigInt(least) < -SAFE ? String(-SAFE) : least;
    const high = wide ? String(SAFE) : greatest;
    // x % 1 is NaN for the infinities; 1 / x tells -0, which no integer of a C interface can be.
    const isNumber = _`(typeof ${data} === "number" && ${data} >= ${raw(low)} && ${data} <= ${raw(high)} && ${data} % 1 === 0 && (${data} !== 0 || 1 / ${data} > 0))`;
    const isBig = _`(typeof ${data} === "bigint" && ${data} >= ${raw(`${least}n`)} && ${data} <= ${raw(`${greatest}n`)})`;
    context.fail(wide ? _`!(${isNumber} || ${isBig})` : _`!${isNumber}`);
  },
  error: {
    params: ({ schema }) => {
      const { least, greatest } = integerRange(schema);
      return _`{least: ${least}, greatest: ${greatest}}`;
    },
  },
};

/** Condition under which a string breaks the rule. */
const BROKEN = {
  any: (s) => _`${s}.indexOf("\\0") !== -1`,
  nonempty: (s) => _`${s}.length === 0 || ${s}.indexOf("\\0") !== -1`,
  absolute: (s) => _`${s}.charCodeAt(0) !== 47 || ${s}.indexOf("\\0") !== -1`,
  absoluteOrEmpty: (s) => _`(${s}.length !== 0 && ${s}.charCodeAt(0) !== 47) || ${s}.indexOf("\\0") !== -1`,
  env: (s) => _`${s}.indexOf("=") < 1 || ${s}.indexOf("\\0") !== -1`,
  line: (s) => _`${s}.indexOf("\\0") !== -1 || ${s}.indexOf("\\n") !== -1`,
  access: (s) => _`!isAccess(${s})`,
  pageSize: (s) => _`!isPageSize(${s})`,
};

const text = {
  keyword: 'text',
  type: 'string',
  schemaType: 'string',
  metaSchema: { enum: Object.keys(BROKEN) },
  code(context) {
    context.fail(BROKEN[context.schema](context.data));
  },
  error: { params: ({ schema }) => _`{rule: ${schema}}` },
};

const keys = {
  keyword: 'keys',
  type: 'object',
  schemaType: 'string',
  metaSchema: { enum: Object.keys(BROKEN) },
  code(context) {
    const { gen, data, schema } = context;
    gen.forIn('key', data, (key) => {
      gen.if(BROKEN[schema](key), () => {
        context.setParams({ key });
        context.error(true);
      });
    });
  },
  error: { params: ({ schema, params }) => _`{rule: ${schema}, key: ${params.key ?? new Name('undefined')}}` },
};

export const KEYWORDS = [integer, text, keys];

/** Functions that the generated code calls. */
export const RUNTIME_SOURCE = `
function note(errors, instancePath, keyword, params) {
  const error = { instancePath, keyword, params };
  if (errors === null) return [error];
  errors.push(error);
  return errors;
}
function isAccess(s) {
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    if (c !== 114 && c !== 119 && c !== 109) return false;
  }
  return true;
}
function isPageSize(s) {
  const digits = s.length - 2;
  if (digits < 1 || s.charCodeAt(s.length - 1) !== 66 || s.charCodeAt(0) === 48) return false;
  const unit = s.charCodeAt(digits);
  if (unit !== 75 && unit !== 77 && unit !== 71) return false;
  for (let i = 0; i < digits; i++) {
    const c = s.charCodeAt(i);
    if (c < 48 || c > 57) return false;
  }
  return true;
}
`;
