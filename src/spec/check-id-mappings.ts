/**
 * One list of id mappings against itself: the kernel refuses a map as a whole, with EINVAL and no word on which line.
 * Pure. [spec config-linux.md#user-namespace-mappings] [man user_namespaces.7]
 */
import type { IdMapping } from './config-types.ts';
import { addFault, type Report } from './fault.ts';

/** (uid_t)-1 ends the space of ids. */
const idEnd = 4294967295;

/** `pointer` is that of the list. */
export function checkIdMappings(list: readonly IdMapping[], pointer: string, report: Report): void {
  for (let i = 0; i < list.length; i++) {
    const entry = list[i];
    if (entry === undefined) continue;
    if (entry.containerID + entry.size > idEnd || entry.hostID + entry.size > idEnd) {
      addFault(report, `${pointer}/${i}`, `reaches beyond the last id, ${idEnd - 1}`, 'write a smaller size');
    }
  }
  if (list.length < 2) return;
  checkOverlap(list, 'containerID', pointer, report);
  checkOverlap(list, 'hostID', pointer, report);
}

/** Sorted by their start, ranges overlap if and only if two neighbours do. */
function checkOverlap(
  list: readonly IdMapping[],
  side: 'containerID' | 'hostID',
  pointer: string,
  report: Report,
): void {
  const entries = list.map((entry, index) => ({ entry, index })).filter(({ entry }) => entry !== undefined);
  entries.sort((a, b) => a.entry[side] - b.entry[side]);
  for (let i = 1; i < entries.length; i++) {
    const before = entries[i - 1];
    const after = entries[i];
    if (before === undefined || after === undefined) continue;
    if (before.entry[side] + before.entry.size > after.entry[side]) {
      const [first, second] = before.index < after.index ? [before, after] : [after, before];
      addFault(report, `${pointer}/${second.index}/${side}`, `overlaps the range of ${pointer}/${first.index}`);
    }
  }
}
