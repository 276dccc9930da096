/**
 * What the list of mounts alone can tell: destinations that would replace /, /proc or /sys by something else, mounts without a
 * type or source, id mappings that cannot be had. Pure and lexical: it is an early, clear answer, not the protection. Where a
 * destination really lies is decided, and verified, when it is opened inside the root (rules B3 and B6).
 * [spec config.md#mounts] [CVE-2019-16884] [CVE-2023-28642]
 */
import { checkIdMappings } from './check-id-mappings.ts';
import type { Mount } from './config-types.ts';
import { addFault, addWarning, isSound, type Report, showValue } from './fault.ts';

/** Files of procfs that lxcfs emulates, and the two sysctls that checkpointing and FIPS images mount: as runc. */
const mountableInProc: ReadonlySet<string> = new Set([
  '/proc/cpuinfo',
  '/proc/diskstats',
  '/proc/meminfo',
  '/proc/stat',
  '/proc/swaps',
  '/proc/uptime',
  '/proc/loadavg',
  '/proc/slabinfo',
  '/proc/sys/kernel/ns_last_pid',
  '/proc/sys/crypto/fips_enabled',
]);

export function checkMounts(mounts: readonly Mount[], hasUserNamespace: boolean, report: Report): void {
  for (let i = 0; i < mounts.length; i++) {
    const mount = mounts[i];
    if (mount !== undefined) checkMount(mount, i, hasUserNamespace, report);
  }
}

function checkMount(mount: Mount, index: number, hasUserNamespace: boolean, report: Report): void {
  const options = mount.options;
  let isBind = mount.type === 'bind';
  let isIdMapped = false;
  let isRemount = false;
  if (options !== undefined) {
    for (let i = 0; i < options.length; i++) {
      const option = options[i];
      if (option === 'bind' || option === 'rbind') isBind = true;
      else if (option === 'idmap' || option === 'ridmap') isIdMapped = true;
      else if (option === 'remount') isRemount = true;
    }
  }
  checkDestination(mount, isBind, index, report);
  if (isBind ? isEmpty(mount.source) : isEmpty(mount.type) && !isRemount) {
    const key = isBind ? 'source' : 'type';
    const right = isBind ? 'write the path to bind' : 'write the file system, or add "bind" to the options';
    addFault(
      report,
      `/mounts/${index}/${key}`,
      isBind ? 'is missing: this is a bind mount' : 'is missing: this is no bind mount',
      right,
    );
  }
  const hasMappings = mount.uidMappings !== undefined || mount.gidMappings !== undefined;
  if (hasMappings && checkMappings(mount, `/mounts/${index}`, report)) isIdMapped = true;
  else if (isIdMapped && !hasUserNamespace) {
    const what = 'idmap needs a mapping, and there is no user namespace to take it from';
    const right = 'write uidMappings and gidMappings, or the option idmap=uids=0-1000-1;gids=0-1000-1';
    addFault(report, `/mounts/${index}/uidMappings`, what, right);
  }
  if (isIdMapped && (!isBind || isRemount)) {
    const what = 'id-mapped mounts are only supported for bind mounts';
    addFault(report, `/mounts/${index}`, what, 'remove idmap, ridmap, uidMappings and gidMappings');
  }
}

/** false: both lists are empty, which asks for nothing. [spec config.md#posix-platform-mounts] */
function checkMappings(mount: Mount, pointer: string, report: Report): boolean {
  const { uidMappings = [], gidMappings = [] } = mount;
  if (uidMappings.length === 0 && gidMappings.length === 0) return false;
  const missing = uidMappings.length === 0 ? 'uidMappings' : gidMappings.length === 0 ? 'gidMappings' : undefined;
  if (missing !== undefined && isSound(report, `${pointer}/${missing}`)) {
    addFault(report, `${pointer}/${missing}`, 'is missing: uidMappings and gidMappings belong together');
  }
  checkIdMappings(uidMappings, `${pointer}/uidMappings`, report);
  checkIdMappings(gidMappings, `${pointer}/gidMappings`, report);
  return true;
}

function checkDestination(mount: Mount, isBind: boolean, index: number, report: Report): void {
  const destination = mount.destination;
  const isAbsolute = destination.charCodeAt(0) === 47;
  if (!isAbsolute) {
    const what = `is relative, which is deprecated: taken as ${showValue(`/${destination}`)}`;
    addWarning(report, `/mounts/${index}/destination`, what);
  }
  const path = isAbsolute && isClean(destination) ? destination : cleanPath(destination);
  const first = path.charCodeAt(1);
  if (path === '/') {
    addFault(
      report,
      `/mounts/${index}/destination`,
      'must not be /: the root comes from /root/path',
      'write a path below /',
    );
  } else if (first === 112) {
    checkProc(path, mount, isBind, index, report);
  } else if (first === 115 && path === '/sys' && mount.type !== 'sysfs' && !isBind) {
    const what = `must not be covered by ${showValue(mount.type ?? '')}: /sys is for sysfs or a bind of it`;
    addFault(report, `/mounts/${index}/destination`, what, 'write "type": "sysfs"');
  }
}

/** A fake /proc would swallow the writes of security labels, and uncover what is masked [CVE-2019-16884]. */
function checkProc(path: string, mount: Mount, isBind: boolean, index: number, report: Report): void {
  if (path === '/proc') {
    // Whether the source of a bind is a procfs is verified when it is opened.
    if (mount.type === 'proc' || isBind) return;
    const what = `must not be covered by ${showValue(mount.type ?? '')}: /proc is for proc or a bind of it`;
    addFault(report, `/mounts/${index}/destination`, what, 'write "type": "proc"');
  } else if (path.startsWith('/proc/') && !mountableInProc.has(path)) {
    addFault(report, `/mounts/${index}/destination`, `must not be inside /proc (got ${showValue(mount.destination)})`);
  }
}

/** Whether an absolute path has no empty, . or .. component and no trailing slash. May say no for /.hidden: then cleaned. */
function isClean(path: string): boolean {
  return !path.includes('/.') && !path.includes('//') && path.charCodeAt(path.length - 1) !== 47;
}

/** Lexically, from /: what the path names if no component is a symbolic link. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const component of path.split('/')) {
    if (component === '..') kept.pop();
    else if (component !== '' && component !== '.') kept.push(component);
  }
  return `/${kept.join('/')}`;
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text === '';
}
