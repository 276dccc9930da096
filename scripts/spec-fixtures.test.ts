/**
 * The official good and bad fixtures as an oracle for our schemas. They are read in place, never copied: from RUNT_OCI_DATA, by
 * default ../shared/oci from the project's root, else from the specification as Go fetches it. Where they are absent, and there is
 * no Go, this says so and counts as skipped.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkConfig } from '../src/spec/check-config.ts';
import { validateConfig, validateFeatures, validateState } from '../src/spec/generated/validate.js';
import { parseJson } from '../src/testing/parse-json.ts';
import { fetchSpecification } from './spec-requirements.mjs';

const data = process.env.RUNT_OCI_DATA ?? join(import.meta.dirname, '../../shared/oci');
const fixtures = locateFixtures();
const validators = { config: validateConfig, state: validateState, features: validateFeatures } as const;

/** Where we say something else than the official schema, with the reason. None so far. */
const disagreements: { readonly [file: string]: string } = {};

/** Accepted by the schema, refused by the checks beyond it, with the reason. */
const refusedBeyond: { readonly [file: string]: { readonly pointers: readonly string[]; readonly reason: string } } = {
  'linux-netdevice.json': {
    pointers: ['/linux/netDevices'],
    reason: 'it has no network namespace to move the device to',
  },
  'spec-example.json': {
    pointers: ['/ociVersion'],
    reason: 'written for 0.5.0-dev, and only major 1 has rules that hold',
  },
  'zos-example.json': {
    pointers: ['/ociVersion'],
    reason: 'written for 0.5.0-dev, and only major 1 has rules that hold',
  },
};

if (fixtures === undefined) {
  test.skip(`no official fixtures at ${data}, and no Go to fetch them with: set RUNT_OCI_DATA`);
} else {
  describe.each(Object.entries(validators))('official fixtures of %s', (kind, validate) => {
    for (const verdict of ['good', 'bad'] as const) {
      const folder = join(fixtures, kind, verdict);
      test.each(existsSync(folder) ? readdirSync(folder) : [])(`${verdict}: %s`, (name) => {
        const text = readFileSync(join(folder, name), 'utf8');
        const expected = (verdict === 'good') !== Object.hasOwn(disagreements, `${kind}/${verdict}/${name}`);
        expect(isValid(text, validate), JSON.stringify(validate.errors)).toBe(expected);
      });
    }
  });

  const good = readdirSync(join(fixtures, 'config/good'));
  test.each(good)('beyond the schema: %s', (name) => {
    const result = checkConfig(parseJson(readFileSync(join(fixtures, 'config/good', name), 'utf8')));
    expect(result.faults?.map((fault) => fault.pointer)).toEqual(refusedBeyond[name]?.pointers);
  });
}

function locateFixtures(): string | undefined {
  const given = join(data, 'runtime-spec-1.3/test');
  if (existsSync(given)) return given;
  const specification = fetchSpecification();
  return specification === undefined ? undefined : join(specification, 'schema/test');
}

function isValid(text: string, validate: (value: unknown) => boolean): boolean {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return false;
  }
  return validate(value);
}
