/**
 * argv in, exit code out. The only place that prints, that decides an exit code, and that catches everything.
 * Exit codes: 0; 1 for any failure, also of usage; 255 for a failing exec, so that it cannot be taken for the status of the
 * program; run and exec in the foreground return the program's own status, 128 + signal if one ended it.
 */
import type { GlobalOptions, Request } from './base/request.ts';
import { orErrno, RuntimeError } from './base/runtime-error.ts';
import { formatEvent } from './cli/format-event.ts';
import { helpText } from './cli/help-text.ts';
import { findLogOptions, type Invocation, parseArgv } from './cli/parse-argv.ts';
import { errorText, printError, printWarning } from './cli/print-error.ts';
import {
  formatFeatures,
  formatFindings,
  formatListIds,
  formatListJson,
  formatListTable,
  formatPids,
  formatPlan,
  formatState,
} from './cli/print-output.ts';
import { withDebugLog } from './cli/run-debug-log.ts';
import { versionText } from './cli/version-text.ts';
import { Fd } from './kernel/fd.ts';
import type { Kernel } from './kernel/kernel.ts';
import { nativeKernel } from './kernel/native-kernel.ts';
import { changeMounts } from './lifecycle/change-mounts.ts';
import { checkpointContainer } from './lifecycle/checkpoint-container.ts';
import { createContainer } from './lifecycle/create-container.ts';
import { deleteContainer } from './lifecycle/delete-container.ts';
import { doctor } from './lifecycle/doctor.ts';
import { eachMatch } from './lifecycle/each-container.ts';
import { execInContainer } from './lifecycle/exec-in-container.ts';
import { killContainer } from './lifecycle/kill-container.ts';
import { listContainers } from './lifecycle/list-containers.ts';
import { listProcesses, showProcessTable } from './lifecycle/list-processes.ts';
import { pauseContainer, resumeContainer } from './lifecycle/pause-container.ts';
import { restoreContainer } from './lifecycle/restore-container.ts';
import { runContainer } from './lifecycle/run-container.ts';
import { showFeatures } from './lifecycle/show-features.ts';
import { showPlan } from './lifecycle/show-plan.ts';
import { showState } from './lifecycle/show-state.ts';
import { startContainer } from './lifecycle/start-container.ts';
import { updateContainer } from './lifecycle/update-container.ts';
import { type ContainerEvent, watchContainer } from './lifecycle/watch-container.ts';
import { writeSpec } from './lifecycle/write-spec.ts';

const stdout = new Fd<'object'>(1, 'stdout');

/** Called by the native program; argv[0] is the program's name. */
export function main(argv: readonly string[]): number {
  return runMain(nativeKernel, argv.slice(1));
}

/** The same on any kernel: never throws. */
export function runMain(kernel: Kernel, argv: readonly string[]): number {
  let invocation: Invocation;
  try {
    invocation = parseArgv(argv);
  } catch (error) {
    printError(kernel, findLogOptions(argv), errorText(error));
    return exitCodeOf(error, 1);
  }
  const { globals, request } = invocation;
  try {
    return runRequest(globals.debug ? withDebugLog(kernel, globals, request) : kernel, globals, request);
  } catch (error) {
    printError(kernel, globals, errorText(error));
    return exitCodeOf(error, request.command === 'exec' ? 255 : 1);
  }
}

function exitCodeOf(error: unknown, usual: number): number {
  return (error instanceof RuntimeError ? error.fields.exitCode : undefined) ?? usual;
}

function runRequest(kernel: Kernel, globals: GlobalOptions, request: Request): number {
  const warn = (text: string) => printWarning(kernel, globals, text);
  switch (request.command) {
    case 'create':
      createContainer(kernel, globals, request, warn);
      return 0;
    case 'start':
      startContainer(kernel, globals, request.id, warn);
      return 0;
    case 'run':
      return runContainer(kernel, globals, request, warn);
    case 'exec':
      return execInContainer(kernel, globals, request, warn);
    case 'checkpoint':
      checkpointContainer(kernel, globals, request, warn);
      return 0;
    case 'restore':
      return restoreContainer(kernel, globals, request, warn);
    case 'kill':
      kill(kernel, globals, request, warn);
      return 0;
    case 'mounts':
      changeMounts(kernel, globals, request).forEach(warn);
      return 0;
    case 'pause':
      pauseContainer(kernel, globals, request.id);
      return 0;
    case 'resume':
      resumeContainer(kernel, globals, request.id);
      return 0;
    case 'update':
      updateContainer(kernel, globals, request);
      return 0;
    case 'delete':
      remove(kernel, globals, request, warn);
      return 0;
    case 'list':
      return list(kernel, globals, request, warn);
    case 'ps':
      return print(
        kernel,
        request.format === 'json'
          ? formatPids(listProcesses(kernel, globals, request.id))
          : showProcessTable(kernel, globals, request),
      );
    case 'events':
      watchContainer(kernel, globals, request, { reader: stdout, emit: (event) => emit(kernel, event), warn });
      return 0;
    case 'spec':
      writeSpec(kernel, request);
      return 0;
    default:
      return print(kernel, outputOf(kernel, globals, request));
  }
}

type Warn = (text: string) => void;

function kill(
  kernel: Kernel,
  globals: GlobalOptions,
  request: Extract<Request, { command: 'kill' }>,
  warn: Warn,
): void {
  const act = (id: string) => killContainer(kernel, globals, { ...request, id });
  if (request.regex) eachMatch(kernel, globals, { pattern: request.id, participle: 'killed' }, { act, warn });
  else act(request.id);
}

function remove(
  kernel: Kernel,
  globals: GlobalOptions,
  request: Extract<Request, { command: 'delete' }>,
  warn: Warn,
): void {
  const act = (id: string) => deleteContainer(kernel, globals, { ...request, id }).forEach(warn);
  if (request.regex) eachMatch(kernel, globals, { pattern: request.id, participle: 'deleted' }, { act, warn });
  else act(request.id);
}

/** Commands that only answer. */
function outputOf(
  kernel: Kernel,
  globals: GlobalOptions,
  request: Extract<Request, { command: 'state' | 'features' | 'plan' | 'doctor' | 'version' | 'help' }>,
): string {
  switch (request.command) {
    case 'state':
      return formatState(showState(kernel, globals, request.id));
    case 'features':
      return formatFeatures(showFeatures(kernel));
    case 'doctor':
      return formatFindings(doctor(kernel));
    case 'version':
      return versionText(kernel);
    case 'help':
      return helpText(request.topic);
    case 'plan':
      return formatPlan(showPlan(kernel, globals, request));
  }
}

function list(
  kernel: Kernel,
  globals: GlobalOptions,
  request: Extract<Request, { command: 'list' }>,
  warn: Warn,
): number {
  const { containers, problems } = listContainers(kernel, globals);
  problems.forEach(warn);
  if (request.quiet) return print(kernel, formatListIds(containers));
  return print(kernel, request.format === 'json' ? formatListJson(containers) : formatListTable(containers));
}

/** false: nobody reads any more, which is how a stream of events usually ends. */
function emit(kernel: Kernel, event: ContainerEvent): boolean {
  return orErrno(['EPIPE'], () => print(kernel, formatEvent(event))) === 0;
}

function print(kernel: Kernel, text: string | Uint8Array): number {
  kernel.write(stdout, text);
  return 0;
}
