/**
 * The text of crun's mount option idmap=uids=0-1000-10#@10-20-5;gids=0-100-10 -> two maps. Each triplet is (id in the file
 * system)-(id that is shown)-(how many); # separates them; with @ the second id is one of the container's user namespace.
 * Pure. [man crun.1 "idmap mount options"]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { checkIdMappings } from '../spec/check-id-mappings.ts';
import type { Config, IdMapping } from '../spec/config-types.ts';
import { emptyReport } from '../spec/fault.ts';
import { formatIdMap } from '../spec/format-id-map.ts';

export interface ParsedIdMaps {
  readonly uidMap: string;
  readonly gidMap: string;
}

/** `pointer` is that of the option. */
export function parseIdMapOption(text: string, linux: Config['linux'], pointer: string): ParsedIdMaps {
  const maps = { uids: '', gids: '' };
  for (const part of text.split(';')) {
    const kind = part.startsWith('uids=') ? 'uids' : part.startsWith('gids=') ? 'gids' : undefined;
    if (kind === undefined || maps[kind] !== '') throw refuse(pointer, part, 'write uids=...;gids=...');
    const own = kind === 'uids' ? linux?.uidMappings : linux?.gidMappings;
    const mappings = part
      .slice(5)
      .split('#')
      .map((triplet) => parseTriplet(triplet, own, pointer));
    const report = emptyReport();
    checkIdMappings(mappings, '', report);
    if (report.faults.length > 0) throw refuse(pointer, part, 'ranges overlap, or reach beyond the last id');
    maps[kind] = formatIdMap(mappings, pointer);
  }
  if (maps.uids === '' || maps.gids === '') throw refuse(pointer, text, 'both uids= and gids= are needed');
  return { uidMap: maps.uids, gidMap: maps.gids };
}

const triplets = /^(@?)(\d{1,10})-(\d{1,10})-(\d{1,10})$/;

function parseTriplet(text: string, own: readonly IdMapping[] | undefined, pointer: string): IdMapping {
  const match = triplets.exec(text);
  if (match === null) throw refuse(pointer, text, 'write numbers: 0-1000-10');
  const [containerID, shown, size] = [Number(match[2]), Number(match[3]), Number(match[4])];
  if (size === 0) throw refuse(pointer, text, 'the size must not be 0');
  if (match[1] === '') return { containerID, hostID: shown, size };
  const range = own?.find((each) => shown >= each.containerID && shown + size <= each.containerID + each.size);
  if (range === undefined)
    throw refuse(pointer, text, 'no one mapping of the container’s user namespace holds all of it');
  return { containerID, hostID: shown - range.containerID + range.hostID, size };
}

function refuse(pointer: string, text: string, hint: string): RuntimeError {
  return new RuntimeError({ kind: 'spec', pointer, message: `is no id mapping: ${JSON.stringify(text)}`, hint });
}
