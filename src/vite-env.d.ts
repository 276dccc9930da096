/** Only what src/architecture.test.ts uses of Vite: reading the sources as text. */
interface ImportMeta {
  glob<T>(pattern: string, options: { query: string; import: string; eager: boolean }): Record<string, T>;
}
