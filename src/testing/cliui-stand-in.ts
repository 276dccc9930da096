/** yargs asks for cliui when it prints help. Ours comes from src/cli/help-text.ts, so this is never called. */
export default function cliui(): never {
  throw new Error('yargs prints nothing here');
}
