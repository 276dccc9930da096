/**
 * AppArmor and SELinux of the fake kernel: what /proc/self/attr of a process says to writes, and what tells that the modules are
 * on. Two answers of Linux are kept: an AppArmor profile that is not loaded is ENOENT, an SELinux context that the policy does
 * not know is EINVAL. There is no machine with SELinux among those that the real tests run on, so this is its only witness.
 */
import { SELINUX_MAGIC } from '../kernel/flags.ts';
import { fail, type Tree } from './fake-world.ts';

export interface FakeLsm {
  /** Names of loaded profiles; undefined: AppArmor is off. */
  readonly apparmor?: readonly string[];
  /** Types that the policy knows; undefined: SELinux is off. */
  readonly selinux?: readonly string[];
}

/** What the module makes of a written text: what is read from the file from then on. */
type Attribute = { readonly $attribute: (written: string) => string };

function appArmorExec(profiles: readonly string[]): Attribute {
  return {
    $attribute(written) {
      const [command, name = ''] = [written.slice(0, 5), written.slice(5)];
      if (command !== 'exec ' || name === '') fail('write', 'EINVAL', '/proc/self/attr/apparmor/exec');
      if (name === 'unconfined') return 'unconfined\n';
      return profiles.includes(name) ? `${name} (enforce)\n` : fail('write', 'ENOENT', '/proc/self/attr/apparmor/exec');
    },
  };
}

function selinuxContext(types: readonly string[]): Attribute {
  return {
    $attribute(written) {
      const parts = written.split(':');
      if (parts.length < 4 || !types.includes(parts[2] ?? '')) fail('write', 'EINVAL', '/proc/self/attr/exec');
      return `${written}\0`;
    },
  };
}

/** /proc/self/attr */
export function attributeTree({ apparmor, selinux }: FakeLsm): Tree {
  return {
    ...(apparmor === undefined ? {} : { apparmor: { exec: appArmorExec(apparmor), current: 'unconfined\n' } }),
    ...(selinux === undefined
      ? {}
      : {
          exec: selinuxContext(selinux),
          keycreate: selinuxContext(selinux),
          current: 'system_u:system_r:container_runtime_t:s0\0',
        }),
  };
}

/** Below /sys; selinuxfs is covered by its own magic number. */
export function moduleTree({ apparmor }: FakeLsm): Tree {
  return apparmor === undefined ? {} : { module: { apparmor: { parameters: { enabled: 'Y\n' } } } };
}

export const selinuxfs = { magic: SELINUX_MAGIC, path: ['sys', 'fs', 'selinux'] } as const;
