/**
 * Valid properties that runt does not carry out yet are refused by name, never ignored. Whoever carries one out removes its row.
 * A value that asks for nothing (empty text, list or object) is accepted. Pure. [spec config.md#valid-values]
 */
import type { Config, Seccomp } from './config-types.ts';
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
  const seccomp = config.linux?.seccomp;
  if (seccomp !== undefined) checkSeccompCarriedOut(seccomp, faults);
  return faults;
}

/** A listenerPath without SCMP_ACT_NOTIFY is to be ignored, says the specification. */
function checkSeccompCarriedOut(seccomp: Seccomp, faults: Fault[]): void {
  const rules = seccomp.syscalls;
  if (rules === undefined) return;
  for (let i = 0; i < rules.length; i++) {
    if (rules[i]?.action === 'SCMP_ACT_NOTIFY') refuse(faults, `/linux/seccomp/syscalls/${i}/action`, 'seccomp notify');
  }
}

function refuse(faults: Fault[], pointer: string, name: string): void {
  faults.push({ pointer, what: `not carried out yet by runt: ${name}`, right: 'remove it' });
}
