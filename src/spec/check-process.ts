/**
 * A process beyond its schema: limits, capability sets, scheduling values that exclude each other. Also checks the file of
 * `exec --process`. Pure. [spec config.md#process] [man setrlimit.2] [man sched_setattr.2]
 */
import { checkCapabilities } from './check-capabilities.ts';
import type { Process, Rlimit, Scheduler } from './config-types.ts';
import { addFault, emptyReport, type Fault, isSound, type Report } from './fault.ts';
import { validateProcess } from './generated/validate.js';
import { parseNumberList } from './parse-number-list.ts';
import { schemaFaults } from './schema-faults.ts';
import { soundPart } from './sound-part.ts';

export type ProcessCheck =
  | { readonly process: Process; readonly faults?: undefined; readonly warnings: readonly Fault[] }
  | { readonly faults: readonly Fault[]; readonly warnings: readonly Fault[] };

/** The parsed file of `exec --process`: a Process, or every fault of it with pointers from the file's root. */
export function checkProcess(value: unknown): ProcessCheck {
  if (validateProcess(value)) {
    const report = emptyReport();
    checkProcessMeaning(value as Process, '', report);
    if (report.faults.length === 0) return { process: value as Process, warnings: report.warnings };
    return { faults: report.faults, warnings: report.warnings };
  }
  const faults = schemaFaults(validateProcess.errors ?? [], value);
  const report: Report = { faults, warnings: [], unsound: faults.map((fault) => fault.pointer) };
  if (!faults.some((fault) => fault.pointer === ''))
    checkProcessMeaning(soundPart(value as object, faults) as Process, '', report);
  return { faults: report.faults, warnings: report.warnings };
}

/** `pointer` is that of the process: '/process' in config.json. */
export function checkProcessMeaning(process: Process, pointer: string, report: Report): void {
  if (process.rlimits !== undefined) checkRlimits(process.rlimits, `${pointer}/rlimits`, report);
  if (process.capabilities !== undefined) checkCapabilities(process.capabilities, `${pointer}/capabilities`, report);
  if (process.scheduler !== undefined) checkScheduler(process.scheduler, `${pointer}/scheduler`, report);
  for (const key of ['initial', 'final'] as const) {
    const wrong = parseNumberList(process.execCPUAffinity?.[key] ?? '');
    if (typeof wrong === 'string') addFault(report, `${pointer}/execCPUAffinity/${key}`, wrong);
  }
  if (process.commandLine !== undefined && process.commandLine !== '') {
    addFault(report, `${pointer}/commandLine`, 'is for Windows only', 'write args');
  }
  const size = process.consoleSize;
  // Without a terminal it MUST be ignored, whatever it says. struct winsize holds 16 bits.
  if (size !== undefined && process.terminal === true && (size.height > 65535 || size.width > 65535)) {
    addFault(report, `${pointer}/consoleSize`, 'must be at most 65535 in height and width');
  }
}

function checkRlimits(rlimits: readonly Rlimit[], pointer: string, report: Report): void {
  const seen = rlimits.length > 1 ? new Set<string>() : undefined;
  for (let i = 0; i < rlimits.length; i++) {
    const limit = rlimits[i];
    if (limit === undefined) continue;
    if (limit.soft > limit.hard) {
      addFault(report, `${pointer}/${i}/soft`, `must not be above hard (${limit.soft} > ${limit.hard})`);
    }
    if (seen?.has(limit.type))
      addFault(report, `${pointer}/${i}`, `duplicate ${limit.type}: it is listed before`, 'remove one');
    seen?.add(limit.type);
  }
}

function checkScheduler(scheduler: Scheduler, pointer: string, report: Report): void {
  const policy = scheduler.policy;
  if (policy === undefined) return;
  const isRealTime = policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
  if (isSound(report, `${pointer}/priority`))
    checkPriority(scheduler, policy, isRealTime, `${pointer}/priority`, report);
  if (policy === 'SCHED_DEADLINE') {
    if (!isSound(report, pointer)) return;
    checkDeadline(scheduler, pointer, report);
    return;
  }
  for (const key of ['runtime', 'deadline', 'period'] as const) {
    const value = scheduler[key];
    if (value !== undefined && value !== 0)
      addFault(report, `${pointer}/${key}`, `needs the policy SCHED_DEADLINE (got ${policy})`);
  }
}

function checkPriority(
  scheduler: Scheduler,
  policy: string,
  isRealTime: boolean,
  pointer: string,
  report: Report,
): void {
  const { priority = 0, flags = [] } = scheduler;
  // The process then stays with the policy it has, and the number is that one's.
  const keepsPolicy = flags.includes('SCHED_FLAG_KEEP_POLICY');
  if (!isRealTime && priority !== 0) {
    addFault(report, pointer, `needs the policy SCHED_FIFO or SCHED_RR (got ${policy})`);
  } else if (isRealTime && priority === 0 && !keepsPolicy) {
    addFault(report, pointer, `must be 1 to 99 for ${policy}`);
  }
}

/** runtime <= deadline <= period, and what the kernel can count. A period that is 0 or absent is the deadline. */
function checkDeadline(scheduler: Scheduler, pointer: string, report: Report): void {
  const { runtime = 0, deadline = 0, period = 0 } = scheduler;
  const periodIsGiven = Number(period) !== 0;
  if (runtime < leastRuntime) {
    addFault(report, `${pointer}/runtime`, `must be at least ${leastRuntime} ns for SCHED_DEADLINE (got ${runtime})`);
  }
  if (deadline < runtime) {
    addFault(report, `${pointer}/deadline`, `must not be below runtime (${deadline} < ${runtime})`);
  }
  if (periodIsGiven && period < deadline) {
    addFault(report, `${pointer}/period`, `must not be below deadline (${period} < ${deadline})`);
  }
  if (deadline > longestDeadline || period > longestDeadline) {
    addFault(report, pointer, `must have a deadline and a period of at most ${longestDeadline} ns`);
  }
}

/** kernel/sched/deadline.c: less would be lost in the rounding; the highest bit is a sign. */
const leastRuntime = 1024;
const longestDeadline = 2n ** 63n - 1n;
