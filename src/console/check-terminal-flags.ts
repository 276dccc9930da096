/**
 * Which combinations of terminal, --detach and --console-socket make sense. Pure; asked before anything is created.
 * The sentences are runc's with our name, because engines and their tests look for them. [man runc-create.8]
 */
import { RuntimeError } from '../base/runtime-error.ts';

export interface TerminalFlags {
  /** process.terminal, or exec -t. */
  readonly terminal: boolean;
  /** create, or run/exec --detach. */
  readonly detach: boolean;
  readonly consoleSocket: string | undefined;
}

/** Throws kind 'usage'. */
export function checkTerminalFlags({ terminal, detach, consoleSocket }: TerminalFlags): void {
  const hasSocket = consoleSocket !== undefined && consoleSocket !== '';
  if (detach && terminal && !hasSocket) {
    throw new RuntimeError({
      kind: 'usage',
      message: 'cannot allocate tty if runt will detach without setting console socket',
      hint: 'give --console-socket, or set process.terminal to false',
    });
  }
  if (hasSocket && !(detach && terminal)) {
    throw new RuntimeError({
      kind: 'usage',
      message: 'cannot use console socket if runt will not detach or allocate tty',
      hint: 'leave out --console-socket, or set process.terminal to true and detach',
    });
  }
}
