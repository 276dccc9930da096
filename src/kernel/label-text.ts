/** Labels of security modules as text. Pure. [man proc_pid_attr.5] */

/** The kernel ends some labels with NUL, some with a newline. */
export function trimLabel(text: string): string {
  let end = text.length;
  while (end > 0 && (text.charCodeAt(end - 1) === 0 || text.charCodeAt(end - 1) === 10)) end--;
  return text.slice(0, end);
}
