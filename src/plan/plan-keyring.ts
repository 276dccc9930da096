/**
 * The session keyring of a container, as runc names it: `exec` joins the same one by name. Pure.
 * [man session-keyring.7, keyctl.2]
 */
import type { InitStep } from './init-step.ts';

/** KEY_USR_SEARCH, and KEY_OTH_SEARCH where the container's users are others to the key's owner. */
const searchByOwner = 0x80000;
const searchByOthers = 0x8;

export function planKeyring(id: string, noNewKeyring: boolean, userNamespace: boolean): InitStep | undefined {
  if (noNewKeyring) return undefined;
  return { kind: 'joinKeyring', name: `_ses.${id}`, permission: userNamespace ? searchByOthers : searchByOwner };
}
