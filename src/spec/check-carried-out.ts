/**
 * Valid properties that runt does not carry out are refused by name, never ignored: those of other platforms. Everything for
 * Linux is carried out. Pure. [spec config.md#valid-values]
 */
import type { Config } from './config-types.ts';
import type { Fault } from './fault.ts';

interface Row<Of> {
  readonly key: keyof Of & string;
  readonly name: string;
}

const platformRows: readonly Row<Config>[] = [
  { key: 'freebsd', name: 'FreeBSD container' },
  { key: 'zos', name: 'z/OS container' },
  { key: 'solaris', name: 'Solaris container' },
  { key: 'windows', name: 'Windows container' },
  { key: 'vm', name: 'virtual machine' },
];

/** Every property of a checked config that runt would have to ignore. Empty: all of it is carried out. */
export function checkCarriedOut(config: Config): readonly Fault[] {
  const faults: Fault[] = [];
  for (const { key, name } of platformRows) {
    if (config[key] !== undefined)
      faults.push({ pointer: `/${key}`, what: `runt does not run this: ${name}`, right: 'use a config for Linux' });
  }
  return faults;
}
