/**
 * --debug: records of level debug, into the file of --log or on stderr, as --log-format says. The file stays open, on a number
 * that no preserved descriptor has and close-on-exec, so that the child can go on writing to it inside of the container's root.
 */
import type { GlobalOptions, Request } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { CLOCK_REALTIME, O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { traceKernel } from '../kernel/trace-kernel.ts';
import { formatLogRecord } from './log-record.ts';
import { oneLine, printWarning, stderr } from './print-error.ts';

/** Above what runt's own commands place by number. */
const firstNumber = 128;

/** The kernel as it is where the log cannot be written: that is said once, and changes nothing. */
export function withDebugLog(kernel: Kernel, globals: GlobalOptions, request: Request): Kernel {
  const sink = openSink(kernel, globals, request);
  if (sink === undefined) return kernel;
  const say = (text: string): void => {
    const time = kernel.clockGettime(CLOCK_REALTIME);
    const record = formatLogRecord({ level: 'debug', message: oneLine(text), time }, globals.logFormat);
    ignoringErrors(() => kernel.write(sink, record));
  };
  say(`${request.command}${'id' in request ? ` ${request.id}` : ''}`);
  return traceKernel(kernel, { number: sink.number, say });
}

function openSink(kernel: Kernel, globals: GlobalOptions, request: Request): Fd | undefined {
  const { log } = globals;
  try {
    const flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK;
    const file: Fd = log === undefined ? stderr : kernel.openat2(cwdFd, log, flags, 0o644, 0);
    const sink = kernel.duplicate(file, firstNumber + preservedBy(kernel, request));
    if (log !== undefined) kernel.close(file);
    return sink;
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    printWarning(kernel, { ...globals, log: undefined }, `--debug: ${error.message}`);
    return undefined;
  }
}

/** At most: those of --preserve-fds come after those of LISTEN_FDS. */
function preservedBy(kernel: Kernel, request: Request): number {
  const listen = kernel.environ().find((entry) => entry.startsWith('LISTEN_FDS='));
  const count = Number(listen?.slice('LISTEN_FDS='.length) ?? 0);
  const asked = 'preserveFds' in request ? request.preserveFds : 0;
  return asked + (Number.isSafeInteger(count) && count > 0 ? count : 0);
}

function ignoringErrors(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
  }
}
