/**
 * The process of `exec` without --process: that of config.json as it was at create, changed by the flags. Pure. The result is
 * a Process like any other: the caller passes it through check-carried-out.ts (labels) and plan-process.ts. [man runc-exec.8]
 */
import type { ExecRequest } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Capabilities, Process, User } from '../spec/config-types.ts';
import { parseId, parseUserOption } from './parse-user-option.ts';

/** Throws kind 'usage' for flags that make no sense. */
export function planExecProcess(base: Process, request: ExecRequest): Process {
  if (request.args.length === 0) throw usage('exec args cannot be empty');
  if (request.cwd !== undefined && !request.cwd.startsWith('/')) throw usage('--cwd: Cwd must be an absolute path');
  for (const entry of request.env) {
    if (entry.indexOf('=') <= 0) throw usage(`--env: ${JSON.stringify(entry)}: missing '=' (write NAME=VALUE)`);
  }
  return {
    ...base,
    args: request.args,
    cwd: request.cwd ?? base.cwd,
    env: [...(base.env ?? []), ...request.env],
    user: planUser(base.user, request),
    // Never the config's: whether exec has a terminal is said by -t alone.
    terminal: request.tty,
    noNewPrivileges: request.noNewPrivileges || base.noNewPrivileges === true,
    ...(request.apparmor === undefined ? {} : { apparmorProfile: request.apparmor }),
    ...(request.processLabel === undefined ? {} : { selinuxLabel: request.processLabel }),
    ...(request.capabilities.length === 0
      ? {}
      : { capabilities: addCapabilities(base.capabilities ?? {}, request.capabilities) }),
  };
}

function planUser(base: User | undefined, request: ExecRequest): User {
  const user = base ?? { uid: 0, gid: 0 };
  const option = request.user === undefined ? undefined : parseUserOption(request.user);
  const added = request.additionalGids.map((text) => parseId(text, '--additional-gids', 'gid'));
  return {
    ...user,
    uid: option?.uid ?? user.uid,
    gid: option?.gid ?? user.gid,
    additionalGids: [...(user.additionalGids ?? []), ...added],
  };
}

/** Rule B10: never inheritable by a flag, and ambient only where the spec made it inheritable. [CVE-2022-29162] */
function addCapabilities(base: Capabilities, names: readonly string[]): Capabilities {
  const inheritable = base.inheritable ?? [];
  return {
    ...base,
    bounding: union(base.bounding, names),
    effective: union(base.effective, names),
    permitted: union(base.permitted, names),
    ambient: union(
      base.ambient,
      names.filter((name) => inheritable.includes(name)),
    ),
  };
}

function union(list: readonly string[] | undefined, names: readonly string[]): readonly string[] {
  return [...new Set([...(list ?? []), ...names])];
}

function usage(message: string): RuntimeError {
  return new RuntimeError({ kind: 'usage', message });
}
