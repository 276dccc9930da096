/**
 * linux.seccomp against itself. Pure. Names of system calls are not checked: unknown ones are skipped when the filter is built,
 * as the specification's profiles list calls of every architecture and kernel. [spec config-linux.md#seccomp]
 */
import type { Seccomp, SeccompAction, SeccompSyscall } from './config-types.ts';
import { addFault, type Report } from './fault.ts';

const pointer = '/linux/seccomp';

export function checkSeccomp(seccomp: Seccomp, report: Report): void {
  checkErrno(seccomp.defaultErrnoRet, seccomp.defaultAction, `${pointer}/defaultErrnoRet`, report);
  if (seccomp.defaultAction === 'SCMP_ACT_NOTIFY') {
    const what = 'must not be SCMP_ACT_NOTIFY: the agent could never be told, as even that needs system calls';
    addFault(report, `${pointer}/defaultAction`, what);
  }
  if (seccomp.listenerMetadata !== undefined && seccomp.listenerMetadata !== '' && isAbsent(seccomp.listenerPath)) {
    addFault(report, `${pointer}/listenerMetadata`, 'must not be set without listenerPath');
  }
  const rules = seccomp.syscalls;
  if (rules === undefined) return;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i];
    if (rule !== undefined) checkRule(rule, i, report);
  }
}

function checkRule(rule: SeccompSyscall, index: number, report: Report): void {
  if (rule.errnoRet !== undefined)
    checkErrno(rule.errnoRet, rule.action, `${pointer}/syscalls/${index}/errnoRet`, report);
  if (rule.action !== 'SCMP_ACT_NOTIFY') return;
  for (const name of neededByRuntime) {
    const at = rule.names.indexOf(name);
    if (at === -1) continue;
    const what = `must not be ${name} with SCMP_ACT_NOTIFY: the runtime itself needs it to reach the agent`;
    addFault(report, `${pointer}/syscalls/${index}/names/${at}`, what);
  }
}

/** Between the loading of the filter and the moment at which the agent has its listener: nobody could answer. */
const neededByRuntime = ['write', 'sendmsg'];

/** Only two actions carry a number; for any other a given one MUST be an error. */
function checkErrno(errno: number | undefined, action: SeccompAction | undefined, at: string, report: Report): void {
  if (errno === undefined || action === undefined || action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE') return;
  addFault(report, at, `is given, but ${action} returns no errno`, 'remove it, or use SCMP_ACT_ERRNO');
}

function isAbsent(text: string | undefined): boolean {
  return text === undefined || text === '';
}
