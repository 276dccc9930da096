/**
 * newuidmap and newgidmap write the id maps that an ordinary user may not write: they are setuid root and look into /etc/subuid
 * and /etc/subgid. They are found by an absolute path in the host's mounts, before anything of the container exists, by the
 * PATH of the runtime's caller (never the container's) and then in the usual places; they get no environment.
 * [man newuidmap.1] [man subuid.5] [man user_namespaces.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { decodeUtf8 } from '../base/utf8.ts';
import { type HookEnd, runHookProcess } from '../hooks/run-hook-process.ts';
import { cwdFd } from '../kernel/fd.ts';
import { AT_EACCESS, CLD_EXITED, X_OK } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { MappingTools } from '../namespaces/plan-id-maps.ts';

type ToolName = keyof MappingTools;

/** A tool may ask a directory service for the ranges; one that hangs must not hang the runtime. */
const timeoutMs = 30_000;
const usualPlaces = ['/usr/bin', '/usr/local/bin', '/bin', '/usr/sbin', '/run/wrappers/bin'];
const pointers: { readonly [name in ToolName]: string } = {
  newuidmap: '/linux/uidMappings',
  newgidmap: '/linux/gidMappings',
};
const noInput = new Uint8Array(0);

/** pid: of the child, in the runtime's pid namespace; it waits, so the number stays its own. */
export function runMappingTools(kernel: Kernel, pid: number, tools: MappingTools): void {
  // [order] the groups first, as with maps that are written directly.
  if (tools.newgidmap !== undefined) runTool(kernel, 'newgidmap', pid, tools.newgidmap);
  if (tools.newuidmap !== undefined) runTool(kernel, 'newuidmap', pid, tools.newuidmap);
}

function runTool(kernel: Kernel, name: ToolName, pid: number, ranges: readonly string[]): void {
  const path = findTool(kernel, name);
  const args = [name, String(pid), ...ranges];
  const end = runHookProcess(kernel, { path, args, env: [], input: noInput, timeoutMs, directory: undefined });
  if (end.kind === 'ended' && end.code === CLD_EXITED && end.status === 0) return;
  throw describe(name, path, ranges, end);
}

function findTool(kernel: Kernel, name: ToolName): string {
  for (const directory of searchPath(kernel)) {
    const path = `${directory}/${name}`;
    if (kernel.faccessat2(cwdFd, path, X_OK, AT_EACCESS) === undefined) return path;
  }
  throw new RuntimeError({
    kind: 'spec',
    pointer: pointers[name],
    message: `needs ${name}, which is not installed: an ordinary user may map only the own id`,
    hint: 'install the package uidmap (shadow-utils), or map one id: containerID 0, hostID your own, size 1',
  });
}

/** Absolute directories only: what "." is depends on the bundle. */
function searchPath(kernel: Kernel): readonly string[] {
  const variable = kernel.environ().find((entry) => entry.startsWith('PATH='));
  const own = (variable ?? 'PATH=').slice('PATH='.length).split(':');
  return [...own.filter((directory) => directory.charCodeAt(0) === 47), ...usualPlaces];
}

function describe(name: ToolName, path: string, ranges: readonly string[], end: HookEnd): RuntimeError {
  const pointer = pointers[name];
  const operation = 'map the user and group ids of the container';
  if (end.kind === 'notStarted') {
    return new RuntimeError({ kind: 'kernel', operation, pointer, path, syscall: end.syscall, errno: end.errno });
  }
  const said = lastLine(end.stderr);
  const how =
    end.kind === 'timedOut'
      ? `did not finish within ${timeoutMs / 1000} s`
      : end.code === CLD_EXITED
        ? `failed with status ${end.status}`
        : `was killed by signal ${end.status}`;
  const file = name === 'newuidmap' ? '/etc/subuid' : '/etc/subgid';
  return new RuntimeError({
    kind: 'spec',
    operation,
    pointer,
    path,
    message: `${how} for ${formatRanges(ranges)}${said === '' ? '' : `, saying "${said}"`}`,
    hint: `the ranges must be yours in ${file}, and the tool setuid root where no_new_privs and nosuid do not stop it`,
  });
}

/** "0=1000+1 1=100000+65536": container, host, size. */
function formatRanges(ranges: readonly string[]): string {
  const shown: string[] = [];
  for (let i = 0; i + 2 < ranges.length && shown.length < 4; i += 3) {
    shown.push(`${ranges[i]}=${ranges[i + 1]}+${ranges[i + 2]}`);
  }
  return shown.length * 3 < ranges.length ? `${shown.join(' ')} ...` : shown.join(' ');
}

/** The tools print one sentence; what a terminal would act on is left out. */
function lastLine(bytes: Uint8Array): string {
  const lines = decodeUtf8(bytes).trim().split('\n');
  let line = '';
  for (const character of (lines.at(-1) ?? '').slice(0, 300)) {
    const code = character.charCodeAt(0);
    line += code < 32 || code === 127 ? ' ' : character;
  }
  return line.trim();
}
