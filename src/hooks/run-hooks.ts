/**
 * Runs the hooks of one kind in their order: state on stdin, exactly the given environment, a timeout by the monotonic clock,
 * exit status to error. Used in the runtime's namespaces by the parent and inside the container by the child; the caller makes
 * the state text. One hook's process is run-hook-process.ts's. [spec config.md#posix-platform-hooks] [spec runtime.md#lifecycle]
 */

import { RuntimeError } from '../base/runtime-error.ts';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';
import type { Fd } from '../kernel/fd.ts';
import { CLD_EXITED } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Hook } from '../spec/config-types.ts';
import type { HookOutput } from './hook-output.ts';
import { type HookEnd, runHookProcess } from './run-hook-process.ts';

export type HookName = 'prestart' | 'createRuntime' | 'createContainer' | 'startContainer' | 'poststart' | 'poststop';

export interface HookOptions {
  /** startContainer: environment of hooks that have none (runc's habit). Elsewhere they get none. */
  readonly defaultEnv?: readonly string[];
  /** Working directory: the bundle, or the root (createContainer), as runc's is; undefined: our own. */
  readonly directory?: Fd;
  /** undefined: what they write is kept for the error of the one that fails. */
  readonly output?: HookOutput;
}

/**
 * Throws kind 'hook' at the first that fails, the others are not run; only for poststop it goes on, and returns the failures
 * as warnings. stateJson: formatHookState.
 */
export function runHooks(
  kernel: Kernel,
  name: HookName,
  hooks: readonly Hook[] | undefined,
  stateJson: string,
  options: HookOptions = {},
): readonly string[] {
  const warnings: string[] = [];
  if (hooks === undefined || hooks.length === 0) return warnings;
  const input = encodeUtf8(stateJson);
  hooks.forEach((hook, index) => {
    const fault = runHook(kernel, hook, input, options);
    if (fault === undefined) return;
    const failure = new RuntimeError({
      kind: 'hook',
      pointer: `/hooks/${name}/${index}`,
      message: `error running ${name} hook #${index}: ${fault.text}`,
      ...(fault.errno === undefined ? {} : { syscall: fault.syscall, errno: fault.errno }),
    });
    // [spec runtime.md#lifecycle]: after a failing poststop hook the remaining ones and the deletion go on.
    if (name !== 'poststop') throw failure;
    warnings.push(failure.message);
  });
  return warnings;
}

interface Fault {
  readonly text: string;
  readonly syscall?: string;
  readonly errno?: string;
}

/** What went wrong, or undefined. */
function runHook(kernel: Kernel, hook: Hook, input: Uint8Array, options: HookOptions): Fault | undefined {
  const hasEnvironment = hook.env !== undefined && hook.env.length > 0;
  const end = runHookProcess(kernel, {
    path: hook.path,
    // execv's argv, whose first is the program's name; a hook without args still gets one.
    args: hook.args === undefined || hook.args.length === 0 ? [hook.path] : hook.args,
    env: hasEnvironment ? (hook.env as readonly string[]) : (options.defaultEnv ?? []),
    input,
    timeoutMs: hook.timeout === undefined ? undefined : hook.timeout * 1000,
    directory: options.directory,
    output: options.output,
  });
  return describeEnd(hook, end);
}

function describeEnd(hook: Hook, end: HookEnd): Fault | undefined {
  if (end.kind === 'notStarted') return { text: hook.path, syscall: end.syscall, errno: end.errno };
  if (end.kind === 'timedOut') {
    return { text: `hook ran past specified timeout of ${hook.timeout}.0s, ${hook.path}${describeOutput(end)}` };
  }
  if (end.code === CLD_EXITED && end.status === 0) return undefined;
  const how = end.code === CLD_EXITED ? `exit status ${end.status}` : `killed by signal ${end.status}`;
  return { text: `${how}, ${hook.path}${describeOutput(end)}` };
}

function describeOutput(end: { readonly stdout: Uint8Array; readonly stderr: Uint8Array }): string {
  return `, stdout: ${printable(end.stdout)}, stderr: ${printable(end.stderr)}`;
}

/** One line, without what a terminal would act on. */
function printable(bytes: Uint8Array): string {
  let line = '';
  for (const character of decodeUtf8(bytes).trim()) {
    const code = character.charCodeAt(0);
    if (character === '\n') line += '\\n';
    else line += code < 32 || code === 127 ? ' ' : character;
  }
  return line;
}
