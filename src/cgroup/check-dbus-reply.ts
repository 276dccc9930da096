/**
 * An answer of systemd as values, or its error in our words: the error's name of D-Bus, systemd's sentence, and what to do.
 * Pure. [org.freedesktop.systemd1.5]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { DbusCall, DbusReply, DbusValue } from './dbus-message.ts';

/** The values, or the error of D-Bus with its name. */
export function requireAnswer(call: Pick<DbusCall, 'member'>, reply: DbusReply): readonly DbusValue[] {
  if ('values' in reply) return reply.values;
  const hint = hints[reply.error];
  throw new RuntimeError({
    kind: 'kernel',
    message: `${call.member}: ${reply.text === '' ? 'refused' : reply.text} (${reply.error})`,
    ...(hint === undefined ? {} : { hint }),
  });
}

const ACCESS = 'only root may use the manager of the system; as an ordinary user runt speaks to systemd --user';
const hints: Readonly<Record<string, string>> = Object.freeze({
  'org.freedesktop.DBus.Error.AccessDenied': ACCESS,
  'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired': ACCESS,
  'org.freedesktop.DBus.Error.ServiceUnknown': 'systemd is not on this bus',
  'org.freedesktop.systemd1.UnitExists': 'another container or service has this unit: give it another cgroupsPath',
});
