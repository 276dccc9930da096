/** Requests as bytes that criu understands, answers of criu as data, and what is made of a version. */
import { describe, expect, test } from 'vitest';
import { checkCriuFeatures, checkCriuVersion } from './check-criu-version.ts';
import { formatCriuErrors } from './format-criu-errors.ts';
import { formatCriuRequest } from './format-criu-request.ts';
import { formatMessage } from './format-protobuf.ts';
import { parseCriuResponse } from './parse-criu-response.ts';
import { parseDescriptors } from './parse-descriptors.ts';
import { parseMessage, readInt32, readMessage, readText } from './parse-protobuf.ts';

const empty = new Map();

describe('formatCriuRequest', () => {
  test('a version request is two bytes', () => {
    expect(formatCriuRequest({ type: 'VERSION' })).toEqual(Uint8Array.of(8, 10));
  });

  test('options by their numbers; lists repeat the field', () => {
    const request = parseMessage(
      formatCriuRequest({
        type: 'DUMP',
        options: {
          imagesDirFd: 7,
          pid: 4711,
          logFile: 'dump.log',
          pageServer: { address: '::1', port: 27 },
          externalMounts: [
            { key: '/a', value: '/b' },
            { key: '/c', value: '/d' },
          ],
          external: ['net[1]:extRootNetNS'],
          networkLock: 3,
        },
        notifySuccess: false,
        features: { memoryTracking: true },
      }),
    );
    expect(readInt32(request, 1)).toBe(1);
    expect(readInt32(request, 3)).toBe(0);
    expect(readInt32(readMessage(request, 5) ?? empty, 1)).toBe(1);
    const options = readMessage(request, 2) ?? empty;
    expect([readInt32(options, 1), readInt32(options, 2), readText(options, 10)]).toEqual([7, 4711, 'dump.log']);
    expect(readText(readMessage(options, 11) ?? empty, 1)).toBe('::1');
    expect(readInt32(readMessage(options, 11) ?? empty, 2)).toBe(27);
    expect(options.get(23)).toHaveLength(2);
    expect(readText(readMessage(options, 23) ?? empty, 2)).toBe('/d');
    expect(readText(options, 37)).toBe('net[1]:extRootNetNS');
    expect(readInt32(options, 64)).toBe(3);
    expect([...options.keys()]).toEqual([1, 2, 10, 11, 23, 37, 64]);
  });
});

describe('parseCriuResponse', () => {
  const notify = formatMessage([
    { number: 1, value: 'setup-namespaces' },
    { number: 2, value: 77 },
  ]);

  test('a notification', () => {
    const response = parseCriuResponse(
      formatMessage([
        { number: 1, value: 6 },
        { number: 2, value: true },
        { number: 5, value: notify },
        { number: 99, value: 'of a newer criu' },
      ]),
    );
    expect(response).toMatchObject({ type: 6, success: true, notification: { script: 'setup-namespaces', pid: 77 } });
    expect(response.version).toBeUndefined();
  });

  test('a failure with errno and sentence', () => {
    const fields = [
      { number: 1, value: 1 },
      { number: 2, value: false },
      { number: 7, value: 52 },
      { number: 9, value: 'no' },
    ];
    expect(parseCriuResponse(formatMessage(fields))).toMatchObject({ success: false, errno: 52, message: 'no' });
  });

  test.each([
    ['nothing at all', new Uint8Array()],
    ['no success', Uint8Array.of(8, 1)],
    ['a version without numbers', Uint8Array.of(8, 10, 16, 1, 0x52, 0)],
    ['half a notification', Uint8Array.of(8, 6, 16, 1, 0x2a, 9, 0x0a)],
  ])('refuses %s', (_, data) => {
    expect(() => parseCriuResponse(data)).toThrow('a message from criu');
  });
});

describe('checkCriuVersion', () => {
  const version = (major: number, minor: number, sublevel = 0, isSnapshot = false) => ({
    major,
    minor,
    sublevel,
    isSnapshot,
  });
  test.each([version(3, 16), version(3, 16, 1), version(4, 0), version(4, 2, 1), version(3, 15, 0, true)])(
    '%j will do',
    (each) => {
      expect(() => checkCriuVersion(each)).not.toThrow();
    },
  );
  test('an old one is named', () => {
    expect(() => checkCriuVersion(version(3, 15))).toThrow('criu 3.15 is too old: 3.16 or newer is needed');
    expect(() => checkCriuVersion(version(2, 99, 3))).toThrow('criu 2.99.3 is too old');
  });
});

test('missing features in runc’s words', () => {
  const wanted = { memoryTracking: true, lazyPages: true };
  expect(() => checkCriuFeatures(wanted, wanted)).not.toThrow();
  expect(() => checkCriuFeatures({}, undefined)).not.toThrow();
  expect(() => checkCriuFeatures(wanted, { memoryTracking: false })).toThrow(
    'criu is missing features: [MemTrack LazyPages]',
  );
  expect(() => checkCriuFeatures({ lazyPages: true }, undefined)).toThrow('CONFIG_USERFAULTFD');
});

describe('descriptors.json', () => {
  test('pipes of 0, 1 and 2 only', () => {
    expect(parseDescriptors(['/dev/null', 'pipe:[12]', 'pipe:[12]', 'pipe:[99]'])).toEqual([
      { key: 'pipe:[12]', fd: 1 },
      { key: 'pipe:[12]', fd: 2 },
    ]);
    expect(parseDescriptors(['pipe:[x]', ' pipe:[1]', 'pipe:[1]\n'])).toEqual([]);
  });
  test.each([[undefined], [{}], ['pipe:[1]'], [[1]], [[null, 'pipe:[1]']]])('refuses %j', (value) => {
    expect(() => parseDescriptors(value)).toThrow('is not a list of strings');
  });
});

test('the last errors of a log, printable, with the line before', () => {
  const line = (text: string) => `(00.010) ${text}`;
  expect(formatCriuErrors([line('fine'), ''])).toBe('');
  expect(
    formatCriuErrors([
      line('Error (criu/util.c:1534): rlimit: Can’t setup RLIMIT_NOFILE for self'),
      line('No core-1.img image'),
      line('Error (criu/protobuf.c:72): Unexpected \x1b[31mEOF'),
      line('     77: Error (criu/x.c:1): b'),
      line('done'),
    ]),
  ).toBe('No core-1.img image; Error (criu/protobuf.c:72): Unexpected  [31mEOF; 77: Error (criu/x.c:1): b');
  const many = Array.from({ length: 9 }, (_, index) => line(`Error (a.c:${index}): ${'x'.repeat(400)}`));
  expect(formatCriuErrors(many).split('; ')).toHaveLength(4);
  expect(formatCriuErrors(many).length).toBeLessThan(1300);
});
