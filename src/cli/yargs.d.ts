/** The types of yargs' own browser half serve for the whole: only what ask-yargs.ts uses. */
declare module 'yargs' {
  export { default } from 'yargs/browser';
}
