import { describe, expect, it } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import { formatLogRecord } from './log-record.ts';
import { errorText, printError, printWarning } from './print-error.ts';

const time = [1700000000, 5] as const;

describe('one record', () => {
  it('json', () => {
    const text = formatLogRecord({ level: 'error', message: 'a "b"\\', time }, 'json');
    expect(text).toBe('{"level":"error","msg":"a \\"b\\"\\\\","time":"2023-11-14T22:13:20Z"}\n');
  });
  it('text', () => {
    const text = formatLogRecord({ level: 'warning', message: 'a b', time }, 'text');
    expect(text).toBe('time="2023-11-14T22:13:20Z" level=warning msg="a b"\n');
  });
});

describe('the text of an error', () => {
  it.each([
    [new RuntimeError({ kind: 'state', message: 'container does not exist' }), 'container does not exist'],
    [new RuntimeError({ kind: 'usage', message: 'line\nbreak \u001b[31m' }), 'line\\nbreak \\x1b[31m'],
    [
      new TypeError('x is undefined'),
      'internal error, please report it with the command line and config.json: x is undefined',
    ],
    [
      new RuntimeError({ kind: 'bug', message: 'y' }),
      'internal error, please report it with the command line and config.json: y',
    ],
    ['thrown text', 'internal error, please report it with the command line and config.json: thrown text'],
  ])('%s', (error, text) => expect(errorText(error)).toBe(text));
});

describe('where it goes', () => {
  const run = (act: (kernel: ReturnType<typeof createFakeKernel>['kernel']) => void) => {
    const fake = createFakeKernel({ files: {} });
    const kernel = { ...fake.kernel };
    const stderr: string[] = [];
    const write = fake.kernel.write;
    const patched = new Proxy(fake.kernel, {
      get: (target, name: keyof typeof kernel) =>
        name === 'write'
          ? (fd: { path: string }, text: string) =>
              fd.path === 'stderr' ? stderr.push(text) : write(fd as never, text)
          : target[name],
    });
    act(patched);
    return { stderr: stderr.join(''), log: fake.world().find((line) => line.startsWith('/tmp/log')) };
  };
  it('an error: stderr and one JSON record', () => {
    const { stderr, log } = run((kernel) => printError(kernel, { log: '/tmp/log', logFormat: 'json' }, 'no'));
    expect(stderr).toBe('runt: no\n');
    expect(log).toContain('{"level":"error","msg":"no","time":"2023-11-14T22:13:20Z"}');
  });
  it('a warning before an error leaves one object in a JSON log', () => {
    const { stderr, log } = run((kernel) => {
      printWarning(kernel, { log: '/tmp/log', logFormat: 'json' }, 'careful');
      printError(kernel, { log: '/tmp/log', logFormat: 'json' }, 'no');
    });
    expect(stderr).toBe('runt: no\n');
    expect(log?.match(/level/g)).toHaveLength(1);
  });
  it('a warning: stderr without a log, the log with a text log', () => {
    expect(run((kernel) => printWarning(kernel, { log: undefined, logFormat: 'text' }, 'careful')).stderr).toBe(
      'runt: warning: careful\n',
    );
    const { stderr, log } = run((kernel) => printWarning(kernel, { log: '/tmp/log', logFormat: 'text' }, 'careful'));
    expect(stderr).toBe('');
    expect(log).toContain('level=warning msg="careful"');
  });
  it('a log that cannot be opened does not hide the error', () => {
    const { stderr } = run((kernel) => printError(kernel, { log: '/nowhere/log', logFormat: 'json' }, 'no'));
    expect(stderr).toContain('runt: no\n');
    expect(stderr).toContain('runt: log: ');
  });
});
