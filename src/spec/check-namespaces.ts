/**
 * linux.namespaces against itself and against what needs a namespace: names, time offsets, hidden paths, mappings.
 * Pure. What only the kernel can tell (is the path a namespace of that type?) is asked when it is joined.
 * [spec config-linux.md#namespaces] [man namespaces.7]
 */
import { checkIdMappings } from './check-id-mappings.ts';
import type { Config, Linux, Namespace, NamespaceType } from './config-types.ts';
import { addFault, isSound, pointerToken, type Report } from './fault.ts';

/** The namespaces that a container gets of its own, new or joined. */
export type NamespaceTable = { readonly [type in NamespaceType]?: Namespace };

const longestName = 64;

export function checkNamespaces(config: Config, linux: Linux, report: Report): NamespaceTable {
  const table = tableOf(linux, report);
  checkNames(config, table, report);
  checkUser(linux, table, report);
  checkTime(linux, table, report);
  checkNeedsMount(linux, table, report);
  return table;
}

function tableOf(linux: Linux, report: Report): NamespaceTable {
  const table: { [type in NamespaceType]?: Namespace } = {};
  const list = linux.namespaces ?? [];
  for (let i = 0; i < list.length; i++) {
    const namespace = list[i];
    if (namespace === undefined) continue;
    if (table[namespace.type] !== undefined) {
      addFault(
        report,
        `/linux/namespaces/${i}`,
        `is a duplicate: a namespace of type ${namespace.type} is listed before`,
        'remove one',
      );
    }
    table[namespace.type] = namespace;
  }
  return table;
}

/** True where the absence of the namespace is certain, so that it can be held against the file. */
function lacks(table: NamespaceTable, type: NamespaceType, report: Report): boolean {
  return table[type] === undefined && isSound(report, '/linux/namespaces');
}

function checkNames(config: Config, table: NamespaceTable, report: Report): void {
  checkName('hostname', config.hostname, table, report);
  checkName('domainname', config.domainname, table, report);
}

function checkName(
  key: 'hostname' | 'domainname',
  name: string | undefined,
  table: NamespaceTable,
  report: Report,
): void {
  if (name === undefined || name === '') return;
  if (lacks(table, 'uts', report)) {
    addFault(
      report,
      `/${key}`,
      `needs a uts namespace: without one it would rename the host`,
      'add {"type": "uts"} to /linux/namespaces',
    );
  }
  // Each UTF-16 unit is at least one byte of UTF-8 and at most three.
  if (name.length * 3 > longestName && utf8Length(name) > longestName) {
    addFault(report, `/${key}`, `must be at most ${longestName} bytes (got ${utf8Length(name)})`);
  }
}

function checkUser(linux: Linux, table: NamespaceTable, report: Report): void {
  const user = table.user;
  const uid = linux.uidMappings;
  const gid = linux.gidMappings;
  if (user === undefined) {
    if (!lacks(table, 'user', report)) return;
    const right = 'add {"type": "user"} to /linux/namespaces';
    if (uid !== undefined && uid.length > 0) addFault(report, '/linux/uidMappings', 'needs a user namespace', right);
    if (gid !== undefined && gid.length > 0) addFault(report, '/linux/gidMappings', 'needs a user namespace', right);
  } else if (user.path === undefined || user.path === '') {
    const right = 'write e.g. [{"containerID": 0, "hostID": 100000, "size": 65536}]';
    const what = 'is missing: a new user namespace without mappings can do nothing';
    if ((uid === undefined || uid.length === 0) && isSound(report, '/linux/uidMappings'))
      addFault(report, '/linux/uidMappings', what, right);
    if ((gid === undefined || gid.length === 0) && isSound(report, '/linux/gidMappings'))
      addFault(report, '/linux/gidMappings', what, right);
  }
  if (uid !== undefined) checkIdMappings(uid, '/linux/uidMappings', report);
  if (gid !== undefined) checkIdMappings(gid, '/linux/gidMappings', report);
}

function checkTime(linux: Linux, table: NamespaceTable, report: Report): void {
  const offsets = linux.timeOffsets;
  if (offsets === undefined) return;
  const clocks = Object.keys(offsets);
  for (const clock of clocks) {
    if (clock === 'monotonic' || clock === 'boottime') continue;
    addFault(
      report,
      `/linux/timeOffsets/${pointerToken(clock)}`,
      'is not a clock of a time namespace',
      'write "monotonic" or "boottime"',
    );
  }
  if (clocks.length === 0) return;
  if (lacks(table, 'time', report)) {
    addFault(report, '/linux/timeOffsets', 'needs a time namespace', 'add {"type": "time"} to /linux/namespaces');
  } else if (table.time?.path !== undefined && table.time.path !== '') {
    addFault(
      report,
      '/linux/timeOffsets',
      'cannot be set in a time namespace that is joined by path',
      'remove one of both',
    );
  }
}

/** As runc: hiding paths in the host's own mount namespace would hide them from the host. */
function checkNeedsMount(linux: Linux, table: NamespaceTable, report: Report): void {
  if (table.mount !== undefined) return;
  const right = 'add {"type": "mount"} to /linux/namespaces';
  for (const key of ['maskedPaths', 'readonlyPaths'] as const) {
    const list = linux[key];
    if (list !== undefined && list.length > 0 && lacks(table, 'mount', report)) {
      addFault(report, `/linux/${key}`, 'needs a mount namespace: without one it would change the host', right);
    }
  }
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // A surrogate pair is four bytes: two for each half.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
  }
  return bytes;
}
