/**
 * Reads the files a user gives: config.json of a bundle, process.json of exec. Hands out the text and the parsed, unchecked
 * value; what it means is check-config.ts. Never blocks on a fifo, never reads a device, never more than the limit (rule B13).
 * [spec bundle.md] [man openat2.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, Fd } from '../kernel/fd.ts';
import { O_NONBLOCK, O_PATH, O_RDONLY, S_IFMT, S_IFREG } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** Larger files are refused before they are read. */
const limitBytes = 33554432;

export interface Bundle {
  /** Absolute path of the bundle's directory. */
  readonly path: string;
  readonly directory: Fd<'host'>;
  /** Of config.json, or of the file given by --config; for messages and for the positions of faults. */
  readonly configPath: string;
  readonly text: string;
  readonly config: unknown;
}

export interface ReadBundleOptions {
  /** --bundle as given. */
  readonly bundle: string;
  /** --config as given: relative to the caller's directory, not to the bundle's. */
  readonly configFile: string | undefined;
}

export function readBundle(kernel: Kernel, options: ReadBundleOptions): Bundle {
  const path = absolutePath(kernel, options.bundle);
  const opened = kernel.openat2OrErrno(cwdFd, path, O_PATH | O_DIRECTORY, 0, 0);
  if (typeof opened === 'string') {
    throw new RuntimeError({ kind: 'usage', operation: 'open the bundle', path, syscall: 'openat2', errno: opened });
  }
  const configPath =
    options.configFile === undefined ? `${path}/config.json` : absolutePath(kernel, options.configFile);
  const file = readJsonFile(kernel, opened, options.configFile === undefined ? 'config.json' : configPath, configPath);
  return { path, directory: opened, configPath, text: file.text, config: file.value };
}

/** A JSON file named on the command line (exec --process), relative to the caller's directory. */
export function readNamedJson(kernel: Kernel, path: string): { readonly text: string; readonly value: unknown } {
  return readJsonFile(kernel, cwdFd, path, path);
}

/** The same from standard input, which may be a pipe (update --resources -). */
export function readStandardInput(kernel: Kernel): { readonly text: string; readonly value: unknown } {
  const text = kernel.readAll(new Fd<'object'>(0, 'standard input'), limitBytes);
  return { text, value: parseJsonText(kernel, text, 'standard input') };
}

/** Text saved at create, parsed again. */
export function parseJsonText(kernel: Kernel, text: string, shownPath: string): unknown {
  const parsed = kernel.parseJson(text);
  if (!('error' in parsed)) return parsed.value;
  throw new RuntimeError({
    kind: 'spec',
    // The form that editors and terminals make a link of, as for faults (format-faults.ts).
    path: `${shownPath}:${parsed.line}:${parsed.column}`,
    ...(parsed.pointer !== '' && { pointer: parsed.pointer }),
    message: `is not valid JSON: ${parsed.error}`,
  });
}

function readJsonFile(kernel: Kernel, directory: Fd<'host'>, name: string, shownPath: string) {
  const file = kernel.openat2OrErrno(directory, name, O_RDONLY | O_NONBLOCK, 0, 0);
  if (typeof file === 'string') {
    const hint = file === 'ENOENT' && name === 'config.json' ? { hint: '`runt spec` writes a first one' } : {};
    throw new RuntimeError({ kind: 'usage', path: shownPath, syscall: 'openat2', errno: file, ...hint });
  }
  try {
    checkFile(kernel, file, shownPath);
    const text = kernel.readAll(file, limitBytes);
    return { text, value: parseJsonText(kernel, text, shownPath) };
  } finally {
    kernel.close(file);
  }
}

/** [order] before reading, because a device has no end and a file in the gigabytes no place. */
function checkFile(kernel: Kernel, file: Fd<'host'>, shownPath: string): void {
  const stat = kernel.fstat(file);
  if ((stat.mode & S_IFMT) !== S_IFREG) {
    throw new RuntimeError({ kind: 'spec', path: shownPath, message: 'not a regular file' });
  }
  if (stat.size > limitBytes) {
    throw new RuntimeError({ kind: 'spec', path: shownPath, message: `config larger than ${limitBytes} bytes` });
  }
}

/** Absolute, without "." components and double slashes; ".." stays, because it is the kernel's to resolve. */
export function absolutePath(kernel: Kernel, path: string): string {
  const whole = path[0] === '/' ? path : `${kernel.getcwd()}/${path}`;
  const parts = whole.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}
