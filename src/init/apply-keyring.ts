/**
 * A session keyring of the container's own, so that it does not inherit the caller's keys; exec joins the same one by name.
 * Behaviour of runc: a kernel without keyrings is no reason to stop, everything else is. [man session-keyring.7, keyctl.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Kernel } from '../kernel/kernel.ts';

export function applyKeyring(kernel: Kernel, name: string, permission: number): void {
  const key = joinOrUndefined(kernel, name);
  if (key === undefined) return;
  const current = permissionsOf(kernel.keyctlDescribe(key));
  if ((current & permission) !== permission) kernel.keyctlSetperm(key, (current | permission) >>> 0);
}

function joinOrUndefined(kernel: Kernel, name: string): number | undefined {
  try {
    return kernel.keyctlJoinSessionKeyring(name);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    if (error.fields.errno === 'ENOSYS') return undefined;
    const hint =
      error.fields.errno === 'EDQUOT'
        ? 'the user has too many keys (kernel.keys.maxkeys); --no-new-keyring makes none'
        : '--no-new-keyring makes none';
    throw error.with({ hint });
  }
}

/** "keyring;uid;gid;3f1b0000;_ses.web": the permissions in hexadecimal. */
function permissionsOf(description: string): number {
  const permissions = Number.parseInt(description.split(';', 4)[3] ?? '', 16);
  if (Number.isNaN(permissions)) throw new RuntimeError({ kind: 'bug', message: `unexpected key: ${description}` });
  return permissions;
}
