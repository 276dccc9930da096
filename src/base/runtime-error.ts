/**
 * The one error class. Whatever goes wrong anywhere becomes a RuntimeError, travels whole (also across the handshake as
 * JSON), and is printed once, by main.ts. It must not know about printing, logs or exit codes.
 * Reference: runtime.md#errors.
 */

/** Whose fault: the caller's, the bundle's, the timing, the host's, a hook's, ours. */
export type ErrorKind = 'usage' | 'spec' | 'state' | 'kernel' | 'hook' | 'bug';

export interface ErrorFields {
  readonly kind: ErrorKind;
  /** What was being done, in words an operator understands: "mount /proc in the container". */
  readonly operation?: string;
  /** What went wrong, when it is not a system call's errno. */
  readonly message?: string;
  readonly path?: string;
  readonly syscall?: string;
  /** errno name, "EPERM". */
  readonly errno?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** JSON pointer into config.json or process.json. */
  readonly pointer?: string;
  /** Exit code where it is not the command's usual one. */
  readonly exitCode?: number;
}

/** The sentence of an errno, in lower case as engines grep it ("permission denied", "no such file or directory"). */
const errnoText: Readonly<Record<string, string>> = Object.freeze({
  EPERM: 'operation not permitted',
  ENOENT: 'no such file or directory',
  ESRCH: 'no such process',
  EIO: 'input/output error',
  ENXIO: 'no such device or address',
  E2BIG: 'argument list too long',
  ENOEXEC: 'exec format error',
  EBADF: 'bad file descriptor',
  EAGAIN: 'resource temporarily unavailable',
  ENOMEM: 'cannot allocate memory',
  EACCES: 'permission denied',
  EBUSY: 'device or resource busy',
  EEXIST: 'file exists',
  EXDEV: 'invalid cross-device link',
  ENODEV: 'no such device',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  EINVAL: 'invalid argument',
  ENFILE: 'too many open files in system',
  EMFILE: 'too many open files',
  ETXTBSY: 'text file busy',
  EFBIG: 'file too large',
  ENOSPC: 'no space left on device',
  EROFS: 'read-only file system',
  EPIPE: 'broken pipe',
  ERANGE: 'numerical result out of range',
  ENAMETOOLONG: 'file name too long',
  ENOSYS: 'function not implemented',
  ENOTEMPTY: 'directory not empty',
  ELOOP: 'too many levels of symbolic links',
  EILSEQ: 'not valid UTF-8',
  EPROTOTYPE: 'protocol wrong type for socket',
  EOPNOTSUPP: 'operation not supported',
  ECONNREFUSED: 'connection refused',
  ETIMEDOUT: 'timed out',
});

export class RuntimeError extends Error {
  readonly fields: ErrorFields;

  constructor(fields: ErrorFields) {
    super(describe(fields));
    this.fields = fields;
  }

  /** The same error told as part of a larger operation; the innermost operation wins, being the most exact. */
  within(operation: string): RuntimeError {
    return this.fields.operation === undefined ? new RuntimeError({ ...this.fields, operation }) : this;
  }

  with(extra: Partial<ErrorFields>): RuntimeError {
    return new RuntimeError({ ...this.fields, ...extra });
  }
}

/** One line: operation: path: errno text: syscall - hint. Never contains a newline. */
function describe(fields: ErrorFields): string {
  const parts: string[] = [];
  if (fields.operation !== undefined) parts.push(fields.operation);
  if (fields.pointer !== undefined) parts.push(fields.pointer);
  if (fields.path !== undefined) parts.push(fields.path);
  if (fields.message !== undefined) parts.push(fields.message);
  if (fields.errno !== undefined) {
    const text = errnoText[fields.errno];
    const source = fields.syscall === undefined ? fields.errno : `${fields.errno} from ${fields.syscall}(2)`;
    parts.push(text === undefined ? source : `${text} (${source})`);
  }
  const line = parts.join(': ');
  return fields.hint === undefined ? line : `${line} - hint: ${fields.hint}`;
}

/** Runs fn; an error that does not yet say what was being done is given this operation. */
export function during<T>(operation: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    throw error instanceof RuntimeError ? error.within(operation) : error;
  }
}

/** Runs fn; an expected errno is data: the name is returned instead of thrown. With `of`, only when that system call gave it. */
export function orErrno<T>(expected: readonly string[], fn: () => T, of?: string): T | { readonly errno: string } {
  try {
    return fn();
  } catch (error) {
    const { errno, syscall } = error instanceof RuntimeError ? error.fields : {};
    if (errno !== undefined && expected.includes(errno) && (of === undefined || of === syscall)) return { errno };
    throw error;
  }
}
