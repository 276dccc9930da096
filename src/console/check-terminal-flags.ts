export interface TerminalFlags {
  readonly terminal: boolean;
  /** create, or run/exec --detach. */
  readonly detach: boolean;
  readonly consoleSocket: string | undefined;
}
/** Throws kind 'usage' with runc's texts. */
export declare function checkTerminalFlags(flags: TerminalFlags): void;
