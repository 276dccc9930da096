import { expect, test } from 'vitest';
import type { DeviceRule } from '../spec/generated/config-types.ts';
import { defaultDeviceRules } from './default-device-rules.ts';
import { planDeviceFilter } from './plan-device-filter.ts';

/** Enough of eBPF to run what we assemble; anything else is an error. */
function interpret(program: Uint8Array, context: readonly number[]): number {
  const view = new DataView(program.buffer);
  const registers = new Array<number>(11).fill(Number.NaN);
  registers[1] = 0x1000;
  for (let at = 0; ; at += 1) {
    if (at * 8 >= program.length || at < 0) throw new Error('ran out of the program');
    const code = view.getUint8(at * 8);
    const destination = view.getUint8(at * 8 + 1) & 15;
    const source = view.getUint8(at * 8 + 1) >> 4;
    const offset = view.getInt16(at * 8 + 2, true);
    const immediate = view.getInt32(at * 8 + 4, true);
    const value = registers[destination] as number;
    if (code !== 0x95 && code !== 0x05 && code !== 0xb7 && code !== 0xbf && code !== 0x61 && Number.isNaN(value)) {
      throw new Error('use of an unset register');
    }
    if (code === 0x61)
      registers[destination] = context[((registers[source] as number) - 0x1000 + offset) / 4] as number;
    else if (code === 0xbf) registers[destination] = registers[source] as number;
    else if (code === 0xb7) registers[destination] = immediate;
    else if (code === 0x54) registers[destination] = (value & immediate) >>> 0;
    else if (code === 0x74) registers[destination] = value >>> immediate;
    else if (code === 0x05) at += offset;
    else if (code === 0x15) at += value === immediate ? offset : 0;
    else if (code === 0x55) at += value !== immediate ? offset : 0;
    else if (code === 0x45) at += (value & immediate) !== 0 ? offset : 0;
    else if (code === 0x95) return registers[0] as number;
    else throw new Error(`unknown instruction ${code}`);
  }
}

const letters = [
  ['m', 1],
  ['r', 2],
  ['w', 4],
] as const;

/** The words of the specification, bit by bit: the last rule that names the bit decides; none: denied. */
function expected(
  rules: readonly DeviceRule[],
  type: 'b' | 'c',
  access: number,
  major: number,
  minor: number,
): boolean {
  return letters.every(([letter, bit]) => {
    if ((access & bit) === 0) return true;
    const last = rules.findLast(
      (rule) =>
        (rule.type === undefined || rule.type === '' || rule.type === 'a' || rule.type === type) &&
        (rule.major === undefined || rule.major === -1 || rule.major === major) &&
        (rule.minor === undefined || rule.minor === -1 || rule.minor === minor) &&
        (rule.access ?? '').includes(letter),
    );
    return last?.allow ?? false;
  });
}

const majors = [0, 1, 5, 7, 8, 10, 136, 137, 4095];
const minors = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 200, 1048575];

function compare(rules: readonly DeviceRule[]): void {
  const program = planDeviceFilter(rules);
  const all = [...rules, ...defaultDeviceRules];
  for (const [type, kind] of [
    ['b', 1],
    ['c', 2],
  ] as const) {
    for (let access = 1; access <= 7; access += 1) {
      for (const major of majors) {
        for (const minor of minors) {
          const actual = program === undefined ? 1 : interpret(program, [kind | (access << 16), major, minor]);
          const wanted = expected(all, type, access, major, minor) ? 1 : 0;
          if (actual !== wanted) {
            expect.fail(
              `${JSON.stringify(rules)}: ${type} ${major}:${minor} access ${access}: ${actual}, not ${wanted}`,
            );
          }
        }
      }
    }
  }
}

const denyAll: DeviceRule = { allow: false, access: 'rwm' };
const allowAll: DeviceRule = { allow: true, access: 'rwm' };

test.each<readonly [string, readonly DeviceRule[]]>([
  ['nothing', []],
  ['deny all', [denyAll]],
  ['allow all', [allowAll]],
  ['allow all, written out', [{ allow: true, type: 'a', major: -1, minor: -1, access: 'rwm' }]],
  ['only an allow rule: the rest stays denied', [{ allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' }]],
  ['deny all, allow a disk for reading', [denyAll, { allow: true, type: 'b', major: 8, minor: 0, access: 'r' }]],
  ['allow all, deny writing', [allowAll, { allow: false, access: 'w' }]],
  ['allow all, deny one disk', [allowAll, { allow: false, type: 'b', major: 8, access: 'rwm' }]],
  ['a default device cannot be denied', [allowAll, { allow: false, type: 'c', major: 1, minor: 3, access: 'rwm' }]],
  ['a default device cannot be denied, all', [allowAll, denyAll]],
  ['the last word is allow all', [{ allow: false, type: 'b', access: 'rw' }, allowAll]],
  [
    'read by one rule, write by another',
    [
      { allow: true, type: 'b', major: 8, access: 'r' },
      { allow: true, type: 'b', minor: 1, access: 'w' },
    ],
  ],
  [
    'later deny of one bit between',
    [
      { allow: true, type: 'a', major: 8, access: 'rwm' },
      { allow: false, type: 'b', major: 8, minor: 1, access: 'w' },
      { allow: true, type: 'c', major: 8, minor: 1, access: 'w' },
    ],
  ],
  ['a with a number', [{ allow: true, type: 'a', major: 7, minor: 3, access: 'rw' }]],
  ['largest numbers', [{ allow: true, type: 'c', major: 4095, minor: 1048575, access: 'rw' }]],
])('%s', (_, rules) => {
  compare(rules);
});

// [shows config-linux.md#allowed-device-list/1]
test('every pair out of a small set of rules', () => {
  const rules: DeviceRule[] = [];
  for (const allow of [true, false]) {
    for (const type of ['a', 'b', 'c'] as const) {
      for (const numbers of [{}, { major: 8 }, { major: 1, minor: 3 }]) {
        for (const access of ['r', 'wm', 'rwm']) rules.push({ allow, type, ...numbers, access });
      }
    }
  }
  for (const first of rules) {
    for (const second of rules) compare([first, second]);
  }
}, 60_000);

test('no program only when all is allowed', () => {
  expect(planDeviceFilter([allowAll])).toBeUndefined();
  expect(planDeviceFilter([denyAll, allowAll, { allow: true, type: 'c', access: 'r' }])).toBeUndefined();
  expect(planDeviceFilter([allowAll, { allow: false, type: 'b', access: 'm' }])).toBeDefined();
  expect(planDeviceFilter([])).toBeDefined();
});

test('the common case is one program, made once', () => {
  expect(planDeviceFilter(undefined)).toBe(planDeviceFilter([]));
  expect(planDeviceFilter([denyAll])).toBe(planDeviceFilter([]));
  expect((planDeviceFilter([denyAll]) as Uint8Array).length / 8).toBeLessThan(40);
});

test.each<readonly [string | undefined, string]>([
  [undefined, 'cannot be empty'],
  ['', 'cannot be empty'],
  ['rx', 'may only have the letters'],
])('access %j is refused with its pointer', (access, message) => {
  const rule: DeviceRule = { allow: true, type: 'c', ...(access === undefined ? {} : { access }) };
  expect(() => planDeviceFilter([denyAll, rule])).toThrow(message);
  expect(() => planDeviceFilter([denyAll, rule])).toThrow('/linux/resources/devices/1/access');
});
