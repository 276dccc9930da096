/** Lines of criu's log -> its errors in one line. Pure. */

const most = 4;
const longest = 300;

/**
 * criu tries several ways and says "Error" for each that fails: the first errors are often about nothing, the last ones only that
 * it all failed. So the last few, and the line before them, which often has the name of the file.
 */
export function formatCriuErrors(lines: readonly string[]): string {
  const errors = lines.flatMap((line, index) => (isError(line) ? [index] : [])).slice(-most);
  const [first] = errors;
  if (first === undefined) return '';
  const before = lines[first - 1];
  const shown = errors.map((index) => lines[index] as string);
  if (before !== undefined && !isError(before)) shown.unshift(before);
  return shown
    .map(printable)
    .filter((line) => line !== '')
    .join('; ');
}

/** Without CAP_SYS_RESOURCE every log has one about its own limit, which stops nothing. */
function isError(line: string): boolean {
  return line.includes('Error (') && !line.includes('RLIMIT_NOFILE');
}

/** Without the time, and without what a terminal would act on. */
function printable(line: string): string {
  let text = '';
  for (const character of line.replace(/^\([\d.]+\)\s*/, '')) {
    const code = character.charCodeAt(0);
    text += code < 32 || code === 127 ? ' ' : character;
  }
  return text.trim().slice(0, longest);
}
