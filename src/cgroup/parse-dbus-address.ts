/**
 * A D-Bus address as in $DBUS_SESSION_BUS_ADDRESS -> paths of Unix sockets, in order. Pure.
 * "unix:path=/run/user/1000/bus,guid=0123;unix:path=/tmp/x" [D-Bus specification, "Server Addresses"]
 */

/** Empty: no entry of the address is a socket with a path. runtimeDirectory: $XDG_RUNTIME_DIR. */
export function parseDbusAddress(address: string, runtimeDirectory: string | undefined): readonly string[] {
  const paths: string[] = [];
  for (const entry of address.split(';')) {
    if (!entry.startsWith('unix:')) continue;
    for (const pair of entry.slice('unix:'.length).split(',')) {
      if (pair.startsWith('path=')) {
        const path = decodeEscapes(pair.slice('path='.length));
        if (path?.[0] === '/') paths.push(path);
      } else if (pair === 'runtime=yes' && runtimeDirectory !== undefined) {
        paths.push(`${runtimeDirectory}/bus`);
      }
    }
  }
  return paths;
}

/** %xx; undefined: a % without two hexadecimal digits. Bytes above 0x7f stay escaped nowhere in practice: refused. */
function decodeEscapes(text: string): string | undefined {
  const parts = text.split('%');
  let result = parts[0] ?? '';
  for (const part of parts.slice(1)) {
    const code = hexDigit(part, 0) * 16 + hexDigit(part, 1);
    if (!(code > 0 && code < 0x80)) return undefined;
    result += String.fromCharCode(code) + part.slice(2);
  }
  return result;
}

/** NaN when it is none. */
function hexDigit(text: string, index: number): number {
  const at = '0123456789abcdef'.indexOf((text[index] ?? '?').toLowerCase());
  return at < 0 ? Number.NaN : at;
}
