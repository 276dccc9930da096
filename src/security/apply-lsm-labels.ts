/**
 * Tells AppArmor and SELinux what the next execve of the calling process makes of it, and reads that back (rule B12). The
 * files are opened below a directory of a verified procfs, and where nothing that is mounted over a part of it is crossed
 * (rule B6): a label written to anything else would be a container without it. [CVE-2019-16884] [CVE-2025-52881]
 * Only the process itself may write them, with the memory that it had when it opened them. [man proc_pid_attr.5]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import {
  O_RDWR,
  O_WRONLY,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { trimLabel } from '../kernel/label-text.ts';
import type { LabelPlan, PlannedLabel } from './plan-lsm-labels.ts';

const resolveInProc = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;

export interface OpenedLabels {
  readonly apparmor: Fd | undefined;
  readonly selinux: Fd | undefined;
}

/** processDirectory: that of the calling process, in a verified procfs. */
export function openLabels(kernel: Kernel, processDirectory: Fd, { apparmor, selinux }: LabelPlan): OpenedLabels {
  const open = (name: string, label: PlannedLabel | undefined): Fd | undefined =>
    label === undefined ? undefined : openAttribute(kernel, processDirectory, name, O_RDWR, label);
  return { apparmor: open('attr/apparmor/exec', apparmor), selinux: open('attr/exec', selinux) };
}

function openAttribute(kernel: Kernel, directory: Fd, name: string, flags: number, { pointer }: PlannedLabel): Fd {
  try {
    return kernel.openat2(directory, name, flags, 0, resolveInProc);
  } catch (error) {
    throw error instanceof RuntimeError ? error.with({ pointer }) : error;
  }
}

/** [order] after the hooks of the runtime, whose programs would get the labels; closes the files. */
export function applyLabels(kernel: Kernel, opened: OpenedLabels, { apparmor, selinux }: LabelPlan): void {
  if (opened.apparmor !== undefined && apparmor !== undefined) applyAppArmor(kernel, opened.apparmor, apparmor);
  if (opened.selinux !== undefined && selinux !== undefined) applySelinux(kernel, opened.selinux, selinux);
}

function applyAppArmor(kernel: Kernel, file: Fd, asked: PlannedLabel): void {
  const { label, pointer } = asked;
  const operation = `apply the AppArmor profile ${JSON.stringify(label)}`;
  writeLabel(kernel, file, `exec ${label}`, operation, asked, {
    ENOENT: 'no profile with this name is loaded: aa-status lists them, apparmor_parser loads one',
    EACCES: 'runt itself is confined by a profile that does not allow this change',
    EPERM: 'runt itself is confined by a profile that does not allow this change',
    EINVAL: 'AppArmor does not take this as the name of a profile',
  });
  const now = readLabel(kernel, file);
  if (isProfile(now, label)) return;
  throw new RuntimeError({ kind: 'kernel', operation, pointer, message: `the kernel kept ${JSON.stringify(now)}` });
}

/** "name (enforce)", or "unconfined"; of stacked profiles, "a//&b", the kernel says the names in an order of its own. */
function isProfile(now: string, asked: string): boolean {
  const mode = now.lastIndexOf(' (');
  return sortedNames(mode === -1 ? now : now.slice(0, mode)) === sortedNames(asked);
}

/** ":ns:name" and ":ns://name" are the same profile of another namespace. */
function sortedNames(label: string): string {
  const names = label.split('//&').map((name) => {
    const end = name.charCodeAt(0) === 58 ? name.indexOf(':', 1) + 1 : 0;
    return end > 0 && name.startsWith('//', end) ? name.slice(0, end) + name.slice(end + 2) : name;
  });
  return names.sort().join('//&');
}

function applySelinux(kernel: Kernel, file: Fd, asked: PlannedLabel): void {
  const { label, pointer } = asked;
  const operation = `apply the SELinux label ${JSON.stringify(label)}`;
  writeLabel(kernel, file, label, operation, asked, selinuxHints);
  const now = readLabel(kernel, file);
  if (isContext(now, label)) return;
  throw new RuntimeError({ kind: 'kernel', operation, pointer, message: `the kernel kept ${JSON.stringify(now)}` });
}

const selinuxHints = {
  EINVAL: 'the loaded policy does not know this context (user:role:type:level)',
  EACCES: 'the policy does not allow runt to give this label',
  EPERM: 'the policy does not allow runt to give this label',
};

/** User, role and type as they are; the kernel writes levels in a form of its own (c1,c2,c3 is c1.c3). */
function isContext(now: string, asked: string): boolean {
  const first = (text: string): string => text.split(':', 3).join(':');
  return first(now) === first(asked) && now.split(':').length === asked.split(':').length;
}

/** The label of the keys that the process makes: its session keyring. Does nothing without an SELinux label. */
export function applyKeyLabel(kernel: Kernel, processDirectory: Fd, asked: PlannedLabel | undefined): void {
  if (asked === undefined) return;
  const file = openAttribute(kernel, processDirectory, 'attr/keycreate', O_WRONLY, asked);
  const operation = `give the session keyring the SELinux label ${JSON.stringify(asked.label)}`;
  writeLabel(kernel, file, asked.label, operation, asked, selinuxHints);
  kernel.close(file);
}

function writeLabel(
  kernel: Kernel,
  file: Fd,
  text: string,
  operation: string,
  { pointer }: PlannedLabel,
  hints: { readonly [errno: string]: string },
): void {
  try {
    kernel.write(file, text);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const hint = hints[error.fields.errno ?? ''];
    throw error.with({ pointer, ...(hint === undefined ? {} : { hint }) }).within(operation);
  }
}

const labelLimitBytes = 65536;

function readLabel(kernel: Kernel, file: Fd): string {
  const text = kernel.readAll(file, labelLimitBytes);
  kernel.close(file);
  return trimLabel(text);
}
