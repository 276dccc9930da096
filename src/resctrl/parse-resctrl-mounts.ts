/** Mount points of resctrl in the text of /proc/PID/mountinfo. Pure. [man proc_pid_mountinfo.5] */

/** In order; "\040" and the like are what they stand for again. */
export function parseResctrlMounts(mountinfo: string): readonly string[] {
  const found: string[] = [];
  for (const line of mountinfo.split('\n')) {
    const separator = line.indexOf(' - ');
    if (separator < 0 || !line.slice(separator).startsWith(' - resctrl ')) continue;
    const mountPoint = line.split(' ')[4];
    if (mountPoint !== undefined) found.push(unescapeOctal(mountPoint));
  }
  return found;
}

function unescapeOctal(text: string): string {
  if (!text.includes('\\')) return text;
  let plain = '';
  for (let i = 0; i < text.length; i++) {
    const code = text[i] === '\\' ? Number.parseInt(text.slice(i + 1, i + 4), 8) : Number.NaN;
    if (Number.isNaN(code)) plain += text[i];
    else {
      plain += String.fromCharCode(code);
      i += 3;
    }
  }
  return plain;
}
