/**
 * The same kernel, which says every call before it goes on: for --debug alone, nothing of it is made without. The child of clone3
 * inherits it; where the sink's descriptor is closed or replaced there, it falls silent at once, because the number may be
 * somebody else's by then.
 */
import { formatAnswer, formatCall, formatFailure } from './format-call.ts';
import type { Kernel, ParentOfChild, TailOperation } from './kernel.ts';

export interface TraceSink {
  /** Of the descriptor it writes to. */
  readonly number: number;
  readonly say: (text: string) => void;
}

/** No system calls, or of no interest. */
const quiet: ReadonlySet<string> = new Set([
  ...['clockGettime', 'environ', 'errnoName', 'getpid', 'getuid', 'geteuid', 'getegid', 'jsonPosition', 'makeRaw'],
  ...['parseJson', 'sha256', 'close', 'fstat', 'note', 'seccompVersion', 'seccompResolveName', 'uname'],
]);

type Method = (...args: readonly unknown[]) => unknown;

export function traceKernel(kernel: Kernel, sink: TraceSink): Kernel {
  let who = '';
  let silent = false;
  const say = (text: string): void => {
    if (!silent) sink.say(`${who}${text}`);
  };
  const traced: Record<string, Method> = {};
  for (const [name, method] of Object.entries(kernel) as [string, Method][]) {
    traced[name] = quiet.has(name)
      ? method
      : (...args) => {
          if (endsSink(name, args, sink.number)) silent = true;
          return call(name, method, args, say);
        };
  }
  const plain = traced as unknown as Kernel;
  return {
    ...plain,
    note: say,
    clone3: (flags, exitSignal, cgroup) => {
      const child = plain.clone3(flags, exitSignal, cgroup);
      if (child.pidfd === undefined) who = 'child: ';
      return child;
    },
    // The caller stands still meanwhile, and has the same memory.
    clone3Shared: (flags, exitSignal, cgroup, life) => {
      const before = { who, silent };
      const method: Method = () => {
        try {
          return kernel.clone3Shared(flags, exitSignal, cgroup, () => {
            who = 'child: ';
            return life();
          });
        } finally {
          ({ who, silent } = before);
        }
      };
      return call('clone3Shared', method, [flags, exitSignal, cgroup], say) as ParentOfChild;
    },
    execTail: (report, exitCode, operations) => {
      say(`execTail: ${listOperations(operations)}`);
      return kernel.execTail(report, exitCode, operations);
    },
    execTailAtGate: (listener, exitCode, operations, namespaces) => {
      say(`execTailAtGate: ${listOperations(operations)}`);
      return kernel.execTailAtGate(listener, exitCode, operations, namespaces);
    },
    exit: (code) => {
      say(`exit(${code})`);
      return kernel.exit(code);
    },
  };
}

function call(name: string, method: Method, args: readonly unknown[], say: (text: string) => void): unknown {
  try {
    const answer = method(...args);
    say(formatCall(name, args, formatAnswer(name, answer)));
    return answer;
  } catch (error) {
    say(formatCall(name, args, formatFailure(error)));
    throw error;
  }
}

/** What the call does to the descriptor's number in this process. [man close_range.2] CLOSE_RANGE_CLOEXEC only marks. */
function endsSink(name: string, args: readonly unknown[], number: number): boolean {
  if (name === 'dup2') return args[1] === number;
  const [first, last, flags] = args as readonly number[];
  return name === 'closeRange' && flags === 0 && (first ?? 0) <= number && number <= (last ?? 0);
}

/** Names alone, and the program: the list holds the whole environment. */
function listOperations(operations: readonly TailOperation[]): string {
  return operations
    .map((operation) => (operation[0] === 'execve' ? `execve ${operation[2]}` : operation[0]))
    .join(', ');
}
