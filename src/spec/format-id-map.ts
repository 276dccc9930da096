/**
 * A list of id mappings -> the text that the kernel reads from /proc/PID/uid_map or gid_map. Pure.
 * Ranges that overlap or leave 32 bits are refused before, by check-id-mappings.ts. [man user_namespaces.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { IdMapping } from './config-types.ts';

/** Lines that the kernel takes at most (since Linux 4.15), and one page less a byte for the text. */
const longestMapLines = 340;
const longestMapBytes = 4095;

/** `pointer` is that of the list. */
export function formatIdMap(mappings: readonly IdMapping[], pointer: string): string {
  let text = '';
  for (const { containerID, hostID, size } of mappings) text += `${containerID} ${hostID} ${size}\n`;
  if (mappings.length <= longestMapLines && text.length <= longestMapBytes) return text;
  throw new RuntimeError({
    kind: 'spec',
    pointer,
    message: `${mappings.length} mappings are more than the kernel takes (${longestMapLines} lines, ${longestMapBytes} bytes)`,
  });
}
