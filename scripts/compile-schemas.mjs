// schemas/*.json -> src/spec/generated/: validate.js (ajv standalone, ESM, no imports), validate.d.ts, config-types.ts.
// References are resolved here, before ajv sees them: one flat function per root has few calls, and builds no path strings
// unless there is something to report. Only a root inside another root stays a reference: its code is there once. Deterministic: the output depends on schemas/ and ajv alone.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import Ajv from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import dependentRequired from 'ajv/dist/vocabularies/validation/dependentRequired.js';
import { generateTypes } from './generate-types.mjs';
import { KEYWORDS, RUNTIME_SOURCE } from './schema-keywords.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const ROOTS = {
  validateConfig: 'config.json',
  validateProcess: 'process.json',
  validateResources: 'resources.json',
  validateState: 'state.json',
  validateFeatures: 'features.json',
};

/** ajv is CommonJS: Node hands its exports out under `default`, vitest does not. */
const plain = (module) => module.default ?? module;

function readSchemas() {
  const directory = join(root, 'schemas');
  const files = readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .sort();
  return new Map(files.map((name) => [name, JSON.parse(readFileSync(join(directory, name), 'utf8'))]));
}

/** Replaces every $ref by what it names, but those to whole files in `kept`; keywords beside a $ref (title, comment) win. */
export function resolveReferences(schemas, file, { schema = schemas.get(file), trail = [], kept = [] } = {}) {
  const resolve = (each) => resolveReferences(schemas, file, { schema: each, trail, kept });
  if (Array.isArray(schema)) return schema.map(resolve);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (kept.includes(schema.$ref)) return { $ref: schema.$ref };
  const out = {};
  if (typeof schema.$ref === 'string') {
    if (trail.includes(`${file} ${schema.$ref}`)) throw new Error(`schemas/${file}: ${schema.$ref} refers to itself`);
    const [name, path = ''] = schema.$ref.split('#');
    const target = name === '' ? file : name;
    const value = path
      .split('/')
      .slice(1)
      .reduce((at, key) => at?.[key], schemas.get(target));
    if (value === undefined) throw new Error(`schemas/${file}: no ${schema.$ref}`);
    const inner = { schema: value, trail: [...trail, `${file} ${schema.$ref}`], kept };
    Object.assign(out, resolveReferences(schemas, target, inner));
  }
  for (const [key, value] of Object.entries(schema)) {
    if (key === '$ref' || key === '$defs' || key === '$schema' || key === '$id') continue;
    out[key] = resolve(value);
  }
  return out;
}

/** Strict mode makes an unknown keyword or a required property without description an error of the build. */
export function compile() {
  const schemas = readSchemas();
  const roots = Object.values(ROOTS);
  const flat = Object.fromEntries(roots.map((file) => [file, resolveReferences(schemas, file)]));
  const ajv = new Ajv({
    strict: true,
    allowUnionTypes: true,
    allErrors: true,
    messages: false,
    inlineRefs: false,
    code: { source: true, esm: true, optimize: 2 },
  });
  // The 2020-12 keywords that we use, without that dialect's bookkeeping of evaluated properties in the generated code.
  for (const keyword of [...KEYWORDS, plain(dependentRequired)]) ajv.addKeyword(keyword);
  for (const file of roots) ajv.addSchema(withoutNotes(resolveReferences(schemas, file, { kept: roots })), file);
  const code = withoutSchemas(shortenReporting(plain(standalone)(ajv, ROOTS)));
  if (/\brequire\(|\bimport\b/.test(code)) throw new Error('the validators must not import anything');
  return { code: `${RUNTIME_SOURCE}${code}\n`, types: generateTypes(Object.values(flat)) };
}

/**
 * ajv builds each error in a local of its own: hundreds of locals in the frame of one function, and long dead code between the
 * lines that run. One call each keeps the path without errors small.
 */
function shortenReporting(code) {
  const report =
    /const (err\d+) = \{instancePath(?::((?:(?!,schemaPath:)[\s\S])*))?,schemaPath:"(?:[^"\\]|\\.)*",keyword:("\w+"),params:((?:(?!;if\()[\s\S])*)\};if\(vErrors === null\)\{vErrors = \[\1\];\}else \{vErrors\.push\(\1\);\}errors\+\+;/g;
  const short = code.replace(report, (_match, _name, path, keyword, params) => {
    return `vErrors = note(vErrors, ${path ?? 'instancePath'}, ${keyword}, ${params});errors++;`;
  });
  const unknown = short.search(/\berr\d+\b/);
  if (unknown !== -1)
    throw new Error(`unknown form of an error in ajv's output: ${short.slice(unknown, unknown + 300)}`);
  return short;
}

/** ajv copies whole schemas into its output, but the code reads only a few lists out of them: those lists stay. */
function withoutSchemas(code) {
  const schemas = new Map();
  let rest = code.replace(/const (schema\d+) = (\{.*?\});(?=const |function )/g, (_match, name, text) => {
    schemas.set(name, JSON.parse(text));
    return '';
  });
  const constants = new Map();
  rest = rest.replace(/\b(schema\d+)((?:\.\w+|\["[^"\\]+"\]|\[\d+\])+)/g, (match, name, path) => {
    const steps = [...path.matchAll(/\.(\w+)|\["([^"]+)"\]|\[(\d+)\]/g)].map((step) => step[1] ?? step[2] ?? step[3]);
    const value = steps.reduce((at, step) => at?.[step], schemas.get(name));
    if (value === undefined) throw new Error(`ajv's output reads ${match}, which is nothing`);
    const text = JSON.stringify(value);
    if (!constants.has(text)) constants.set(text, `list${constants.size}`);
    return constants.get(text);
  });
  const unknown = rest.search(/\bschema\d+\b/);
  if (unknown !== -1) throw new Error(`unknown use of a schema in ajv's output: ${rest.slice(unknown, unknown + 300)}`);
  return [...constants].map(([text, name]) => `const ${name} = ${text};`).join('') + rest;
}

/** What does not validate stays out of the schemas that ajv sees, and so out of its output. */
function withoutNotes(schema, isMap = false) {
  if (Array.isArray(schema)) return schema.map((entry) => withoutNotes(entry));
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(
    ([key]) => isMap || !['$comment', 'title', 'description'].includes(key),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutNotes(value, !isMap && key === 'properties')]));
}

const DECLARATIONS = `// Generated by scripts/compile-schemas.mjs from schemas/. Do not edit.
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: { readonly [name: string]: unknown };
}
export interface Validate {
  (value: unknown): boolean;
  /** What the last call found; null if nothing. */
  readonly errors: readonly SchemaError[] | null;
}
${Object.keys(ROOTS)
  .map((name) => `export const ${name}: Validate;\n`)
  .join('')}`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { code, types } = compile();
  const output = join(root, 'src', 'spec', 'generated');
  mkdirSync(output, { recursive: true });
  writeFileSync(join(output, 'validate.js'), code);
  writeFileSync(join(output, 'validate.d.ts'), DECLARATIONS);
  writeFileSync(join(output, 'config-types.ts'), types);
}
